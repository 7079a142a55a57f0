"""The contender that only sees: pictures decoded and run by one onnxruntime thread, in a loop.

``python -m tests.benchmarks.bare_ort MODEL FILE``: FILE holds the pictures, as msgpack. They are
prepared for the network as the detector does it; what the network says is not read. Prints frames
a second, and the processor cores kept busy.
"""

import sys
import time
from pathlib import Path

import cv2
import msgspec
import numpy as np

from models.network import Network
from streams.models import registry
from streams.settings import Settings

WARM_UP = 20


def main() -> None:
    model = registry(Settings()).load(sys.argv[1])
    detector = Network(model)
    jpegs = msgspec.msgpack.decode(Path(sys.argv[2]).read_bytes(), type=list[bytes])
    cv2.setNumThreads(1)
    began = used = 0.0
    for number, jpeg in enumerate([*jpegs[:WARM_UP], *jpegs]):
        if number == WARM_UP:
            began, used = time.monotonic(), time.process_time()
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        blob = detector.fit(np.asarray(image, np.uint8)).blobs
        model.session.run(None, {model.manifest.input.name: blob})
    took = time.monotonic() - began
    sys.stdout.write(f"{len(jpegs) / took} {(time.process_time() - used) / took}\n")


if __name__ == "__main__":
    main()
