"""YOLOX computed plainly, one loop a cell: written apart from the detector, to hold it against."""

import math

import cv2
import numpy as np
import onnxruntime as ort

from models.labels import CLASSES

SCORE, OVERLAP = 400, 450
"""Thousandths, as the manifest of yolox_nano has them."""
OF_COCO = {0: "person", 1: "two-wheeler", 2: "car", 3: "two-wheeler", 5: "bus", 7: "truck"}


def iou(a: tuple[int, ...], b: tuple[int, ...]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (both - width * height)


def bare_yolox(session: ort.InferenceSession, image: np.ndarray) -> list[tuple[int, ...]]:
    """(x0, y0, x1, y1 in tenths, class, thousandths), best first; one loop a cell."""
    height, width = image.shape[:2]
    scale = min(416 / height, 416 / width)
    small = cv2.resize(image, (int(width * scale), int(height * scale)))
    padded = np.full((416, 416, 3), 114, np.uint8)
    padded[: small.shape[0], : small.shape[1]] = small
    (output,) = session.run(None, {"images": padded.astype(np.float32).transpose(2, 0, 1)[None]})
    cells = [
        (column, row, stride)
        for stride in (8, 16, 32)
        for row in range(416 // stride)
        for column in range(416 // stride)
    ]
    candidates = []
    for number, ((column, row, stride), values) in enumerate(zip(cells, output[0], strict=True)):
        x, y, w, h, objectness, *classes = (float(value) for value in values)
        best = max(range(80), key=lambda index: classes[index])
        score = round(objectness * classes[best] * 1000)
        if score < SCORE or best not in OF_COCO:
            continue
        centre, size = ((column + x) * stride, (row + y) * stride), (math.exp(w), math.exp(h))
        box = [
            (centre[0] - size[0] * stride / 2) / scale,
            (centre[1] - size[1] * stride / 2) / scale,
            (centre[0] + size[0] * stride / 2) / scale,
            (centre[1] + size[1] * stride / 2) / scale,
        ]
        limits = (width, height, width, height)
        tenths = [round(min(max(v, 0), limit) * 10) for v, limit in zip(box, limits, strict=True)]
        label = CLASSES.index(OF_COCO[best])
        candidates.append((-score, number, (*tenths, label, score)))
    kept: list[tuple[int, ...]] = []
    for _, _, one in sorted(candidates):
        if all(one[4] != other[4] or iou(one[:4], other[:4]) <= OVERLAP / 1000 for other in kept):
            kept.append(one)
    return kept
