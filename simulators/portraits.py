"""The pictures of ``docs/cameras.md``, drawn from the simulated city.

    python -m simulators.portraits docs/cameras --film build/street.avi

The film is of the same street, for ``cityops detect --draw``.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from simulators.cameras import Renderer
from simulators.city.assets import Camera, read
from simulators.dataset import Arranger
from simulators.lens import HEIGHT, WIDTH
from simulators.traffic import Vehicle
from streams.cameras.verdicts import look
from streams.cameras.view import EVERY, LEARNING, View, watch
from streams.events import FrameRef

Picture = NDArray[np.uint8]
CAMERA, HOUR, SEED = "cam-to-hieu", 10.0, 11
LOW, STEEP = (3.0, 4.0), (8.5, 25.0)
"""(metres above the road, degrees downwards)."""
QUALITY = 82
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
CYAN, GREEN = (230, 210, 40), (80, 220, 80)
SMALLEST_PX, LARGEST_PX = 16.0, 300.0
"""Of what is measured in a picture."""


def camera() -> Camera:
    return next(each for each in read().cameras if each.id == CAMERA)


def hung(height_m: float, pitch_deg: float) -> Camera:
    """The same camera, hung otherwise."""
    lens = msgspec.structs.replace(camera().lens, height_m=height_m, pitch_deg=pitch_deg)
    return msgspec.structs.replace(camera(), lens=lens)


def traffic() -> list[Vehicle]:
    return Arranger(camera(), np.random.default_rng(SEED)).scene()


def titled(picture: Picture, title: str) -> Picture:
    shown = picture.copy()
    cv2.rectangle(shown, (0, 0), (WIDTH, 26), BLACK, -1)
    cv2.putText(shown, title, (8, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.6, WHITE, 1, cv2.LINE_AA)
    return shown


def placing() -> Picture:
    """A low, flat view beside a high, steep one of the same traffic; things' heights in pixels."""
    sides = []
    for height_m, pitch_deg in (LOW, STEEP):
        renderer = Renderer(hung(height_m, pitch_deg), SEED)
        picture = renderer.render(traffic(), 1, HOUR)
        for thing in renderer.truth(traffic()):
            x0, y0, x1, y1 = (round(edge) for edge in thing.box)
            if thing.visible < 0.5 or not SMALLEST_PX < y1 - y0 < LARGEST_PX:
                continue
            cv2.rectangle(picture, (x0, y0), (x1, y1), GREEN, 1)
            place = (x0, max(y0 - 4, 38))
            cv2.putText(
                picture, f"{y1 - y0}", place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, GREEN, 1, cv2.LINE_AA
            )
        sides.append(titled(picture, f"{height_m:g} m, {pitch_deg:g} deg"))
    return np.hstack(sides)


def zoned(picture: Picture) -> Picture:
    """With the camera's zones."""
    shown = picture.copy()
    for zone in camera().zones:
        corners = np.rint(np.array(zone.polygon) * (WIDTH, HEIGHT)).astype(np.int32)
        cv2.fillPoly(shown, [corners], CYAN)
    shown = np.asarray(cv2.addWeighted(shown, 0.3, picture, 0.7, 0), np.uint8)
    for zone in camera().zones:
        corners = np.rint(np.array(zone.polygon) * (WIDTH, HEIGHT)).astype(np.int32)
        cv2.polylines(shown, [corners], True, CYAN, 2, cv2.LINE_AA)
        x, y = corners.mean(axis=0).astype(int)
        cv2.putText(
            shown, zone.id, (x - 70, y), cv2.FONT_HERSHEY_SIMPLEX, 0.5, WHITE, 1, cv2.LINE_AA
        )
    return shown


def spoiled() -> Iterator[tuple[str, Picture]]:
    """What can be wrong with a picture."""
    renderer = Renderer(camera(), SEED)
    yield "", renderer.render(traffic(), 1, HOUR)
    how = np.array([[1.0, 0.0, -0.22 * WIDTH], [0.0, 1.0, 0.08 * HEIGHT]])
    turned = cv2.warpAffine(
        renderer.render(traffic(), 2, HOUR), how, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT
    )
    yield "turned: ", np.asarray(turned, np.uint8)
    yield "night: ", renderer.render(traffic(), 3, 22.0)
    yield "no light: ", (renderer.render([], 4, 22.0) // 32).astype(np.uint8)
    noise = np.random.default_rng(SEED).normal(0, 1, (HEIGHT, WIDTH, 3))
    yield "a bag: ", np.clip(np.rint(96 + noise), 0, 255).astype(np.uint8)
    glare = renderer.render(traffic(), 5, HOUR)
    cv2.circle(glare, (WIDTH // 2, HEIGHT // 3), 290, WHITE, -1)
    yield "the sun: ", glare
    lost = renderer.render(traffic(), 6, HOUR)
    lost[HEIGHT // 2 :] = 128
    yield "data lost: ", lost
    fog = (renderer.render(traffic(), 7, HOUR) // 4 + 120).astype(np.uint8)
    yield "fog: ", fog


def verdicts() -> Picture:
    """Each with what is said of it, two by four."""
    renderer, view = Renderer(camera(), SEED), View()
    for number in range(LEARNING + 1):
        seen = look(renderer.render([], 100 + number, HOUR)).outline
        view = watch(view, seen, (number + 1) * EVERY, FrameRef(0, 0, ""), 0)
    shown = []
    for name, picture in spoiled():
        looked, kept = look(picture), view
        for number in range(10):
            time = (LEARNING + 2 + number) * EVERY
            kept = watch(kept, looked.outline, time, FrameRef(0, 0, ""), 0)
        verdict = "moved" if looked.verdict == "good" and kept.moved else looked.verdict
        shown.append(cv2.resize(titled(picture, name + verdict), (WIDTH // 2, HEIGHT // 2)))
    return np.vstack([np.hstack(shown[row : row + 2]) for row in range(0, len(shown), 2)])


def film(path: Path, pictures: int = 50, fps: float = 5.0) -> None:
    """Of vehicles that drive on, each by its own speed."""
    renderer, vehicles = Renderer(camera(), SEED), traffic()
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (WIDTH, HEIGHT))
    for number in range(pictures):
        writer.write(renderer.render(vehicles, number, HOUR))
        vehicles = [
            each._replace(u=each.u + each.speed / fps * (1 if abs(each.heading) < 1 else -1))
            for each in vehicles
        ]
    writer.release()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--film", type=Path)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    street = Renderer(camera(), SEED).render(traffic(), 1, HOUR)
    for name, picture in (
        ("placing", placing()),
        ("zones", zoned(street)),
        ("verdicts", verdicts()),
    ):
        file = given.folder / f"{name}.jpg"
        cv2.imwrite(str(file), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if given.film:
        film(given.film)


if __name__ == "__main__":
    main()
