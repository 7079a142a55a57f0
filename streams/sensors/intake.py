"""What a pack becomes on arrival: repeats recognised, late and unusable rows set apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import coded, impossible, measured, nothing
from streams.accounts.entries import Added
from streams.control import ABSURD_AHEAD, Control, absurdity
from streams.events import BadMessage, Micros, Readings, Reason
from streams.feeds.feed import Feed
from streams.ids import METRIC
from streams.sensors import arrivals
from streams.sensors.arrivals import Arrivals
from streams.sensors.booking import of_pack, values_of
from streams.sensors.clocks import NONE, Clocks, check
from streams.sensors.lag import AHEAD, Lags, note
from streams.sensors.reordering import ORIGINS, Rows, Waiting, wait
from streams.sensors.rosters import Listing
from streams.sensors.times import EARLIEST, LATEST, absurd
from streams.sensors.unusable import Unusable
from streams.sensors.windows import Windows
from streams.sensors.words import Words, spoken

REMEMBERED_PACKS = 512
"""Packs of a gateway that are recognised when they come again."""
MOST_SOURCES = 65_535
MOST_UNDECLARED = 16
"""Metrics of a gateway that its feed does not declare: stored, and judged by nothing.

Refusing them all would lose what a device measured before somebody has written it into its feed: a
gateway with a sensor for each of eight metrics must lose none (case ``mixed-gateway``).
"""


class Intake(msgspec.Struct, frozen=True, tag="intake"):
    """What is kept of one gateway from pack to pack."""

    sources: tuple[str, ...] = ()
    """The roster: a source's slot is its index. Only ever grows."""
    metrics: tuple[str, ...] = ()
    """Columns of what waits; only ever grows."""
    packs: bytes = b""
    """uint64 [n]: digests of the latest packs."""
    waiting: Waiting = ()
    lags: Lags = Lags()
    words: Words = Words()
    unusable: Unusable = {}
    clocks: Clocks = NONE
    arrivals: Arrivals = Arrivals()
    """Only of a feed that goes by arrival."""


Refused = tuple[Reason, str, Readings]
"""(reason, detail, a pack of just those rows)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one pack did."""

    intake: Intake
    late: Rows
    refused: tuple[Refused, ...]
    """Of rows that cannot be used."""
    repeated: int
    accounts: Added
    """What came in, and what of it was refused or repeated."""


def arrive(
    intake: Intake,
    listing: Listing,
    control: Control,
    passed: Micros,
    pack: Readings,
    *,
    feed: Feed,
    windows: Windows,
) -> Arrival:
    """Takes one pack.

    Args:
        listing: of the pack's sources.
        passed: what lies before it has been released; a reading from there is late.
        feed: that of the pack's sources.
        windows: of the gateway's sensors of the feed.

    Raises:
        BadMessage: ``wrong_type`` where the pack is malformed, ``absurd_time``,
            ``unknown_source`` where that holds for all of its rows, ``overload``; ``no_tick``
            where its feed goes by arrival, and nothing has said yet what time it is.
    """
    index, times, values = pack.arrays()
    by_arrival = feed.clock == "arrival"
    _check(pack, listing, control, by_arrival=by_arrival)
    digest, names = _digest(pack), listing.names
    packs = np.frombuffer(intake.packs, "<u8")
    if digest in packs:
        nothing = Rows(index[:0], times[:0], values[:0], np.zeros(0, "u1"))
        again = of_pack(pack, names, control, "repeated")
        added = Added((again,), received=int(again.number.sum()))
        return Arrival(intake, nothing, (), max(len(index), 1), added)
    pack, strange = _known_metrics(intake, feed, pack)
    impossible_times = _untold(times) if by_arrival else absurd(control, times)
    unknown = ~listing.known[index] if len(index) else np.zeros(0, np.bool_)
    impossible_times &= ~unknown
    refused = _refused(pack, {"unknown_source": unknown, "absurd_time": impossible_times}, control)
    good = ~(unknown | impossible_times)
    entries = [
        of_pack(rest, names, control, "refused", reason, least=least)
        for least, some in ((0, strange), (1, refused))
        for reason, _, rest in some
    ]
    came = values_of(pack.arrays()[2]).sum() + sum(
        int(entry.number.sum()) for entry in entries[: len(strange)]
    )
    intake = msgspec.structs.replace(
        intake, packs=np.append(packs, np.uint64(digest))[-REMEMBERED_PACKS:].tobytes()
    )
    slot_of = listing.slot
    if not listing.complete:
        named = zip(pack.sources, listing.known, strict=True)
        intake = enrol(intake, [name for name, known in named if known])
        slots = {source: slot for slot, source in enumerate(intake.sources)}
        slot_of = np.array([slots.get(source, 0) for source in pack.sources], "<u2")
    intake, rows = _rows(intake, slot_of, pack, good)
    known = ~unknown
    clocked = (slot_of[index[known]], times[known])
    if by_arrival:
        intake, rows, clocked = _by_arrival(intake, rows, control.tick)
    judged = windows.read_judged(len(intake.sources))
    # Just after time resumed elsewhere, what is under way says nothing of links and clocks.
    tick = control.settled
    lags = note(intake.lags, judged, rows.slot, rows.time, tick=tick, lateness=feed.lateness)
    late = rows.time < lags.before(rows.slot, passed)
    if control.undone:
        late |= rows.time > control.tick + ABSURD_AHEAD  # stamped before event time went back
    clocks = check(intake.clocks, *clocked, tick, feed.lateness)
    intake = msgspec.structs.replace(
        intake,
        waiting=wait(intake.waiting, rows.take(~late)),
        lags=lags,
        clocks=clocks,
        words=_words(intake, lags, rows, tick, passed, feed=feed),
    )
    return Arrival(intake, rows.take(late), strange + refused, 0, Added(entries, int(came)))


