"""Where event time went back, or had jumped: no recording reaches across that (decision 0028).

Checkpoints tell: of each stage and partition, the next one is of a later minute, but there.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from streams.control import KEY, RESUMED_AFTER, Control
from streams.events import MINUTE, SECOND, Checkpoint, Micros, to_rfc3339
from streams.hearing import NEVER
from streams.recordings.rewind import checkpoints, decoded
from streams.settings import Settings
from streams.stage import Stage


class TurnError(Exception):
    """Event time did not go through the stretch that is to be recorded, from its begin to its end.

    Args:
        back_at: the last moment before it went back.
        back_to: the first one after that.
        begin: from when on a recording can be made.
    """

    def __init__(self, back_at: Micros, back_to: Micros, begin: Micros) -> None:
        super().__init__(
            f"event time went back from {to_rfc3339(back_at)} to {to_rfc3339(back_to)}, and a"
            f" recording cannot reach across that; one can begin at {to_rfc3339(begin)} (--from),"
            " or end before event time had jumped ahead"
        )


class StoodError(Exception):
    """No event time passed in the stretch that is to be recorded."""

    def __init__(self, after: Micros, until: Micros, landed: Micros) -> None:
        super().__init__(
            f"nothing ran from {to_rfc3339(after)} to {to_rfc3339(until)}: event time went on at"
            f" {to_rfc3339(landed)}; a recording can begin there (--from)"
        )


def insist(settings: Settings, stages: Sequence[Stage], after: Micros, end: Micros) -> None:
    """That event time is not known to have gone back on the way from ``after`` to ``end``.

    Args:
        stages: those that read ticks.

    Raises:
        TurnError: it has, or what lies there was undone.
        streams.recordings.files.RecordingError: a checkpoint is of a later release.
        BrokerAwayError: Kafka does not answer.
    """
    begin: Micros = 0
    turned: tuple[Micros, Micros] | None = None
    known = checkpoints(settings, NEVER)
    for stage in stages:
        for number in range(settings.partitions):
            told = known.get((stage.name, number), [])
            for back_at, back_to, first in _turns(settings, stage, told):
                begin = max(begin, first)
                # The last checkpoint before ``after`` would be from before the turn.
                across = after < first and back_to < end
                again = told[-1].time > after - 2 * MINUTE  # it has come there once more since
                undone = first < after <= back_at and not again
                if across or undone:
                    turned = back_at, back_to
    if turned:
        raise TurnError(*turned, begin)


def _turns(
    settings: Settings, stage: Stage, told: Sequence[Checkpoint]
) -> Iterator[tuple[Micros, Micros, Micros]]:
    """(last tick before, first one after, the first checkpoint after) of each, in order."""
    for before, first in pairwise(told):
        if first.time >= before.time:
            continue
        control = decoded(stage, settings.partitions, first).states.get(KEY)
        back_at, back_to = before.time, first.time
        if isinstance(control, Control) and 0 <= first.time - control.resumed_at < MINUTE:
            back_to = control.resumed_at
            back_at = max(back_at, control.undone)
        yield back_at, back_to, first.time


def pass_on(after: Micros, until: Micros, landed: Micros) -> None:
    """Raises StoodError where the first tick not before ``after`` is beyond the stretch."""
    if landed > until + SECOND and landed - after > RESUMED_AFTER:
        raise StoodError(after, until, landed)
