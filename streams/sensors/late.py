"""Readings that come too late to be judged: what they are to whoever stores them."""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured
from streams.accounts.entries import Added
from streams.events import BAD, DELIVERY, LATE, REPEATED, Scored
from streams.feeds.feed import Feed
from streams.sensors import booking
from streams.sensors.delivery import ARRIVED, REFUSED, UNCLEAN
from streams.sensors.delivery import LATE as TOO_LATE
from streams.sensors.faults import of_merged, wrong_for
from streams.sensors.intake import Arrival, Intake
from streams.sensors.release import Envelope, columns, not_scored, to_scored
from streams.sensors.reordering import Rows, merged
from streams.sensors.rosters import Roster
from streams.sensors.unusable import noted
from streams.sensors.windows import Windows


class Lately(NamedTuple):
    """Late readings."""

    rows: Rows
    """Those of which the windows do not say that they had come before."""
    values: NDArray[np.float32]
    """Of these, as windows keep them."""
    all: Rows
    counts: NDArray[np.bool_]
    """[DELIVERY, of all]: what each is to what was promised."""


def judge_late(
    arrival: Arrival, windows: Windows, feed: Feed, roster: Roster, envelope: Envelope
) -> tuple[Intake, list[Scored], dict[str, int], Added, Lately]:
    """They go to what is stored, which knows them if they were there."""
    intake = arrival.intake
    found = merged(arrival.late, roster.rank, wrong_for(feed, intake.metrics))
    rows = found.rows
    faults, judged = of_merged(found, feed, intake.metrics)
    values = np.where(faults, NOT_MEASURED, rows.values)
    bad = judged == BAD
    kept = columns(values, intake.metrics, tuple(feed.metrics))
    repeats, corrects = windows.compare(rows.slot, rows.time, kept)
    # Windows know nothing of metrics that no feed declares.
    undeclared = np.array([metric not in feed.metrics for metric in intake.metrics], np.bool_)
    repeats &= ~measured(values[:, undeclared]).any(axis=1)
    repeated = (found.joined | repeats) & ~bad
    flags = (LATE + repeated * REPEATED + bad * BAD).astype("u1")
    scored = to_scored(
        envelope,
        intake,
        roster.rank,
        rows,
        scores=not_scored(len(rows)),
        flags=flags,
        faults=faults,
    )
    late = ~repeated & ~bad
    corrected = found.corrected | (corrects & late)
    counts = booking.tally(
        repeated=repeated & ~corrected, bad=bad, late=late & ~corrected, corrected=corrected
    )
    # That it sent was when it arrived, as of a late reading that can be used.
    slot = np.unique(rows.slot[bad & ~found.joined])
    unusable = noted(intake.unusable, slot, np.full(len(slot), envelope.time))
    intake = msgspec.structs.replace(intake, unusable=unusable)
    added = booking.of_judged(intake.sources, found, faults, flags, "late")
    own = np.zeros((len(DELIVERY), len(rows)), np.bool_)
    new = late & ~corrected
    own[ARRIVED] = own[TOO_LATE] = new | (bad & ~found.joined)
    own[REFUSED] = bad & ~found.joined
    own[UNCLEAN] = repeated | corrected
    return intake, scored, counts, added, Lately(rows.take(late), kept[late], rows, own)