def _by_arrival(
    intake: Intake, rows: Rows, tick: Micros
) -> tuple[Intake, Rows, tuple[NDArray[np.uint16], NDArray[np.int64]]]:
    """Its readings by arrival; and (slot, time) of what is new, which no clock has stamped."""
    times, rows, new = arrivals.timed(intake.arrivals, rows, len(intake.sources), tick)
    intake = msgspec.structs.replace(intake, arrivals=times)
    return intake, rows, (rows.slot[new], rows.time[new])


def _words(
    intake: Intake, lags: Lags, rows: Rows, tick: Micros, passed: Micros, *, feed: Feed
) -> Words:
    """With those of the readings that do not say by their own time when their source lived."""
    aside = (rows.time < passed) | (rows.time > tick + AHEAD) | lags.is_slow(rows.slot)
    if not tick or not aside.any():
        return intake.words
    told = rows.take(aside)
    good = measured(told.values) & ~impossible(told.values, feed.ranges(intake.metrics))
    good &= ~coded(told.values, feed.missing)
    usable = good.any(axis=1)
    return spoken(intake.words, told.slot[usable], np.clip(told.time[usable], passed, tick))


def begin_anew(intake: Intake) -> Intake:
    """Where event time goes back, once nothing waits: rosters and packs stay, times do not."""
    return Intake(intake.sources, intake.metrics, intake.packs)


def enrol(intake: Intake, sources: list[str]) -> Intake:
    """With a slot for each source; raises BadMessage ``overload`` where there are too many."""
    there = set(intake.sources)
    new = [source for source in dict.fromkeys(sources) if source not in there]
    if not new:
        return intake
    if len(intake.sources) + len(new) > MOST_SOURCES:
        raise BadMessage("overload", f"more than {MOST_SOURCES} sources at one gateway")
    return msgspec.structs.replace(intake, sources=(*intake.sources, *new))


def _check(pack: Readings, listing: Listing, control: Control, *, by_arrival: bool) -> None:
    if not pack.gateway or listing.twice:
        raise BadMessage("wrong_type", "no gateway, or a source is listed twice")
    if len(set(pack.metrics)) != len(pack.metrics):
        raise BadMessage("wrong_type", "a metric is listed twice")
    if by_arrival and not control.tick:
        raise BadMessage("no_tick", "when it arrived cannot be said yet")
    earliest, latest = (arrivals.EARLIEST, arrivals.LATEST) if by_arrival else (EARLIEST, LATEST)
    if not earliest <= pack.time < latest:
        raise BadMessage("absurd_time", absurdity([pack.time], control))


