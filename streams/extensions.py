"""An installation's own folder of kinds, feeds and indicators: the one that ``CITYOPS_EXTENSIONS``
names, else ``extensions`` in the state directory.
"""

from pathlib import Path
from typing import Literal, get_args

from streams import settings

Part = Literal["kinds", "feeds", "indicators"]
PARTS: tuple[Part, ...] = get_args(Part)
_MEANT = {name: part for part in PARTS for name in (part, part.removesuffix("s"))}


def own(part: Part) -> Path | None:
    """Its folder of kinds, feeds or indicators; None where there is none.

    Raises:
        SettingError: there is nothing in the installation's folder, or in one of a wrong name.
    """
    found = settings.load()
    folder = folder_of(found)
    if not found.extensions and not any(entries(folder)):
        return None
    for entry in entries(folder):
        right = _MEANT.get(entry.name.lower(), entry.name)
        if entry.name != right:
            raise settings.SettingError(f"{entry} is not looked into: call it {right}")
    if not any(any(entries(folder / each)) for each in PARTS):
        raise settings.SettingError(
            f"{settings.PREFIX}EXTENSIONS={str(folder)!r}: nothing is in it; give kinds/ID.py,"
            " feeds/ID/feed.yaml or indicators/NAME.yaml"
        )
    inside = folder / part
    return inside if inside.exists() else None


def tables(part: Part, ours: Path) -> list[Path]:
    """The files of one name that are there: the installation's own, and then the product's.

    Raises:
        SettingError: as of ``own``, or one is called ``.yml``.
    """
    folders = [own(part), ours.parent]
    for near in [folder / ours.with_suffix(".yml").name for folder in folders if folder]:
        if near.exists():
            raise settings.SettingError(f"{near} is not looked into: call it {ours.name}")
    found = [folder / ours.name for folder in folders if folder]
    return [path for path in found if path.exists()]


def folder_of(found: settings.Settings) -> Path:
    """Where an installation's own kinds, feeds and indicators are, or would be."""
    return Path(found.extensions) if found.extensions else found.state_dir / "extensions"


def entries(folder: Path) -> list[Path]:
    """What is in such a folder, sorted, without what begins with ``_`` or ``.``.

    Raises:
        SettingError: it is no folder, or may not be read.
    """
    try:
        found = sorted(folder.iterdir()) if folder.exists() else []
    except OSError as error:
        raise settings.SettingError(f"{folder}: {error.strerror}: give a folder") from None
    return [entry for entry in found if not entry.name.startswith(("_", "."))]
