"""The first real camera: public footage of people crossing a university campus (PETS 2009)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from services.gateway.orders import CameraOrder, add_camera, configured
from streams.database import connect
from streams.events import Rule, Zone
from streams.models import for_footage, registry
from streams.settings import Settings

CAMERA = "vtest"
FILE = "vtest.avi"
DEBIAN_FOLDERS = ("/usr/share/doc/opencv-doc", "/usr/share/doc/opencv-doc/examples")
"""Where Debian's package ``opencv-doc`` has the file, in one of its subfolders."""

WIDTH, HEIGHT = 768, 576

ROAD = ((0, 186), (160, 205), (440, 196), (690, 148), (722, 160), (700, 205), (768, 300),
        (768, 490), (640, 448), (520, 402), (430, 372), (340, 332), (265, 302), (180, 274),
        (0, 252))  # fmt: skip
LAWN = ((0, 262), (100, 275), (180, 298), (255, 330), (340, 365), (430, 405), (520, 440),
        (640, 480), (768, 525), (768, 575), (0, 575))  # fmt: skip
"""Corners in pixels of the footage; a person counts where the feet are."""

ZONES = (
    ("vtest-road", "Lòng đường nội bộ", "Service road", ROAD),
    ("vtest-lawn", "Bãi cỏ", "Lawn", LAWN),
)
RULES = (
    Rule(
        "vtest-crowd",
        "crowd",
        "medium",
        zones=("vtest-road",),
        parameters={"count": 7.0, "hold_seconds": 3.0},
    ),
    Rule(
        "vtest-lawn",
        "intrusion",
        "low",
        zones=("vtest-lawn",),
        parameters={"dwell_seconds": 3.0},
    ),
)
"""Tried on the footage: both are true within its 79.5 s, and what they show can be seen."""


def order(video: Path, model: str) -> CameraOrder:
    """The camera with what is drawn and watched on it; ``model`` is ``name@version``."""
    return CameraOrder(
        id=CAMERA,
        address=str(video),
        model=model,
        loop=True,
        name_vi="Khuôn viên (cảnh quay thật)",
        name_en="Campus (real footage)",
        zones=tuple(
            Zone(zone, CAMERA, name_vi, name_en, tuple((x / WIDTH, y / HEIGHT) for x, y in corners))
            for zone, name_vi, name_en, corners in ZONES
        ),
        rules=RULES,
    )


def add_footage(settings: Settings) -> str | None:
    """Adds the camera where its video and a model are there; adding it again changes nothing.

    Returns the camera's id, or None where the video or any model of real footage is missing.

    Raises:
        psycopg.OperationalError: no database answers.
    """
    video = next((path for path in _places(settings) if path.is_file()), None)
    best = for_footage(registry(settings))
    if video is None or not best:
        return None
    with connect(settings, "footage", autocommit=True) as connection:
        known = configured(connection).sources.get(CAMERA)
        # A release that carries a better one changes no camera that is there.
        model = known.model if known and known.model else best
        add_camera(connection, settings, order(_in_media(settings, video), model), "footage")
    return CAMERA


def _in_media(settings: Settings, video: Path) -> Path:
    """Where the gateway may read it."""
    place = settings.media / FILE
    if not place.is_file() or place.stat().st_size != video.stat().st_size:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f".{FILE}")
        shutil.copyfile(video, draft)
        draft.chmod(0o644)  # also where root's umask would close it to the gateway
        draft.replace(place)
    return place


def _places(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir / "video" / FILE
    yield settings.state_dir / "data" / FILE
    for folder in map(Path, DEBIAN_FOLDERS):
        yield from sorted(folder.rglob(FILE))
