"""The still part of a camera's picture: road, kerbs, houses, trees; rendered once per camera."""

from functools import cache
from typing import NamedTuple
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray

from simulators.city.assets import Camera
from simulators.city.streets import LANE_WIDTH_M, MEDIAN_M, street_of
from simulators.lens import HEIGHT, WIDTH, Lens
from simulators.silhouettes import Colour

SCALE = 2
"""The backdrop is drawn this much larger and then averaged."""
PAVEMENT_M = 4.2
PIXELS_PER_M = 28
"""Of a façade's texture."""
FAR_M = 120.0

Picture = NDArray[np.uint8]
Floats = NDArray[np.float64]
Rng = np.random.Generator

WALLS: tuple[Colour, ...] = (
    (176, 208, 226), (196, 214, 222), (170, 196, 178), (204, 206, 200), (160, 178, 214),
    (206, 198, 178), (186, 206, 214), (150, 190, 214), (198, 190, 196), (176, 186, 180),
)  # fmt: skip
SIGNS: tuple[Colour, ...] = (
    (44, 44, 176), (150, 84, 30), (60, 130, 44), (30, 150, 214), (120, 44, 110), (80, 80, 80),
)  # fmt: skip


class Backdrop(NamedTuple):
    picture: Picture
    """[HEIGHT, WIDTH, 3] in even light."""
    foreground: Picture
    """[HEIGHT, WIDTH], 255 where a tree or a lamp post stands before what is behind it."""


