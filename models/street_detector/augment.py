"""What weather, optics and other cameras do to a picture, so that the detector has seen it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.pictures import Picture
from models.street_detector.shape import EDGE, HEIGHT, WIDTH
from models.street_detector.targets import Targets, targets


def sample(
    picture: Picture, random: np.random.Generator, *, vary: bool = True
) -> tuple[NDArray[np.uint8], Targets]:
    """(input [HEIGHT, WIDTH, 3] BGR, its targets), varied at random."""
    image, boxes = picture.image(), picture.boxes.copy()
    visible = picture.visible.copy()
    scale = min(WIDTH / image.shape[1], HEIGHT / image.shape[0])
    x = y = 0.0
    if vary and random.random() < 0.6:
        scale *= float(np.exp(random.uniform(np.log(0.75), np.log(1.4))))
        x = random.uniform(-0.15, 0.15) * WIDTH + min(0.0, (WIDTH - image.shape[1] * scale) / 2)
        y = random.uniform(-0.15, 0.15) * HEIGHT + min(0.0, (HEIGHT - image.shape[0] * scale) / 2)
    move = np.array([[scale, 0, x], [0, scale, y]])
    fitted = cv2.warpAffine(image, move, (WIDTH, HEIGHT), borderValue=(EDGE, EDGE, EDGE))
    boxes = boxes * scale + np.array([x, y, x, y], np.float32)
    if vary and random.random() < 0.5:
        fitted = cv2.flip(fitted, 1)
        boxes[:, [0, 2]] = WIDTH - boxes[:, [2, 0]]
    if vary:
        fitted = _light(fitted, random)
    inside = np.clip(boxes, 0, np.array([WIDTH, HEIGHT, WIDTH, HEIGHT], np.float32))
    left = (inside[:, 2:] - inside[:, :2]).prod(1) / (boxes[:, 2:] - boxes[:, :2]).prod(1)
    seen = left > 0.02
    found = targets(inside[seen], picture.classes[seen], (visible * left)[seen])
    return np.ascontiguousarray(fitted), found


def _light(image: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Brightness, contrast, colour cast, noise, blur."""
    gain = random.uniform(0.65, 1.3) * random.uniform(0.93, 1.07, 3)
    levels = np.arange(256)[:, None] * gain + random.uniform(-22, 22)
    fitted = cv2.LUT(image, np.clip(levels, 0, 255).astype(np.uint8)[None])
    if random.random() < 0.4:
        patch = random.normal(0, random.uniform(1, 9), (HEIGHT // 4, WIDTH // 4, 3))
        noise = np.tile(patch.astype(np.int16), (4, 4, 1))
        fitted = np.clip(fitted + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.15:
        fitted = cv2.GaussianBlur(fitted, (3, 3), 0)
    return np.asarray(fitted, np.uint8)
