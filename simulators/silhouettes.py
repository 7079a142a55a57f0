"""Solid models of what moves in the street: frusta and decals, in metres, painted in order.

Model frame: x forward with the front bumper at 0, y to the right, z up. A model is built for one
vehicle's size and colours; ``Solid.faces`` are quads, outward normals first for shading.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
"""Blue, green, red."""
Floats = NDArray[np.float64]

Point3 = tuple[float, float, float]
Span = tuple[float, float]
FORWARD, BACKWARD = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)
RIGHT, LEFT, UP = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, 1.0)

GLASS: Colour = (72, 62, 52)
TYRE: Colour = (34, 32, 31)
DARK: Colour = (52, 49, 47)
LAMP: Colour = (225, 240, 246)
TAIL: Colour = (40, 36, 190)
PLATE: Colour = (225, 228, 228)
SKIN: Colour = (120, 150, 192)
STRAW: Colour = (150, 205, 226)
STEEL: Colour = (132, 128, 124)

PAINTS: tuple[Colour, ...] = (
    (236, 236, 234), (222, 220, 216), (178, 176, 174), (120, 118, 116), (58, 56, 55), (44, 42, 44),
    (48, 42, 168), (132, 72, 40), (96, 58, 34), (62, 92, 120), (84, 108, 64), (150, 168, 186),
)  # fmt: skip
BUS_PAINTS: tuple[Colour, ...] = (
    (70, 160, 60), (56, 170, 226), (214, 210, 206), (196, 120, 44), (60, 60, 200),
)  # fmt: skip
CARGO_PAINTS: tuple[Colour, ...] = (
    (206, 204, 200), (176, 110, 40), (54, 96, 214), (88, 132, 58), (44, 44, 148), (150, 146, 140),
)  # fmt: skip
SCOOTER_PAINTS: tuple[Colour, ...] = (
    (52, 44, 184), (46, 44, 44), (222, 222, 222), (168, 96, 38), (120, 116, 112), (92, 132, 74),
)  # fmt: skip
CLOTHES: tuple[Colour, ...] = (
    (206, 204, 208), (168, 104, 52), (66, 54, 182), (74, 70, 66), (90, 150, 80), (120, 190, 226),
    (156, 120, 176), (46, 44, 52), (190, 170, 120), (96, 84, 60), (80, 130, 210),
)  # fmt: skip
HELMETS: tuple[Colour, ...] = (
    (228, 228, 228), (50, 48, 50), (60, 50, 190), (180, 110, 50), (80, 190, 220), (130, 128, 126),
)  # fmt: skip
TROUSERS: tuple[Colour, ...] = ((64, 52, 44), (46, 44, 46), (104, 78, 58), (98, 104, 112))


class Solid(NamedTuple):
    """Faces in painter's order within a part; parts of one layer are sorted by distance."""

    corners: Floats
    """[faces, 4, 3]"""
    normals: Floats
    """[faces, 3]"""
    colours: Floats
    """[faces, 3]"""
    parts: NDArray[np.int64]
    """[faces]: index of the part a face belongs to."""
    layers: NDArray[np.int64]
    """[faces]: lower is painted first."""


