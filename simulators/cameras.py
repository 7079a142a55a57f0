"""Vehicles and walkers → a camera's 640×360 pictures and what is truly in them."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import cmp_to_key
from typing import NamedTuple
from zlib import crc32

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from simulators.backdrop import backdrop
from simulators.city.assets import Camera
from simulators.lens import HEIGHT, WIDTH
from simulators.light import Light, light_at
from simulators.silhouettes import MODELS, Solid
from simulators.traffic import GroundFrame, Vehicle

JPEG_QUALITY = 80
NOISE = 3.2
"""Standard deviation of the sensor's noise, grey levels."""
SMALLEST_PX = 7.0
"""A box with a shorter longer side than this is not drawn: no camera would resolve it."""
_KEPT_MODELS = 512
_SHIFT = 4
_MARGIN = 24

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]


class Truth(msgspec.Struct, frozen=True):
    """What is in a picture, whoever can see it."""

    id: str
    label: str
    """Of models.labels.CLASSES."""
    box: tuple[float, float, float, float]
    """x0, y0, x1, y1 in pixels, clipped to the picture."""
    visible: float
    """Share of the silhouette that lies in the picture and is not hidden by another, 0–1."""
    speed: float
    """m/s."""


class _Drawn(NamedTuple):
    vehicle: Vehicle
    solid: Solid
    corners: Floats
    """[faces, 4, 3] in the camera's ground frame."""
    normals: Floats


