"""What a detector finds in films, how long it takes and what it needs: the figures of its card.

    python -m models.tried person-vehicle-bike-2004 FILM... --files FOLDER [--every 5]

One line a film: pictures, milliseconds of the processor a picture (median of fit
and find, whatever else the machine does), and what is found in a
picture on average, as many boxes of each class as may begin something and, after a +, as may only
continue it. The last line is the process's largest memory.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.detector import Detector
from models.labels import VOCABULARIES
from models.loader import load_detector
from models.registry import Registry
from models.thresholds import BEGIN


def pictures(film: Path, every: int) -> Iterator[NDArray[np.uint8]]:
    """Every so many of its pictures; raises ValueError where there is none."""
    capture, number = cv2.VideoCapture(str(film)), 0
    while capture.grab():
        if number % every == 0:
            there, image = capture.retrieve()
            if there:
                yield np.asarray(image, np.uint8)
        number += 1
    if not number:
        raise ValueError(f"{film} has no picture")


def tried(detector: Detector, film: Path, every: int) -> str:
    """The line of one film; see above."""
    names = VOCABULARIES[detector.manifest.task]
    begin, go_on = np.zeros(len(names)), np.zeros(len(names))
    took = []
    for image in pictures(film, every):
        start = time.process_time()
        found = detector.detect(image)
        took.append(time.process_time() - start)
        strong = found.thousandths() >= BEGIN
        begin += np.bincount(found.classes[strong], minlength=len(names))
        go_on += np.bincount(found.classes[~strong], minlength=len(names))
    each = " ".join(
        f"{name} {first / len(took):.2f}+{more / len(took):.2f}"
        for name, first, more in zip(names, begin, go_on, strict=True)
        if first or more
    )
    return (
        f"{film.name}: {len(took)} pictures, {1000 * np.median(took):.1f} ms, {each or 'nothing'}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--files", type=Path, help="folder of third-party models")
    parser.add_argument("--every", type=int, default=5, help="every so many pictures of a film")
    arguments = parser.parse_args()
    models = Registry([arguments.files] if arguments.files else [])
    detector = load_detector(models, arguments.model, models.find(arguments.model).task)
    for film in arguments.films:
        print(tried(detector, film, arguments.every), flush=True)
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