@cache
def backdrop(camera: Camera) -> Backdrop:
    """The same for every seed of the traffic; drawn once, as it takes the most of a start."""
    rng = np.random.default_rng(crc32(camera.id.encode()))
    lanes = street_of(camera.edge).lanes
    half = MEDIAN_M / 2 + LANE_WIDTH_M * lanes
    picture = _ground(camera.lens, lanes, half, camera.scenery, rng)
    if camera.scenery == "bridge":
        _railings(picture, camera.lens, half, rng)
    else:
        _houses(picture, camera.lens, half + PAVEMENT_M, rng)
        spacing = 9.0 if camera.scenery == "trees" else 17.0
        _shade_of_trees(picture, camera.lens, half + 0.9, spacing)
    _shrubs(picture, camera.lens, rng)
    before = picture.copy()
    if camera.scenery != "bridge":
        _trees(picture, camera.lens, half + 0.9, spacing, rng)
    _lamps(picture, camera.lens, rng)
    changed = np.any(picture != before, axis=2).astype(np.uint8) * 255
    foreground = cv2.resize(changed, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    caption = camera.id.removeprefix("cam-").replace("-", " ").upper()
    for colour, at in (((20, 20, 20), (11, 350)), ((235, 235, 235), (10, 349))):
        cv2.putText(small, caption, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
    drawn = Backdrop(
        np.asarray(small, dtype=np.uint8), np.where(foreground > 96, 255, 0).astype(np.uint8)
    )
    for shared in drawn:
        shared.setflags(write=False)
    return drawn


def _smooth_noise(rng: Rng, cells: int) -> NDArray[np.float32]:
    """[512, 512] in about -1…1, with features of ``512 / cells`` pixels; wraps round."""
    coarse = rng.standard_normal((cells, cells)).astype(np.float32)
    coarse = np.pad(coarse, ((0, 1), (0, 1)), mode="wrap")
    return np.asarray(cv2.resize(coarse, (512, 512), interpolation=cv2.INTER_CUBIC))


def _sample(texture: NDArray[np.float32], u: Floats, v: Floats, metres: float) -> Floats:
    rows = (np.floor(u / metres * 512).astype(np.int64)) % 512
    columns = (np.floor(v / metres * 512).astype(np.int64)) % 512
    return texture[rows, columns].astype(np.float64)


def _ground(lens: Lens, lanes: int, half: float, scenery: str, rng: Rng) -> Picture:
    """Every pixel's point on the ground, and what lies there."""
    x, y = np.meshgrid(
        np.arange(WIDTH * SCALE, dtype=np.float64), np.arange(HEIGHT * SCALE, dtype=np.float64)
    )
    g = lens.ground(SCALE)
    w = g[2, 0] * x + g[2, 1] * y + g[2, 2]
    u = (g[0, 0] * x + g[0, 1] * y + g[0, 2]) / w
    v = (g[1, 0] * x + g[1, 1] * y + g[1, 2]) / w
    across = np.abs(v)
    fine, coarse = _smooth_noise(rng, 256), _smooth_noise(rng, 24)
    patches = _smooth_noise(rng, 10)
    grain = _sample(fine, u, v, 9.0) * 4.0 + _sample(coarse, u, v, 40.0) * 5.0
    grain += _sample(patches, u, v, 30.0) * 4.0

    asphalt = np.array([104.0, 103.0, 101.0])
    picture = np.empty((*u.shape, 3))
    picture[:] = asphalt
    lane = (across - MEDIAN_M / 2) / LANE_WIDTH_M
    within = lane - np.floor(lane)
    # Tyres polish two tracks in each lane; oil darkens its middle.
    tracks = np.exp(-(((within - 0.25) / 0.09) ** 2)) + np.exp(-(((within - 0.75) / 0.09) ** 2))
    oil = np.exp(-(((within - 0.5) / 0.1) ** 2))
    picture += (tracks * 4.0 - oil * 5.0 + grain)[..., None]

    paint = np.zeros_like(u)
    for line in range(1, lanes):
        near = np.abs(across - MEDIAN_M / 2 - line * LANE_WIDTH_M) < 0.075
        paint = np.maximum(paint, near & (np.mod(u + line * 1.3, 9.0) < 3.6))
    for edge in (MEDIAN_M / 2 + 0.25, half - 0.3):
        paint = np.maximum(paint, np.abs(across - edge) < 0.07)
    worn = np.clip(0.82 + _sample(coarse, u, v, 18.0) * 0.22, 0.35, 1.0) * paint
    picture = picture * (1 - worn[..., None]) + np.array([214.0, 218.0, 220.0]) * worn[..., None]

    def put(where: NDArray[np.bool_], colour: Floats) -> None:
        picture[where] = colour[where] if colour.ndim == 3 else colour

    kerb_paint = np.where(
        (np.mod(u, 2.0) < 1.0)[..., None], np.array([60.0, 60.0, 190.0]), np.array([222.0] * 3)
    )
    stone = np.array([158.0, 160.0, 162.0]) + grain[..., None] * 0.6
    put((across < MEDIAN_M / 2) & (across > MEDIAN_M / 2 - 0.18), kerb_paint * 0.55 + stone * 0.4)
    soil = np.array([70.0, 98.0, 84.0]) + _sample(fine, u, v, 4.0)[..., None] * 12.0
    put(across <= MEDIAN_M / 2 - 0.18, soil)
    put((across >= half) & (across < half + 0.2), stone * 1.08)
    if scenery == "bridge":
        put((across >= half + 0.2) & (across < half + 1.9), stone * 0.9)
        ripple = _sample(_smooth_noise(rng, 64), u, v * 2.2, 60.0) * 5.0
        water = np.array([118.0, 112.0, 92.0]) + (ripple + grain * 0.4)[..., None]
        put(across >= half + 1.9, water)
    else:
        tile = (np.mod(u, 0.8) < 0.06) | (np.mod(v, 0.8) < 0.06)
        tint = ((np.floor(u / 0.8) + np.floor(v / 0.8)) % 2)[..., None] * np.array([6.0, 4.0, 0.0])
        slabs = np.array([142.0, 150.0, 164.0]) + grain[..., None] * 0.9 + tint
        slabs -= (tile & (u < 45))[..., None] * 16.0
        put(across >= half + 0.2, slabs)
    # Haze with distance.
    haze = np.clip((u - 25.0) / 220.0, 0.0, 0.25)[..., None]
    picture = picture * (1 - haze) + np.array([196.0, 192.0, 188.0]) * haze
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)


def _facade(rng: Rng, width: float, height: float) -> Picture:
    """A tube house from the street: shop below with its shutter and sign, storeys above."""
    w, h = int(width * PIXELS_PER_M), int(height * PIXELS_PER_M)
    wall = np.array(WALLS[int(rng.integers(len(WALLS)))], dtype=np.float64)
    stain = cv2.resize(rng.standard_normal((8, 5)), (w, h), interpolation=cv2.INTER_CUBIC) * 4
    image = np.asarray(np.clip(wall * rng.uniform(0.82, 1.0) + stain[..., None], 0, 255), np.uint8)
    m = PIXELS_PER_M

    def bar(x0: float, x1: float, z0: float, z1: float, colour: Colour) -> None:
        cv2.rectangle(
            image, (int(x0 * m), h - int(z1 * m)), (int(x1 * m), h - int(z0 * m)), colour, -1
        )

    shut = rng.random() < 0.45
    inside: Colour = (146, 150, 152) if shut else (52, 58, 66)
    bar(0.35, width - 0.35, 0.0, 2.7, inside)
    if shut:
        for z in np.arange(0.1, 2.7, 0.22):
            bar(0.35, width - 0.35, z, z + 0.03, (118, 122, 124))
    else:
        for x in np.arange(0.5, width - 0.8, 0.62):
            stock = SIGNS[int(rng.integers(len(SIGNS)))]
            bar(x, x + rng.uniform(0.25, 0.5), 0.1, rng.uniform(0.5, 1.6), stock)
    sign = SIGNS[int(rng.integers(len(SIGNS)))]
    bar(0.15, width - 0.15, 2.85, 3.55, sign)
    x = 0.5
    while x < width - 0.9:
        step = rng.uniform(0.18, 0.5)
        bar(x, x + step, 3.08, 3.32, (232, 236, 238))
        x += step + 0.12
    for storey in np.arange(3.9, height - 2.0, 3.1):
        bar(0.1, width - 0.1, storey - 0.1, storey + 0.06, (120, 124, 128))
        count = max(1, int(width // 2.2))
        for window in range(count):
            left = (window + 0.5) * width / count - 0.6
            bar(left - 0.08, left + 1.28, storey + 0.5, storey + 2.28, (208, 212, 214))
            bar(left, left + 1.2, storey + 0.58, storey + 2.2, (98, 84, 70))
            bar(left + 0.57, left + 0.63, storey + 0.58, storey + 2.2, (190, 194, 196))
        for x in np.arange(0.25, width - 0.2, 0.28):
            bar(x, x + 0.05, storey + 0.06, storey + 0.8, (92, 96, 98))
        bar(0.2, width - 0.2, storey + 0.8, storey + 0.87, (92, 96, 98))
    bar(0.0, 0.06, 0.0, height, (110, 114, 116))
    return image


def _paste(picture: Picture, lens: Lens, texture: Picture, corners: Floats, light: float) -> None:
    """A texture onto a vertical rectangle: corners [4, 3] from its lower left, anticlockwise."""
    pixels, depth = lens.project(corners, SCALE)
    if depth.min() < 1.5:
        return
    h, w = texture.shape[:2]
    source = np.array([[0, h], [w, h], [w, 0], [0, 0]], dtype=np.float32)
    turn = cv2.getPerspectiveTransform(source, pixels.astype(np.float32))
    size = (WIDTH * SCALE, HEIGHT * SCALE)
    lit = cv2.convertScaleAbs(texture, alpha=light)
    cv2.warpPerspective(lit, turn, size, dst=picture, flags=cv2.INTER_AREA,
                        borderMode=cv2.BORDER_TRANSPARENT)  # fmt: skip


def _houses(picture: Picture, lens: Lens, wall: float, rng: Rng) -> None:
    for side in (-1, 1):
        row = []
        u = 2.0
        while u < FAR_M:
            width = float(rng.uniform(4.2, 7.5))
            row.append(
                (u, width, float(rng.uniform(7.0, 15.0)), side * (wall + rng.uniform(0, 0.5)))
            )
            u += width + (0.0 if rng.random() < 0.8 else 1.2)
        for start, width, height, v in reversed(row):
            face = _facade(rng, width, height)
            near, far = (start, v), (start + width, v)
            left, right = (near, far) if side < 0 else (far, near)
            front = [(*left, 0.0), (*right, 0.0), (*right, height), (*left, height)]
            end = face[:, :4].copy()
            end[:] = face.reshape(-1, 3).max(axis=0) * 0.62
            outer = v + side * 14.0
            a, b = ((start, v), (start, outer)) if side > 0 else ((start, outer), (start, v))
            gable = [(*a, 0.0), (*b, 0.0), (*b, height), (*a, height)]
            _paste(picture, lens, end, np.array(gable), 1.0)
            _paste(picture, lens, face, np.array(front), 0.98 if side < 0 else 0.86)


def _railings(picture: Picture, lens: Lens, half: float, rng: Rng) -> None:
    del rng
    for side in (-1, 1):
        v = side * (half + 1.8)
        for u in np.arange(FAR_M, 2.0, -2.0):
            post = np.array([[u, v, 0.0], [u + 0.22, v, 0.0], [u + 0.22, v, 1.1], [u, v, 1.1]])
            _polygon(picture, lens, post, (186, 190, 190))
        for z, thick in ((1.02, 0.12), (0.55, 0.07), (0.2, 0.07)):
            rail = np.array(
                [[2.5, v, z], [FAR_M, v, z], [FAR_M, v, z + thick], [2.5, v, z + thick]]
            )
            _polygon(picture, lens, rail, (172, 176, 178))


def _polygon(picture: Picture, lens: Lens, points: Floats, colour: Colour) -> None:
    pixels, depth = lens.project(points, SCALE)
    if depth.min() > 1.0:
        cv2.fillPoly(picture, [np.round(pixels * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def _blob(
    picture: Picture,
    lens: Lens,
    ball: tuple[Floats, float],
    leaves: int,
    *,
    green: Floats,
    rng: Rng,
) -> None:
    """Foliage in a ball (middle, radius): discs, lit from above, the lower ones first."""
    middle, radius = ball
    offsets = rng.normal(0.0, radius * 0.42, (leaves, 3)) * np.array([1.0, 1.0, 0.8])
    offsets = offsets[np.argsort(offsets[:, 2])]
    pixels, depth = lens.project(middle + offsets, SCALE)
    if depth.min() < 2.0:
        return
    sizes = lens.focal_px * SCALE * radius * rng.uniform(0.05, 0.15, leaves) / depth
    light = 0.74 + 0.34 * np.clip(offsets[:, 2] / radius, -0.8, 0.8) + rng.normal(0, 0.09, leaves)
    for at, size, lit in zip(pixels, sizes, light, strict=True):
        colour = tuple(int(c) for c in np.clip(green * lit, 0, 255))
        cv2.circle(picture, (int(at[0]), int(at[1])), max(2, int(size)), colour, -1, cv2.LINE_AA)


def _shade_of_trees(picture: Picture, lens: Lens, row: float, spacing: float) -> None:
    for u in np.arange(62.0, 7.0, -spacing):
        for side in (-1, 1):
            _shadow(picture, lens, (u, side * (row + 0.7)), 1.5)


def _trees(picture: Picture, lens: Lens, row: float, spacing: float, rng: Rng) -> None:
    for u in np.arange(62.0, 7.0, -spacing):
        for side in (-1, 1):
            at = u + rng.uniform(-0.4, 0.4)
            v = side * row
            height = rng.uniform(2.8, 3.6)
            for step in range(6):
                z = height * step / 6
                over = z + height / 6
                left, right = v - 0.13, v + 0.13
                base = [[at, left, z], [at, right, z], [at, v + 0.12, over], [at, v - 0.12, over]]
                _polygon(
                    picture, lens, np.array(base), (70, 84, 98) if z > 1.0 else (200, 206, 208)
                )
            green = np.array([62.0, 112.0, 84.0]) * rng.uniform(0.85, 1.15)
            middle = np.array([at, v + side * 0.9, height + 0.7])
            _blob(picture, lens, (middle, 1.35), 420, green=green, rng=rng)


def _shadow(picture: Picture, lens: Lens, at: tuple[float, float], radius: float) -> None:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.stack(
        [at[0] + radius * np.cos(turn), at[1] + radius * np.sin(turn), np.zeros_like(turn)], axis=1
    )
    pixels, depth = lens.project(ring, SCALE)
    if depth.min() < 1.0:
        return
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(pixels).astype(np.int32)], 255)
    soft = cv2.GaussianBlur(mask, (0, 0), 6)[..., None] / 255.0 * 0.34
    picture[:] = (picture * (1 - soft)).astype(np.uint8)


def _shrubs(picture: Picture, lens: Lens, rng: Rng) -> None:
    for u in np.arange(75.0, 5.0, -1.15):
        green = np.array([66.0, 124.0, 96.0]) * rng.uniform(0.8, 1.15)
        if rng.random() < 0.12:
            green = np.array([96.0, 92.0, 196.0])
        _blob(picture, lens, (np.array([u, 0.0, 0.32]), 0.5), 60, green=green, rng=rng)


def _lamps(picture: Picture, lens: Lens, rng: Rng) -> None:
    start = rng.uniform(14.0, 22.0)
    for u in np.arange(start + 56.0, start - 1.0, -28.0):
        pole = np.array([[u, -0.08, 0.0], [u, 0.08, 0.0], [u, 0.06, 7.6], [u, -0.06, 7.6]])
        _polygon(picture, lens, pole, (136, 138, 138))
        for side in (-1, 1):
            arm = np.array(
                [[u, 0.0, 7.5], [u, side * 1.9, 7.9], [u, side * 1.9, 8.0], [u, 0.0, 7.62]]
            )
            _polygon(picture, lens, arm, (136, 138, 138))