class Renderer:
    """Pictures are a pure function of (seed, camera, frame number, hour, what is in view)."""

    def __init__(self, camera: Camera, seed: int) -> None:
        self._camera = camera
        self._seed = seed
        self._key = crc32(camera.id.encode())
        self._matrix = camera.lens.matrix()
        self._at = np.array([0.0, camera.lens.right_m, camera.lens.height_m])
        self._frame = GroundFrame.of(camera)
        self._still, self._foreground = backdrop(camera)
        self._light: Light | None = None
        self._tinted = self._shaded = self._still
        self._solids: OrderedDict[tuple[str, str], Solid] = OrderedDict()
        rng = np.random.default_rng((seed, self._key))
        shape = (HEIGHT + 61, WIDTH + 83, 3)
        grain = (
            rng.normal(0.0, NOISE * 0.8, shape) + rng.normal(0.0, NOISE * 0.6, shape[:2])[..., None]
        )
        self._brighter = np.clip(np.round(grain), 0, 255).astype(np.uint8)
        self._darker = np.clip(np.round(-grain), 0, 255).astype(np.uint8)

    def render(self, vehicles: Sequence[Vehicle], number: int, hour: float) -> Picture:
        """[HEIGHT, WIDTH, 3] BGR; ``hour`` is the local time of day."""
        self._set_light(light_at(hour))
        drawn = self._in_order(vehicles)
        picture = self._tinted.copy()
        self._shadows(picture, drawn)
        behind, before = self._by_foreground(drawn)
        for thing in behind:
            self._paint(picture, thing)
        cv2.copyTo(self._tinted, self._foreground, picture)
        for thing in before:
            self._paint(picture, thing)
        self._noise(picture, number)
        return picture

    def truth(self, vehicles: Sequence[Vehicle]) -> list[Truth]:
        """What ``render`` draws of them, nearest last."""
        behind, before = self._by_foreground(self._in_order(vehicles))
        drawn = behind + before
        hidden = np.zeros((HEIGHT // 2, WIDTH // 2), np.uint8)
        outlines = []
        for number, thing in enumerate(drawn, start=1):
            if number == len(behind) + 1:
                hidden[self._foreground[::2, ::2] > 0] = 0
            pixels = self._project(thing.corners.reshape(-1, 3))
            hull = cv2.convexHull(pixels.astype(np.float32))
            cv2.fillConvexPoly(hidden, np.round(hull * 8).astype(np.int32), number, shift=_SHIFT)
            outlines.append((pixels, float(cv2.contourArea(hull))))
        shown = np.bincount(hidden.ravel(), minlength=len(drawn) + 1)
        found = []
        for number, (thing, (pixels, area)) in enumerate(
            zip(drawn, outlines, strict=True), start=1
        ):
            low = np.clip(pixels.min(axis=0), 0, (WIDTH, HEIGHT))
            high = np.clip(pixels.max(axis=0), 0, (WIDTH, HEIGHT))
            if min(high - low) < 1:
                continue
            found.append(
                Truth(
                    thing.vehicle.id,
                    MODELS[thing.vehicle.type][0],
                    (float(low[0]), float(low[1]), float(high[0]), float(high[1])),
                    round(min(1.0, float(shown[number]) * 4 / max(area, 1.0)), 3),
                    thing.vehicle.speed,
                )
            )
        return found

    def _set_light(self, light: Light) -> None:
        if light != self._light:
            self._light = light
            self._tinted = light.tinted(self._still)
            self._shaded = (self._tinted * (1 - light.shadow)).astype(np.uint8)
            ahead, sun = self._frame.ahead, light.sun
            self._sun = np.array(
                [
                    sun[0] * ahead[0] + sun[1] * ahead[1],
                    sun[0] * ahead[1] - sun[1] * ahead[0],
                    sun[2],
                ]
            )

    def _in_order(self, vehicles: Sequence[Vehicle]) -> list[_Drawn]:
        """Those that show, the farther ones first."""
        placed = [self._place(vehicle) for vehicle in vehicles]
        shown = [thing for thing in placed if self._shows(thing.corners)]
        return sorted(shown, key=cmp_to_key(self._behind))

    def _by_foreground(self, drawn: Sequence[_Drawn]) -> tuple[list[_Drawn], list[_Drawn]]:
        """Trees and lamp posts hide walkers and the far carriageway, never the near one."""
        middle = self._camera.lens.right_m or -1.0
        near = [thing.vehicle.type != "walker" and thing.vehicle.v * middle > 0 for thing in drawn]
        pairs = list(zip(drawn, near, strict=True))
        return [thing for thing, is_near in pairs if not is_near], [
            thing for thing, is_near in pairs if is_near
        ]

    def _shows(self, corners: Floats) -> bool:
        points = corners.reshape(-1, 3)
        if float((points @ self._matrix[2, :3] + self._matrix[2, 3]).min()) < 2.0:
            return False
        pixels = self._project(points)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        inside = high[0] > 0 and high[1] > 0 and low[0] < WIDTH and low[1] < HEIGHT
        return bool(inside and max(high - low) >= SMALLEST_PX)

    def _behind(self, a: _Drawn, b: _Drawn) -> int:
        """-1 where a is painted before b."""
        (a0, a1), (b0, b1) = _span(a.corners, 0), _span(b.corners, 0)
        if a0 >= b1 or b0 >= a1:
            return -1 if a0 > b0 else 1
        middle = self._camera.lens.right_m
        return -1 if abs(a.vehicle.v - middle) > abs(b.vehicle.v - middle) else 1

    def _place(self, vehicle: Vehicle) -> _Drawn:
        solid = self._solid(vehicle)
        c, s = np.cos(vehicle.heading), np.sin(vehicle.heading)
        # Model x is ahead and y right of the vehicle; u and v are a left-to-right pair as well.
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        at = np.array([vehicle.u, vehicle.v, 0.0])
        return _Drawn(vehicle, solid, solid.corners @ turn.T + at, solid.normals @ turn.T)

    def _solid(self, vehicle: Vehicle) -> Solid:
        key = vehicle.id, vehicle.type
        found = self._solids.get(key)
        if found is None:
            rng = np.random.default_rng((self._seed, crc32(vehicle.id.encode())))
            build = MODELS[vehicle.type][1]
            found = build(vehicle.length, vehicle.width, vehicle.height, rng)
            self._solids[key] = found
            if len(self._solids) > _KEPT_MODELS:
                self._solids.popitem(last=False)
        return found

    def _project(self, points: Floats) -> Floats:
        found = points @ self._matrix[:, :3].T + self._matrix[:, 3]
        pixels: Floats = found[:, :2] / np.maximum(found[:, 2:], 0.5)
        return pixels

    def _shadows(self, picture: Picture, drawn: Sequence[_Drawn]) -> None:
        if not drawn:
            return
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        fall = -self._sun[:2] / self._sun[2]
        for thing in drawn:
            points = thing.corners.reshape(-1, 3)
            ground = points[:, :2] + points[:, 2:] * fall
            flat = np.column_stack([ground, np.zeros(len(ground))])
            hull = cv2.convexHull(self._project(flat).astype(np.float32))
            cv2.fillConvexPoly(mask, np.round(hull * 16).astype(np.int32), 255, shift=_SHIFT)
        cv2.copyTo(self._shaded, mask, picture)

    def _paint(self, picture: Picture, thing: _Drawn) -> None:
        solid, corners = thing.solid, thing.corners
        towards = self._at - corners.mean(axis=1)
        facing = np.einsum("ij,ij->i", towards, thing.normals) > 0
        distance = np.linalg.norm(towards, axis=1)
        parts = np.zeros(int(solid.parts.max()) + 1)
        np.maximum.at(parts, solid.parts, distance)
        order = np.lexsort((np.arange(len(facing)), -parts[solid.parts], solid.layers))
        order = order[facing[order]]
        lit = np.clip(thing.normals[order] @ self._sun, 0.0, 1.0)
        assert self._light is not None
        shade = 0.64 + 0.36 * lit + 0.08 * thing.normals[order, 2]
        colours = np.clip(
            solid.colours[order] * shade[:, None] * np.array(self._light.tint), 0, 255
        )
        pixels = self._project(corners[order].reshape(-1, 3)).reshape(-1, 4, 2)
        polygons = np.round(pixels * 2**_SHIFT).astype(np.int32)
        fill = cv2.fillConvexPoly
        for polygon, colour in zip(polygons, colours.tolist(), strict=True):
            fill(picture, polygon, colour, cv2.LINE_AA, _SHIFT)

    def _noise(self, picture: Picture, number: int) -> None:
        spot = crc32(b"%d/%d/%d" % (self._seed, self._key, number))
        top, left = spot % 61, (spot >> 8) % 83
        window = np.s_[top : top + HEIGHT, left : left + WIDTH]
        cv2.add(picture, self._brighter[window], dst=picture)
        cv2.subtract(picture, self._darker[window], dst=picture)


def _span(corners: Floats, axis: int) -> tuple[float, float]:
    values = corners[:, :, axis]
    return float(values.min()), float(values.max())


def encode_jpeg(picture: Picture) -> bytes:
    ok, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not ok:
        raise ValueError("OpenCV could not encode the picture")
    return data.tobytes()