class _Builder:
    def __init__(self) -> None:
        self.corners: list[list[Point3]] = []
        self.outward: list[Point3] = []
        self.colours: list[Colour] = []
        self.parts: list[int] = []
        self.layers: list[int] = []
        self.part = -1

    def quad(self, corners: list[Point3], colour: Colour, outward: Point3) -> None:
        """On the last part; ``outward`` is on the side that the face is seen from."""
        self.corners.append(corners)
        self.outward.append(outward)
        self.colours.append(colour)
        self.parts.append(self.part)
        self.layers.append(self.layer)

    def frustum(
        self,
        layer: int,
        low: tuple[float, float, float, float],
        high: tuple[float, float, float, float],
        sides: Colour,
        *,
        top: Colour | None = None,
        y: float = 0.0,
    ) -> None:
        """A part between two rectangles (x front, x back, half width, z), ``y`` off the middle."""
        self.part += 1
        self.layer = layer
        (f, b, w, z), (F, B, W, Z) = low, high  # noqa: N806
        p = [(f, y - w, z), (f, y + w, z), (b, y + w, z), (b, y - w, z)]
        q = [(F, y - W, Z), (F, y + W, Z), (B, y + W, Z), (B, y - W, Z)]
        self.quad([p[0], p[1], q[1], q[0]], sides, FORWARD)
        self.quad([p[1], p[2], q[2], q[1]], sides, RIGHT)
        self.quad([p[2], p[3], q[3], q[2]], sides, BACKWARD)
        self.quad([p[3], p[0], q[0], q[3]], sides, LEFT)
        self.quad([q[0], q[1], q[2], q[3]], top or sides, UP)

    def box(self, layer: int, x: Span, w: float, z: Span, sides: Colour) -> None:
        self.frustum(layer, (x[0], x[1], w, z[0]), (x[0], x[1], w, z[1]), sides)

    def side(self, x: Span, w: float, z: Span, colour: Colour) -> None:
        """The same decal on both sides."""
        (x0, x1), (z0, z1) = x, z
        self.quad([(x0, w, z0), (x1, w, z0), (x1, w, z1), (x0, w, z1)], colour, RIGHT)
        self.quad([(x1, -w, z0), (x0, -w, z0), (x0, -w, z1), (x1, -w, z1)], colour, LEFT)

    def front(self, x: float, y: Span, z: Span, colour: Colour) -> None:
        (y0, y1), (z0, z1) = y, z
        self.quad([(x, y0, z0), (x, y1, z0), (x, y1, z1), (x, y0, z1)], colour, FORWARD)

    def rear(self, x: float, y: Span, z: Span, colour: Colour) -> None:
        (y0, y1), (z0, z1) = y, z
        self.quad([(x, y1, z0), (x, y0, z0), (x, y0, z1), (x, y1, z1)], colour, BACKWARD)

    def solid(self) -> Solid:
        corners = np.array(self.corners, dtype=np.float64)
        normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0])
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
        normals *= np.sign(np.sum(normals * np.array(self.outward), axis=1, keepdims=True))
        return Solid(
            corners,
            normals,
            np.array(self.colours, dtype=np.float64),
            np.array(self.parts),
            np.array(self.layers),
        )


Rng = np.random.Generator


def _pick(rng: Rng, colours: tuple[Colour, ...]) -> Colour:
    base = colours[int(rng.integers(len(colours)))]
    shift = rng.integers(-10, 11, 3)
    b, g, r = (int(np.clip(value + move, 8, 245)) for value, move in zip(base, shift, strict=True))
    return b, g, r


def _wheels(build: _Builder, w: float, radius: float, *axles: float) -> None:
    for x in axles:
        build.box(0, (x + radius, x - radius), w, (0.0, 2 * radius), TYRE)


def car(length: float, width: float, height: float, rng: Rng) -> Solid:
    """Sedan, SUV or van: the taller, the more upright its cabin."""
    build, paint, w = _Builder(), _pick(rng, PAINTS), width / 2
    tall = height > 1.6
    waist = height * (0.58 if tall else 0.62)
    _wheels(build, w * 0.98, 0.31, -0.19 * length, -0.8 * length)
    build.frustum(1, (0.0, -length, w * 0.96, 0.22), (-0.06, -length + 0.05, w, waist), paint)
    build.front(-0.02, (-w * 0.92, -w * 0.5), (waist * 0.62, waist * 0.86), LAMP)
    build.front(-0.02, (w * 0.5, w * 0.92), (waist * 0.62, waist * 0.86), LAMP)
    build.front(-0.02, (-w * 0.45, w * 0.45), (0.36, waist * 0.78), DARK)
    build.front(0.0, (-0.24, 0.24), (0.4, 0.52), PLATE)
    build.rear(-length, (-w * 0.94, -w * 0.6), (waist * 0.62, waist * 0.92), TAIL)
    build.rear(-length, (w * 0.6, w * 0.94), (waist * 0.62, waist * 0.92), TAIL)
    build.rear(-length, (-0.24, 0.24), (0.5, 0.64), PLATE)
    van = height > 2.0
    ahead, over = (0.12, 0.25) if van else ((0.24, 0.38) if tall else (0.26, 0.42))
    behind, under = (0.985, 0.975) if van else ((0.97, 0.9) if tall else (0.86, 0.72))
    build.frustum(
        2,
        (-ahead * length, -behind * length, w * 0.97, waist),
        (-over * length, -under * length, w * 0.8, height),
        GLASS,
        top=paint,
    )
    post = (ahead + behind) / 2 * length
    build.side((-post + 0.06, -post - 0.06), w * 0.89, (waist, height * 0.97), paint)
    return build.solid()


