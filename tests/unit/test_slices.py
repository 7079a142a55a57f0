"""How a recording is sliced by the ticks of a partition, and by no others."""

from streams.control import Control
from streams.events import DAY, SECOND, Tick
from streams.recordings.capture import _Feed

NOW = 1_800_000_000 * SECOND


def test_a_tick_that_the_stages_refuse_ends_no_slice() -> None:
    feed = _Feed(Control(tick=NOW, announced=True))
    records = [("frames", 0, [], bytes([number])) for number in range(4)]
    feed.add(records[0], None)
    feed.add(records[1], Tick(NOW + 40 * DAY))
    assert (feed.tick, feed.ticks()) == (NOW, set())
    feed.add(records[2], Tick(NOW + SECOND))
    feed.add(records[3], Tick(NOW + 40 * DAY, resumes=True))
    assert feed.ticks() == {NOW + SECOND, NOW + 40 * DAY}
    assert feed.until(NOW + SECOND) == records[:3]


def test_in_what_an_earlier_release_published_every_later_tick_does() -> None:
    feed = _Feed(Control(tick=NOW))
    feed.add(("frames", 0, [], b""), Tick(NOW + 40 * DAY))
    assert feed.ticks() == {NOW + 40 * DAY}
