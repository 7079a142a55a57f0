"""A recording names the kinds and feeds that it rests on; what is absent or newer is refused."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from services.commandline.replay import Replay
from streams.events import DAY, ControlChange, encode
from streams.feeds.registry import all_feeds
from streams.kinds import combination, combinations, joins
from streams.kinds.registry import all_kinds
from streams.recordings import together, versions
from streams.recordings.files import RecordingError
from streams.recordings.folder import FORMAT, INDEX, Index, Recording, Slice, Timing
from streams.recordings.versions import BEFORE, PROMISED, Named
from streams.settings import Settings
from streams.topics import READINGS
from streams.words import Name, Words
from streams.worktime.calendar import DayOff
from streams.worktime.file import working_calendar
from tests.support import town
from tests.support.loops import loop
from tests.support.watchman import rule

PINNED = Path(__file__).parent.parent / "pinned"
CAMERAS, LOOPS = Timing("gateway", 10_000_000), Timing("gateway", 2_000_000)
Tables = Callable[[list[joins.Event], list[combination.Combination]], None]
KINDS = {"stopped_vehicle", "crowd", "intrusion", "no_data", "congestion"}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Of a recording in the old format."""
    made = tmp_path / "town"
    shutil.copytree(PINNED / "town", made)
    return made


def rest_on(copy: Path, **fields: object) -> None:
    """Makes it one of the present format that says so."""
    index = msgspec.json.decode((copy / INDEX).read_bytes(), type=Index)
    changed = msgspec.structs.replace(index, format=FORMAT, **fields)
    (copy / INDEX).write_bytes(msgspec.json.encode(changed))


def replay(copy: Path) -> Replay:
    return Replay(Settings(), Recording(copy), None, None, "")


def told(*changes: ControlChange) -> Slice:
    return Slice(0, [(READINGS, 0, *encode(each)) for each in changes])


def test_what_is_known_and_what_is_changed_on_the_way_are_named() -> None:
    partitions = town.partitions(3)
    town.log(partitions, list(town.slices(town.events(), 3))[:3])
    named = Named()
    named.known(partitions)
    assert set(named.kinds()) == KINDS
    assert named.feeds() == {
        name: all_feeds()[name].version for name in ("cameras", "induction_loops")
    }
    assert named.timings() == {"cameras": CAMERAS, "induction_loops": LOOPS}
    named.told(told(ControlChange(99, 0, rule("anomaly"))))
    assert set(named.kinds()) == KINDS | {"anomaly"}
    assert all(all_kinds()[name].version == version for name, version in named.kinds().items())


def test_what_is_not_here_is_absent() -> None:
    named = Named()
    buoy = msgspec.structs.replace(loop("buoy-1", "sea"), kind="buoy")
    flood = msgspec.structs.replace(rule("crowd"), kind="flood")
    named.told(told(ControlChange(1, 0, buoy), ControlChange(2, 0, flood)))
    named.told(Slice(0, [(READINGS, 0, [("ce_type", b"cityops.control")], b"no event")]))
    assert (named.kinds(), named.feeds()) == ({}, {})
    assert named.absent() == ["kind 'flood'", "source type 'buoy'"]


def test_a_recording_of_the_old_format_is_taken_by_the_names_of_its_rules(copy: Path) -> None:
    assert Recording(copy).index.kind_versions == {}
    replay(copy)


def test_one_whose_kind_is_not_here_is_refused(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = versions.find

    def find(name: str) -> object:
        if name == "silence":
            raise versions.UnknownKindError(name)
        return known(name)

    monkeypatch.setattr(versions, "find", find)
    with pytest.raises(RecordingError, match="rests on kind 'silence', which is not here"):
        replay(copy)


def test_what_is_here_under_its_id_or_a_later_one_is_replayed(copy: Path) -> None:
    rest_on(copy, kind_versions={"crowd": 1, "silence": 1}, feed_versions={"cameras": 1})
    replay(copy)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind_versions": {"flood": 1}}, "rests on kind 'flood', which is not here"),
        ({"feed_versions": {"buoys": 1}}, "rests on feed 'buoys', which is not here"),
        ({"kind_versions": {"crowd": 99}}, "kind 'crowd' in version 99, and this has version 1"),
        (
            {"feed_versions": {"cameras": 99}},
            "feed 'cameras' in version 99, and this has version 1",
        ),
    ],
)
def test_what_is_absent_or_newer_is_refused_by_one_line(
    copy: Path, fields: dict[str, object], said: str
) -> None:
    rest_on(copy, **fields)
    with pytest.raises(RecordingError, match=said) as refused:
        replay(copy)
    assert "\n" not in str(refused.value)


def test_only_what_rests_on_days_that_are_worked_names_them(copy: Path) -> None:
    index = Recording(copy).index
    span = index.after, index.end
    named = Named()
    named.told(told(ControlChange(1, 0, loop("a")), ControlChange(2, 0, rule("crowd"))))
    assert named.calendar(*span) == ""
    office = msgspec.structs.replace(loop("desk"), kind="dossier_office")
    for change in office, rule("level_shift"):
        named = Named()
        named.told(told(ControlChange(1, 0, change)))
        assert named.calendar(*span) == working_calendar().digest(
            span[0] - BEFORE, span[1] + PROMISED
        )