def bus(length: float, width: float, height: float, rng: Rng) -> Solid:
    build, paint, w = _Builder(), _pick(rng, BUS_PAINTS), width / 2
    light: Colour = (228, 230, 230)
    _wheels(build, w * 0.98, 0.5, -2.4, -length + 2.6)
    build.frustum(1, (0.0, -length, w, 0.32), (-0.12, -length, w * 0.98, height), paint, top=light)
    build.side((-0.1, -length), w, (0.34, 0.95), light)
    build.side((-0.45, -length + 0.4), w, (1.35, 2.45), GLASS)
    for x in np.arange(1.9, length - 0.6, 1.5):
        build.side((-x + 0.06, -x - 0.06), w, (1.35, 2.45), paint)
    build.front(-0.03, (-w * 0.92, w * 0.92), (1.15, 2.5), GLASS)
    build.front(-0.08, (-w * 0.6, w * 0.6), (2.6, 2.92), (40, 120, 200))
    build.front(0.0, (-w * 0.9, -w * 0.6), (0.55, 0.8), LAMP)
    build.front(0.0, (w * 0.6, w * 0.9), (0.55, 0.8), LAMP)
    build.front(0.0, (-0.3, 0.3), (0.45, 0.62), PLATE)
    build.rear(-length, (-w * 0.85, w * 0.85), (1.6, 2.5), GLASS)
    build.rear(-length, (-w * 0.95, -w * 0.75), (0.7, 1.2), TAIL)
    build.rear(-length, (w * 0.75, w * 0.95), (0.7, 1.2), TAIL)
    ahead, behind, z = -0.4 * length, -0.65 * length, height + 0.22
    build.frustum(
        2, (ahead, behind, w * 0.6, height), (ahead, behind, w * 0.6, z), STEEL, top=light
    )
    return build.solid()


def truck(length: float, width: float, height: float, rng: Rng) -> Solid:
    """A cab and a box; a flat bed with a container where it is long."""
    build, w = _Builder(), width / 2
    paint, cargo = _pick(rng, PAINTS[:9]), _pick(rng, CARGO_PAINTS)
    cab = 1.75 if length < 7 else 2.2
    roof = min(height * 0.86, 2.7)
    _wheels(build, w * 0.96, 0.46, -1.0, -length + 1.2)
    if length > 7:
        _wheels(build, w * 0.96, 0.46, -length + 2.4)
    build.box(1, (-0.2, -length), w * 0.8, (0.5, 0.95), DARK)
    build.frustum(2, (0.0, -cab, w * 0.95, 0.45), (-0.22, -cab, w * 0.92, roof), paint)
    build.front(-0.1, (-w * 0.84, w * 0.84), (roof * 0.55, roof * 0.9), GLASS)
    build.side((-0.35, -cab * 0.75), w * 0.955, (roof * 0.55, roof * 0.88), GLASS)
    build.front(-0.02, (-w * 0.86, -w * 0.56), (0.66, 0.9), LAMP)
    build.front(-0.02, (w * 0.56, w * 0.86), (0.66, 0.9), LAMP)
    build.front(-0.03, (-w * 0.5, w * 0.5), (0.6, 1.05), DARK)
    build.box(2, (-cab - 0.2, -length), w, (0.95, height), cargo)
    ribs = tuple(int(value * 0.82) for value in cargo)
    for x in np.arange(cab + 0.9, length - 0.3, 1.1):
        build.side((-x, -x - 0.09), w, (1.0, height - 0.08), (ribs[0], ribs[1], ribs[2]))
    build.rear(-length, (-0.03, 0.03), (1.0, height), DARK)
    build.rear(-length, (-w * 0.92, -w * 0.66), (0.62, 0.86), TAIL)
    build.rear(-length, (w * 0.66, w * 0.92), (0.62, 0.86), TAIL)
    return build.solid()


def _rider(build: _Builder, x: float, seat: float, rng: Rng, *, width: float, hat: bool) -> None:
    """Torso, arms ahead and a head with its helmet or conical hat."""
    shirt, top = _pick(rng, CLOTHES), seat + 0.56
    build.frustum(3, (x + 0.13, x - 0.16, 0.17, seat), (x + 0.16, x - 0.1, width, top), shirt)
    helmet = STRAW if hat else _pick(rng, HELMETS)
    build.box(4, (x + 0.16, x - 0.06), 0.09, (top, top + 0.13), SKIN)
    if hat:
        build.frustum(
            4, (x + 0.28, x - 0.2, 0.24, top + 0.1), (x + 0.06, x, 0.03, top + 0.3), helmet
        )
        return
    build.frustum(
        4, (x + 0.19, x - 0.1, 0.145, top + 0.08), (x + 0.13, x - 0.05, 0.09, top + 0.3), helmet
    )


