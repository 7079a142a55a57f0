"""Readings as gateways send them: packs, one or more of each gateway and feed. Pure."""

from collections.abc import Iterable, Sequence

import numpy as np

from models.measured import nothing
from services.receiver.check import Reading
from streams.events import Micros, Readings

MOST_ROWS = 2_000
"""Of a pack: far below what a message may have, whatever the names."""

Pack = list[tuple[str, Micros, dict[str, float]]]
"""Source, time and values of each row."""


def grouped(readings: Iterable[Reading]) -> list[tuple[str, Pack]]:
    """(gateway, rows), in the same order for the same readings.

    Values of one source and time become one row, whichever rows they came in. Where the same
    metric comes again they do not: which of two counts is then for the stage to say, as for any
    feed; and where both have just arrived, the second has a microsecond later.
    """
    found: list[tuple[str, Pack]] = []
    last: dict[tuple[str, str], Pack] = {}
    places: dict[tuple[str, Micros], dict[str, float]] = {}
    for one in readings:
        time = one.time
        row = places.get((one.source, time))
        while row is not None and row.keys() & one.values.keys() and one.arrived:
            time += 1
            row = places.get((one.source, time))
        if row is not None and not row.keys() & one.values.keys():
            row |= one.values
            continue
        whose = one.gateway, one.feed
        pack = last.get(whose)
        if pack is None or len(pack) >= MOST_ROWS:
            pack = last[whose] = []
            found.append((one.gateway, pack))
        values = places[one.source, time] = dict(one.values)
        pack.append((one.source, time, values))
    return found


def packed(groups: list[tuple[str, Pack]], stamps: Sequence[tuple[Micros, int]]) -> list[Readings]:
    """Args:
    stamps: time and sequence of each.
    """
    return [
        _pack(gateway, rows, *stamp) for (gateway, rows), stamp in zip(groups, stamps, strict=True)
    ]


def _pack(gateway: str, rows: Pack, time: Micros, sequence: int) -> Readings:
    sources = list(dict.fromkeys(source for source, _, _ in rows))
    metrics = list(dict.fromkeys(metric for _, _, values in rows for metric in values))
    place = {source: number for number, source in enumerate(sources)}
    column = {metric: number for number, metric in enumerate(metrics)}
    table = nothing((len(rows), len(metrics)))
    for number, (_, _, values) in enumerate(rows):
        for metric, value in values.items():
            table[number, column[metric]] = value
    return Readings(
        gateway,
        time,
        sequence,
        "live",
        tuple(sources),
        tuple(metrics),
        np.array([place[source] for source, _, _ in rows], "<u2").tobytes(),
        np.array([when for _, when, _ in rows], "<i8").tobytes(),
        table.astype("<f8").tobytes(),
    )
