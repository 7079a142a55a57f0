"""A pinhole camera over a straight road: ground metres to picture pixels and back.

Camera frame: u ahead of the pole along the street, v to the right as it looks, z up (metres).
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 360
"""Of every simulated picture, pixels."""
NEAREST_M = 0.5
"""What lies closer to the lens than this is not projected."""

Floats = NDArray[np.float64]


class Lens(msgspec.Struct, frozen=True):
    right_m: float
    """Of the pole, from the middle of the median."""
    height_m: float
    yaw_deg: float
    """To the right."""
    pitch_deg: float
    """Downwards."""
    focal_px: float

    def matrix(self, scale: float = 1.0) -> Floats:
        """[3, 4]: homogeneous (u, v, z, 1) to picture (x·w, y·w, w); w is the depth in metres."""
        yaw, pitch = math.radians(self.yaw_deg), math.radians(self.pitch_deg)
        ahead = np.array([math.cos(yaw), math.sin(yaw), 0.0])
        right = np.array([-math.sin(yaw), math.cos(yaw), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        depth = math.cos(pitch) * ahead - math.sin(pitch) * up
        down = -math.sin(pitch) * ahead - math.cos(pitch) * up
        turn = np.stack([right, down, depth])
        at = np.array([0.0, self.right_m, self.height_m])
        focal, x, y = self.focal_px * scale, WIDTH * scale / 2, HEIGHT * scale / 2
        inner = np.array([[focal, 0, x], [0, focal, y], [0, 0, 1.0]])
        matrix: Floats = inner @ np.hstack([turn, -(turn @ at)[:, None]])
        return matrix

    def project(self, points: Floats, scale: float = 1.0) -> tuple[Floats, Floats]:
        """([n, 2] pixels, [n] depths in metres) of [n, 3] points (u, v, z)."""
        matrix = self.matrix(scale)
        found: Floats = points @ matrix[:, :3].T + matrix[:, 3]
        depth: Floats = found[:, 2]
        return np.divide(found[:, :2], np.maximum(depth, NEAREST_M)[:, None]), depth

    def ground(self, scale: float = 1.0) -> Floats:
        """[3, 3]: homography from picture pixels (x, y, 1) to ground metres (u·w, v·w, w)."""
        return np.asarray(np.linalg.inv(self.matrix(scale)[:, [0, 1, 3]]), dtype=np.float64)