def two_wheeler(length: float, width: float, height: float, rng: Rng) -> Solid:
    """A scooter, motorbike or bicycle with its rider, one in three with a second one."""
    build, w = _Builder(), width / 2
    bicycle = width < 0.65
    paint, trousers = _pick(rng, SCOOTER_PAINTS), _pick(rng, TROUSERS)
    radius = 0.3
    half = 0.03 if bicycle else 0.06
    build.box(0, (-0.02, -2 * radius), half, (0.0, 2 * radius), TYRE)
    build.box(0, (-length + 2 * radius, -length), half, (0.0, 2 * radius), TYRE)
    seat = height * 0.5
    middle = -length * 0.55
    if bicycle:
        build.box(1, (-0.4, -length + 0.4), 0.04, (0.4, 0.62), paint)
    else:
        build.frustum(
            1, (-0.42, -length + 0.12, 0.16, 0.26), (-0.55, -length, 0.14, seat), paint, top=DARK
        )
        build.rear(-length + 0.02, (-0.1, 0.1), (seat - 0.2, seat - 0.06), TAIL)
        build.frustum(1, (-0.22, -0.46, 0.2, 0.3), (-0.4, -0.5, 0.2, 0.95), paint)
        build.front(-0.28, (-0.1, 0.1), (0.62, 0.82), LAMP)
    build.frustum(
        2, (middle + 0.45, middle, 0.27, 0.35), (middle + 0.3, middle, 0.24, seat + 0.1), trousers
    )
    build.box(2, (-0.42, -0.5), w, (0.97, 1.04), DARK)
    build.frustum(2, (-0.42, middle, w * 0.7, 0.98), (-0.5, middle, 0.24, 1.16), SKIN)
    hat = bicycle and rng.random() < 0.5
    _rider(build, middle, seat, rng, width=0.23, hat=bool(hat))
    if not bicycle and rng.random() < 0.33:
        _rider(build, middle - 0.42, seat + 0.03, rng, width=0.21, hat=False)
    return build.solid()


def person(length: float, width: float, height: float, rng: Rng) -> Solid:
    """A walker; ``length`` is the stride."""
    build, w = _Builder(), width / 2
    trousers, shirt = _pick(rng, TROUSERS), _pick(rng, CLOTHES)
    hip, neck = height * 0.48, height * 0.83
    x = -length / 2
    stride = length * 0.32
    for side, reach in ((-1, stride), (1, -stride)):
        build.frustum(
            0,
            (x + reach + 0.1, x + reach - 0.1, 0.08, 0.0),
            (x + 0.09, x - 0.09, 0.09, hip),
            trousers,
            y=side * w * 0.42,
        )
    build.frustum(
        1, (x + 0.12, x - 0.12, w * 0.8, hip - 0.05), (x + 0.11, x - 0.11, w, neck), shirt
    )
    build.box(2, (x + 0.1, x - 0.1), 0.085, (neck, height), SKIN)
    if rng.random() < 0.25:
        build.frustum(
            3, (x + 0.24, x - 0.24, 0.24, height - 0.08), (x, x - 0.02, 0.02, height + 0.14), STRAW
        )
    else:
        build.frustum(
            3, (x + 0.1, x - 0.12, 0.1, height - 0.12), (x + 0.06, x - 0.08, 0.07, height), TYRE
        )
    return build.solid()


MODELS: dict[str, tuple[str, Callable[[float, float, float, Rng], Solid]]] = {
    "scooter": ("two-wheeler", two_wheeler),
    "motorbike": ("two-wheeler", two_wheeler),
    "bicycle": ("two-wheeler", two_wheeler),
    "sedan": ("car", car),
    "suv": ("car", car),
    "van": ("car", car),
    "city-bus": ("bus", bus),
    "light-truck": ("truck", truck),
    "container": ("truck", truck),
    "walker": ("person", person),
}
"""Vehicle type of ``city/demand.rou.xml`` to the detector's class and the model."""