@pytest.mark.parametrize(("days", "taken"), [(-70, True), (0, False), (360, False), (368, True)])
def test_one_that_was_made_with_other_days_off_is_refused_by_one_line(
    copy: Path, days: int, taken: bool
) -> None:
    index = Recording(copy).index
    ours = working_calendar()
    day = ours.day_of((index.end if days > 0 else index.after) + days * DAY)
    while not ours._hours(day):
        day += timedelta(days=1)
    off = DayOff(day, day, Words("Nghỉ", "Off"))
    theirs = msgspec.structs.replace(ours, off=(*ours.off, off), until=max(ours.until, day))
    rest_on(copy, calendar=theirs.digest(index.after - BEFORE, index.end + PROMISED))
    if taken:
        replay(copy)
        return
    with pytest.raises(RecordingError, match="CITYOPS_WORKING_CALENDAR") as refused:
        replay(copy)
    assert "\n" not in str(refused.value)


JAM = joins.Sign("congestion", 600.0, 60.0, extends=True)
QUIET = joins.Sign("no_data", 100.0, 5.0)
NAME = Name("Một", "one")
FAIR = joins.Event(NAME, 900.0, (JAM, QUIET))
BOTH = combination.Combination(
    NAME, "high", (combination.Sign("crowd"), combination.Sign("congestion")), 5.0
)


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Tables:
    """Puts others in force."""

    def put(events: list[joins.Event], combined: list[combination.Combination]) -> None:
        numbered = {f"event-{at}": one for at, one in enumerate(events)}
        monkeypatch.setattr(joins, "events", lambda: numbered)
        named = {f"all-{at}": one for at, one in enumerate(combined)}
        monkeypatch.setattr(combinations, "combinations", lambda: named)

    return put


def test_what_joins_or_combines_kinds_that_are_not_there_makes_no_difference(
    tables: Tables,
) -> None:
    changed = msgspec.structs.replace
    tables([], [])
    none, other = together.digest(["crowd"]), together.digest(["congestion"])
    assert none == other
    tables([FAIR], [BOTH])
    assert together.digest(["crowd"]) == none, "a crowd is no sign, and no jam stands beside it"
    both = together.digest(["crowd", "congestion", "no_data"])
    assert len({none, together.digest(["congestion"]), both}) == 3
    assert together.digest(["no_data", "congestion", "crowd"]) == both
    tables([changed(FAIR, name=Name("Khác", "other"))], [changed(BOTH, name=Name("Khác", "other"))])
    assert together.digest(["crowd", "congestion", "no_data"]) == both
    former = FAIR, changed(FAIR, signs=(JAM, changed(QUIET, kind="silence")))
    found = set()
    for one in former:
        tables([one], [BOTH])
        found.add(together.digest(["congestion", "silence"]))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("events", "combined"),
    [
        ([], [BOTH]),
        ([msgspec.structs.replace(FAIR, reach_m=901.0)], [BOTH]),
        ([msgspec.structs.replace(FAIR, signs=(QUIET, JAM))], [BOTH]),
        ([FAIR, FAIR], [BOTH]),
        ([FAIR], []),
        ([FAIR], [msgspec.structs.replace(BOTH, severity="low")]),
        ([FAIR], [msgspec.structs.replace(BOTH, within_m=1.0)]),
        ([FAIR], [msgspec.structs.replace(BOTH, of=BOTH.of[::-1])]),
    ],
)
def test_one_that_was_made_with_other_tables_of_what_is_together_is_refused_by_one_line(
    copy: Path,
    tables: Tables,
    events: list[joins.Event],
    combined: list[combination.Combination],
) -> None:
    kinds = {"crowd": 1, "congestion": 1, "silence": 1}
    replay(copy)
    tables([FAIR], [BOTH])
    rest_on(copy, kind_versions=kinds, together=together.digest(kinds))
    replay(copy)
    tables(events, combined)
    with pytest.raises(RecordingError, match="other tables of what is joined or comb") as refused:
        replay(copy)
    assert "\n" not in str(refused.value)
    rest_on(copy, kind_versions=kinds, together="")
    replay(copy)


def test_one_whose_feeds_wait_as_long_by_the_same_clock_is_replayed(copy: Path) -> None:
    timings = {"cameras": CAMERAS, "induction_loops": LOOPS}
    rest_on(copy, feed_versions=dict.fromkeys(timings, 1), feed_timings=timings)
    replay(copy)


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        (Timing("gateway", 3_500_000), "clock 'gateway' and lateness_seconds 3.5, and here it is"),
        (Timing("source", 2_000_000), "of clock 'source' and lateness_seconds 2, and here it is"),
    ],
)
def test_one_whose_feed_had_another_lateness_or_clock_is_refused_by_one_line(
    copy: Path, timing: Timing, said: str
) -> None:
    rest_on(copy, feed_versions={"induction_loops": 1}, feed_timings={"induction_loops": timing})
    with pytest.raises(RecordingError, match=said) as refused:
        replay(copy)
    assert "\n" not in str(refused.value)
