"""Wells: sensors of a feed that goes by arrival, whose clocks mean nothing."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from streams.events import SECOND, Micros, Place, Readings, Source
from tests.support.loops import GATEWAY

FEED = """
id: wells
version: 1
name: {vi: Giếng, en: Wells}
carries: readings
clock: arrival
lateness_seconds: 2
asset_types: {well: {name: {vi: giếng, en: well}, period_seconds: 5}}
metrics:
  level: {name: {vi: mực, en: depth}, unit: {vi: m, en: m}, range: [0, 99]}
  warmth: {name: {vi: nhiệt độ, en: warmth}, unit: {vi: °C, en: °C}, range: [-9, 99]}
evidence: level
"""
PERIOD = 5 * SECOND
BOOT: Micros = 1_000 * SECOND
"""1970-01-01T00:16:40Z: by a device that does not know what time it is."""
Row = tuple[str, Micros, float]
"""Source, device's time, value."""


def folder(path: Path, text: str = FEED) -> Path:
    """One for ``CITYOPS_EXTENSIONS``, with the feed."""
    (path / "feeds/wells").mkdir(parents=True)
    (path / "feeds/wells/feed.yaml").write_text(text)
    return path


def well(name: str) -> Source:
    place = Place(20.85, 106.68, f"street-{name}")
    return Source(name, "well", name, name, "simulated", place, GATEWAY, period=PERIOD)


def pack(
    rows: Sequence[Row], sequence: int, *, metric: str = "level", time: Micros = 0
) -> Readings:
    """``time``: of the pack, by the device; 0: that of its newest reading."""
    names = tuple(dict.fromkeys(row[0] for row in rows))
    return Readings(
        gateway=GATEWAY,
        time=time or max(row[1] for row in rows),
        sequence=sequence,
        origin="simulated",
        sources=names,
        metrics=(metric,),
        source=np.array([names.index(row[0]) for row in rows], "<u2").tobytes(),
        times=np.array([row[1] for row in rows], "<i8").tobytes(),
        values=np.array([row[2] for row in rows], "<f8").tobytes(),
    )
