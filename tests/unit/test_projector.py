"""Lost decoders change no digest, unless a film begins anew where it lost its own."""

import os
import signal
from pathlib import Path

import cv2
import pytest

from streams.events import SECOND
from streams.recordings import canonical, rerun
from streams.recordings.folder import Slice, State
from tests.support import town
from tests.support.projector import BITS, PICTURES_PER_SECOND, Projector, drawn, missed, number_of

PARTITIONS = 6
SECONDS = 60
RATE = 12 * PICTURES_PER_SECOND
"""The town goes by twelve times as fast."""
HIT = "quay"


@pytest.fixture(scope="module")
def played() -> tuple[list[State], list[Slice]]:
    """What the stages know when films begin, and what comes after that."""
    partitions = town.partitions(PARTITIONS)
    slices = list(town.slices(town.events(town.SECONDS), PARTITIONS))
    town.log(partitions, [piece for piece in slices if piece.tick <= town.AFTER])
    until = town.AFTER + SECONDS * SECOND
    return town.states(partitions), [p for p in slices if town.AFTER < p.tick <= until]


@pytest.mark.parametrize("resuming", [True, False], ids=["resumed", "control"])
def test_a_lost_decoder_changes_nothing_and_a_film_that_begins_anew_does(
    resuming: bool, played: tuple[list[State], list[Slice]], tmp_path: Path
) -> None:
    states, pieces = played
    wanted = town.log(town.partitions(PARTITIONS, states), pieces)
    run, found = rerun.Rerun(town.partitions(PARTITIONS, states)), []
    with Projector(tmp_path / "films", pieces, RATE, resuming=resuming) as projector:
        for number, piece in enumerate(pieces):
            if number == SECONDS // 4:
                os.kill(projector.readers[HIT].pid, signal.SIGKILL)
            found += run.feed(projector.projected(piece))
    log = canonical.log(found, town.AFTER, town.UNTIL)
    assert len(wanted) > 20
    assert (log == wanted) is resuming
    assert not any(each.pictures for each in missed(tmp_path / "films").values())


@pytest.mark.parametrize("number", [0, 1, 437, 2**BITS - 1])
def test_a_picture_says_its_number(number: int) -> None:
    assert number_of(cv2.imencode(".jpg", drawn(number))[1].tobytes()) == number
