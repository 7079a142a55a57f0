"""The contender that only sees: pictures decoded and run by one onnxruntime thread, in a loop.

``python -m tests.benchmarks.bare_ort MODEL FILE``: FILE holds the pictures, as msgpack. What the
network says is not read. Prints frames a second.
"""

import sys
import time
from pathlib import Path

import cv2
import msgspec
import numpy as np

from streams.models import registry
from streams.settings import Settings

WARM_UP = 20


def main() -> None:
    model = registry(Settings()).load(sys.argv[1])
    jpegs = msgspec.msgpack.decode(Path(sys.argv[2]).read_bytes(), type=list[bytes])
    cv2.setNumThreads(1)
    height, width = model.manifest.input.shape[2:]
    name = model.manifest.input.name
    began = 0.0
    for number, jpeg in enumerate([*jpegs[:WARM_UP], *jpegs]):
        if number == WARM_UP:
            began = time.monotonic()
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        scale = min(height / image.shape[0], width / image.shape[1])
        fitted = int(image.shape[1] * scale), int(image.shape[0] * scale)
        box = np.full((height, width, 3), 114, np.uint8)
        box[: fitted[1], : fitted[0]] = cv2.resize(image, fitted)
        model.session.run(None, {name: box.transpose(2, 0, 1)[None].astype(np.float32)})
    sys.stdout.write(f"{len(jpegs) / (time.monotonic() - began)}\n")


if __name__ == "__main__":
    main()