def _known_metrics(
    intake: Intake, feed: Feed, pack: Readings
) -> tuple[Readings, tuple[Refused, ...]]:
    """The pack without columns for which there is no place, and what is refused with them.

    Those that the feed declares always have one; of others each gateway has a few.

    Raises:
        BadMessage: ``unknown_metric`` where no column is left.
    """
    room = MOST_UNDECLARED - sum(metric not in feed.metrics for metric in intake.metrics)
    kept: list[int] = []
    for column, metric in enumerate(pack.metrics):
        if metric not in feed.metrics and metric not in intake.metrics:
            if room <= 0 or not METRIC.fullmatch(metric):
                continue
            room -= 1
        kept.append(column)
    if len(kept) == len(pack.metrics):
        return pack, ()
    left = [column for column in range(len(pack.metrics)) if column not in kept]
    names = [f"{pack.metrics[column]!r:.60}" for column in left]
    detail = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    if not kept:
        raise BadMessage("unknown_metric", detail)
    return _columns(pack, kept), (("unknown_metric", detail, _columns(pack, left)),)


def _columns(pack: Readings, which: list[int]) -> Readings:
    values = np.frombuffer(pack.values, "<f8").reshape(-1, len(pack.metrics))
    return msgspec.structs.replace(
        pack,
        metrics=tuple(pack.metrics[column] for column in which),
        values=np.ascontiguousarray(values[:, which]).tobytes(),
    )


def _digest(pack: Readings) -> int:
    """The same for a pack that is sent again, another for the remnant that a retry sends."""
    hashed = blake2b(digest_size=8)
    hashed.update(b"%d %d %d" % (pack.time, pack.sequence, len(pack.source)))
    hashed.update("\x1f".join((*pack.sources, *pack.metrics)).encode())
    for column in (pack.source, pack.times, pack.values):
        hashed.update(column)
    return int.from_bytes(hashed.digest(), "little")


def _untold(times: NDArray[np.int64]) -> NDArray[np.bool_]:
    """What a device says of the time need not be true, but it is kept."""
    untold: NDArray[np.bool_] = (times < arrivals.EARLIEST) | (times > arrivals.LATEST)
    return untold


def _refused(
    pack: Readings, reasons: Mapping[Reason, NDArray[np.bool_]], control: Control
) -> tuple[Refused, ...]:
    refused = []
    for reason, which in reasons.items():
        if not which.any():
            continue
        index = np.frombuffer(pack.source, "<u2")[which]
        names = sorted({pack.sources[i] for i in set(index.tolist())})
        detail = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        times = np.frombuffer(pack.times, "<i8")[which]
        if reason == "absurd_time":
            detail += f": {absurdity(list(dict.fromkeys(times.tolist())), control)}"
        if which.all() and reason == "unknown_source":
            raise BadMessage(reason, detail)
        values = np.frombuffer(pack.values, "<f8").reshape(-1, len(pack.metrics))
        remnant = msgspec.structs.replace(
            pack,
            source=index.tobytes(),
            times=times.tobytes(),
            values=values[which].tobytes(),
        )
        refused.append((reason, detail, remnant))
    return tuple(refused)


def _rows(
    intake: Intake,
    slot_of: NDArray[np.uint16],
    pack: Readings,
    which: NDArray[np.bool_],
) -> tuple[Intake, Rows]:
    """Those rows of the pack, with the gateway's slots and columns instead of the pack's."""
    index, times, values = pack.arrays()
    index, times, values = index[which], times[which], values[which]
    new = tuple(metric for metric in pack.metrics if metric not in intake.metrics)
    metrics = (*intake.metrics, *new)
    if pack.metrics != metrics:
        columns = [metrics.index(metric) for metric in pack.metrics]
        mapped = nothing((len(index), len(metrics)))
        mapped[:, columns] = values
        values = mapped
    slot = slot_of[index] if len(index) else np.empty(0, "<u2")
    origin = np.full(len(index), ORIGINS.index(pack.origin), "u1")
    replaced = msgspec.structs.replace(intake, metrics=metrics)
    return replaced, Rows(slot, times, values, origin)
