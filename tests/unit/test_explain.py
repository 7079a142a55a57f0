"""What is down because of what it depends on: one alert with consequences, and back in time."""

import random
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import compress, crc32

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.events import (
    MINUTE,
    NOWHERE,
    SECOND,
    ControlChange,
    Evidence,
    Incident,
    Micros,
    Removed,
    Source,
    Topology,
    Watermark,
)
from streams.runtime.partition import Outcome, Partition
from streams.stages.explain import TOPOLOGY, Explain
from streams.stages.explaining import EARLIER, GRACE, SETTLES
from streams.stages.topology import MOST_BYTES, Known
from streams.stages.upstreams import upstream

START: Micros = 1_795_000_000 * SECOND
LINES = ("correlate", "incidents", 0), ("correlate", "incidents", 1)
STATION, FEEDER = "bts-1", "feeder-1"
CHILDREN = [*(f"cam-{n}" for n in range(1, 7)), *(f"wifi-{n}" for n in range(1, 11))]
Event = Incident | ControlChange | Watermark


def at(second: float) -> Micros:
    return START + round(second * SECOND)


def down(source: str, second: float, *, since: float | None = None, kind: str = "no_data") -> Any:
    """Announced at that second, of what began a minute before."""
    start = second - 60 if since is None else since
    return Incident(
        id=f"{source}@{start:.10g}",
        kind=kind,
        rule=kind,
        origin="simulated",
        severity="medium",
        sources=(source,),
        zone="",
        subject="",
        start=at(start),
        decided_at=at(second),
        end=None,
        revision=0,
        place=None,
    )


def over(of: Incident, second: float) -> Incident:
    return msgspec.structs.replace(
        of, end=at(second), decided_at=at(second), revision=of.revision + 1
    )


def city(
    *links: tuple[str, str], on: bool = True, second: float = -1000, first: int = 1
) -> list[ControlChange]:
    """(asset, what it depends on) …; all of them report, once a second."""
    above: dict[str, list[str]] = {}
    for name, parent in links:
        above.setdefault(name, []).append(parent)
        above.setdefault(parent, [])
    changes = [asset(name, *parents) for name, parents in above.items()]
    said = [*changes, Topology(on)]
    return [ControlChange(number, at(second), one) for number, one in enumerate(said, first)]


def asset(name: str, *parents: str, period: Micros = SECOND) -> Source:
    return Source(
        name, "camera", "", "", "simulated", NOWHERE, period=period, address="x", parents=parents
    )


def marks(second: float) -> list[Watermark]:
    return [Watermark(*name, at(second), at(second + 10)) for name in LINES]


STAR = city(*((name, STATION) for name in CHILDREN))


def run(*events: Event, until: float = 10_000) -> list[Incident]:
    """What goes out, in order; each event goes to a stage that has just been started again."""
    part = Partition(Explain(upstream(*name) for name in LINES), 0, 1)
    found: list[Incident] = []
    for event in (*events, *marks(until)):
        outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
        assert not outcome.counts.get("dead_lettered"), event
        found += [out.event for out in outcome.outputs if isinstance(out.event, Incident)]
        part.apply(part.next_offset, None, outcome)
        part = Partition.decode(Explain(upstream(*name) for name in LINES), 0, 1, part.encode())
    return found


def causes(found: Iterable[Incident], until: float = 10_000) -> dict[str, str]:
    """Source to the source of what explains it, as of then; of what lasts."""
    latest: dict[str, Incident] = {}
    for one in found:
        if one.decided_at <= at(until):
            assert one.revision == (latest[one.id].revision + 1 if one.id in latest else 0)
            latest[one.id] = one
    by_id = {one.id: one.sources[0] for one in latest.values()}
    return {
        one.sources[0]: by_id[one.explained_by] if one.explained_by else ""
        for one in latest.values()
        if one.end is None
    }


def test_a_stations_outage_is_one_alert_with_sixteen_consequences() -> None:
    children = [down(name, 100 + n) for n, name in enumerate(CHILDREN)]
    parent = down(STATION, 180, since=30)
    found = run(*STAR, *children, parent, until=200)
    assert found[:17] == [*children, parent], "announced at once, as each is proven"
    assert causes(found, 179) == dict.fromkeys(CHILDREN, "")
    assert causes(found) == {STATION: "", **dict.fromkeys(CHILDREN, STATION)}
    amended = found[17:]
    assert len(amended) == 16
    for one in amended:
        assert (one.revision, one.why, one.decided_at) == (1, "depends", at(180))
        assert one.via == (one.sources[0], STATION)


def test_control_with_topology_off_there_are_seventeen() -> None:
    off = city(*((name, STATION) for name in CHILDREN), on=False)
    children = [down(name, 100 + n) for n, name in enumerate(CHILDREN)]
    for before in (off, []):
        found = run(*before, *children, down(STATION, 180, since=30), until=200)
        assert len(found) == 17
        assert set(causes(found).values()) == {""}


def test_what_is_proven_after_its_cause_is_amended_as_soon_as_the_watermark_passes() -> None:
    found = run(*STAR, down(STATION, 100), down("cam-1", 5000, since=4000), until=5001)
    assert [one.decided_at for one in found if one.explained_by] == [at(5000)]


def test_what_outlasts_its_cause_is_an_alert_of_its_own_after_the_grace() -> None:
    parent, first, second = down(STATION, 100), down("cam-1", 101), down("cam-2", 102)
    back, late = over(parent, 1000), over(first, 1100)
    found = run(*STAR, parent, first, second, back, late, until=3000)
    assert causes(found, 1000 + GRACE // SECOND - 1)["cam-2"] == STATION
    assert causes(found) == {"cam-2": ""}
    raised = found[-1]
    assert (raised.sources, raised.why) == (("cam-2",), "outlasts")
    assert raised.decided_at == at(1000) + GRACE
    ended = next(one for one in found if one.id == first.id and one.end)
    assert ended.explained_by == parent.id, "it was a consequence until it ended"


def test_what_speaks_rarely_may_speak_before_it_is_said_to_outlast() -> None:
    slow = asset("cam-1", STATION, period=5 * MINUTE)
    parent, child = down(STATION, 100), down("cam-1", 101)
    found = run(
        *STAR, ControlChange(99, at(-500), slow), parent, child, over(parent, 1000), until=3000
    )
    assert found[-1].decided_at == at(1000) + 2 * slow.period


def test_a_cause_that_is_down_again_within_the_grace_goes_on() -> None:
    parent, child = down(STATION, 100), down("cam-1", 101)
    again = down(STATION, 1200, since=1100)
    found = run(*STAR, parent, child, over(parent, 1000), again, until=5000)
    assert causes(found) == {STATION: "", "cam-1": STATION}
    assert found[-1].explained_by == again.id
    assert found[-1].why == "again"


def test_the_root_is_the_topmost_that_is_down() -> None:
    links = [("cam-1", STATION), ("cam-2", STATION), (STATION, FEEDER), (FEEDER, "grid")]
    before = city(*links)
    events = [
        down("cam-1", 100), down(STATION, 200, since=40), down(FEEDER, 300, since=40),
        down("cam-2", 400),
    ]  # fmt: skip
    found = run(*before, *events, until=500)
    assert causes(found, 299) == {"cam-1": STATION, STATION: ""}
    assert causes(found) == {"cam-1": FEEDER, "cam-2": FEEDER, STATION: FEEDER, FEEDER: ""}
    assert found[-1].via == ("cam-2", STATION, FEEDER)


def test_a_cause_above_what_does_not_report_or_is_up() -> None:
    before = city(("cam-1", "pole"), ("pole", STATION), (STATION, FEEDER))
    found = run(*before, down("cam-1", 100), down(FEEDER, 101), until=500)
    assert causes(found)["cam-1"] == FEEDER
    assert found[-1].via == ("cam-1", "pole", STATION, FEEDER)


def test_what_was_down_long_before_is_no_consequence() -> None:
    early = -EARLIER // SECOND - 30
    found = run(*STAR, down("cam-1", 0, since=early), down(STATION, 101, since=0), until=500)
    assert causes(found) == {"cam-1": "", STATION: ""}
    just = run(*STAR, down("cam-1", 0, since=early + 30), down(STATION, 101, since=0), until=500)
    assert causes(just) == {"cam-1": STATION, STATION: ""}


def test_what_is_still_down_below_what_is_back_is_named_though_the_root_lasts() -> None:
    before = city(("cam-1", STATION), (STATION, FEEDER))
    station = down(STATION, 120)
    events = [down(FEEDER, 100), station, down("cam-1", 130), over(station, 1000)]
    found = run(*before, *events, until=5000)
    assert causes(found) == {FEEDER: "", "cam-1": ""}
    assert found[-1].decided_at == at(1000) + GRACE


def test_what_is_proven_when_its_cause_is_over_is_its_consequence_for_the_grace() -> None:
    parent, child = down(STATION, 100), down("cam-1", 1010, since=300)
    found = run(*STAR, parent, over(parent, 1000), child, until=5000)
    assert [(one.why, one.decided_at) for one in found if one.id == child.id] == [
        ("", at(1010)), ("late", at(1010)), ("outlasts", at(1000) + GRACE),
    ]  # fmt: skip
    unrelated = down("cam-1", 1400, since=1350)
    found = run(*STAR, parent, over(parent, 1000), unrelated, until=5000)
    assert causes(found) == {"cam-1": ""}
    assert len(found) == 3, "nothing is amended"


def test_only_the_same_origin_explains() -> None:
    live = msgspec.structs.replace(down("cam-1", 101), origin="live")
    assert causes(run(*STAR, down(STATION, 100), live))["cam-1"] == ""


def low(source: str, metric: str, second: float) -> Incident:
    """A value below its limit."""
    shown = Evidence(source, at(second), "", metric=metric, series=((at(second), 0.0, 0),))
    return msgspec.structs.replace(down(source, second, kind="low_value"), evidence=(shown,))


@pytest.mark.parametrize(("metric", "cause"), [("in_service", STATION), ("subscribers", "")])
def test_a_value_explains_where_it_says_whether_its_source_works(metric: str, cause: str) -> None:
    found = run(*STAR, low(STATION, metric, 100), down("cam-1", 101), until=200)
    assert causes(found)["cam-1"] == cause


@pytest.mark.parametrize(
    ("metric", "cause"), [("in_service", STATION), ("mains_voltage", STATION), ("subscribers", "")]
)
def test_what_a_source_gets_from_what_is_down_is_low_because_of_that(
    metric: str, cause: str
) -> None:
    found = run(*STAR, down(STATION, 100), low("cam-1", metric, 101), until=200)
    assert causes(found)["cam-1"] == cause


def test_kinds_that_say_nothing_of_being_down_pass_untouched() -> None:
    crowd = down("cam-1", 101, kind="crowd")
    found = run(*STAR, down(STATION, 100), crowd, over(crowd, 200), until=150)
    assert [one.id for one in found if one.sources == ("cam-1",)] == [crowd.id] * 2
    assert not any(one.explained_by for one in found)


def test_switched_off_all_are_alerts_of_their_own_and_on_again_consequences() -> None:
    off, on = (
        ControlChange(90, at(500), Topology(False)),
        ControlChange(91, at(900), Topology(True)),
    )
    found = run(*STAR, down(STATION, 100), down("cam-1", 101), off, on, until=2000)
    assert [(one.why, one.decided_at) for one in found if one.id == "cam-1@41"] == [
        ("", at(101)), ("depends", at(101)), ("off", at(500)), ("depends", at(900)),
    ]  # fmt: skip


def test_an_asset_that_is_hung_elsewhere_is_explained_by_what_it_hangs_on_now() -> None:
    moved = ControlChange(90, at(500), asset("cam-1", "bts-2"))
    events = [down(STATION, 100), down("cam-1", 101), down("bts-2", 400, since=40), moved]
    found = run(*STAR, *events, until=2000)
    assert causes(found, 499)["cam-1"] == STATION
    assert causes(found)["cam-1"] == "bts-2"
    gone = ControlChange(90, at(500), Removed("source", "cam-1"))
    assert causes(run(*STAR, *events[:2], gone, until=2000))["cam-1"] == ""


def test_event_time_that_goes_back_leaves_nothing_due_by_a_time_that_was_wrong() -> None:
    parent, child = down(STATION, 100), down("cam-1", 101)
    wrong = [msgspec.structs.replace(one, wrong_since=at(0)) for one in marks(-5000)]
    found = run(
        *STAR, *marks(-900), parent, child, *marks(200), over(parent, 1000), *marks(1001), *wrong,
        until=-4000,
    )  # fmt: skip
    assert found[-1].id == parent.id


def story(draw: random.Random) -> tuple[list[ControlChange], list[Incident]]:
    """An evening: three levels, outages with an end or none, in the order of proof."""
    names = ["f1", "s1", "s2", *(f"c{n}" for n in range(6))]
    links = [("s1", "f1"), ("s2", "f1"), *((f"c{n}", f"s{n % 2 + 1}") for n in range(6))]
    links += [("c0", "s2")]
    incidents: list[Incident] = []
    for name in names:
        second = 0.0
        for _ in range(draw.randint(0, 2)):
            second += draw.choice([50, 200, 400, 1500])
            one = down(name, second + draw.choice([10, 60, 180]), since=second)
            incidents.append(one)
            second += draw.choice([190, 500, 1200])
            if draw.random() < 0.7:
                incidents.append(over(one, second))
            else:
                break
    assets = [mute("pole", "f1"), *(asset(f"k{n}", "pole") for n in range(6))]
    for night in draw.sample([300, 1500, 2800], 2):
        for n in range(draw.randint(4, 6)):
            one = down(f"k{n}", night + draw.randint(20, 60), since=night)
            incidents.append(one)
            incidents.append(over(one, night + draw.choice([200, 500, 900])))
    numbered = [ControlChange(n, at(-900), one) for n, one in enumerate(assets, 500)]
    return [*city(*links), *numbered], incidents


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_in_whatever_order_it_arrives_the_same_is_decided(seed: int) -> None:
    draw = random.Random(seed)
    before, incidents = story(draw)
    ordered = sorted(incidents, key=lambda one: one.decided_at)

    def arrival(share: Sequence[Incident]) -> list[Event]:
        """By two upstreams, the one now and then far behind the other."""
        streams: list[list[Event]] = [[], []]
        for one in share:
            streams[crc32(one.sources[0].encode()) % 2].append(one)
        merged: list[Event] = []
        steps = range(-100, 9000, 300)
        left = [list(stream) for stream in streams]
        told = [0, 0]
        while any(told[n] < len(steps) for n in (0, 1)):
            n = draw.choice([n for n in (0, 1) if told[n] < len(steps)])
            until = at(steps[told[n]])
            while left[n] and left[n][0].decided_at < until:  # type: ignore[union-attr]
                merged.append(left[n].pop(0))
            merged.append(Watermark(*LINES[n], until, until))
            told[n] += 1
        return merged

    wanted = run(*before, *ordered, until=10_000)
    found = run(*before, *arrival(ordered), until=10_000)
    key = lambda one: (one.decided_at, one.id, one.revision)  # noqa: E731
    assert sorted(found, key=key) == sorted(wanted, key=key)
    assert [one for one in found if one.explained_by or one.why] == [
        one for one in wanted if one.explained_by or one.why
    ], "and what is decided behind the watermark in one order"
    last = causes(found)
    for name, cause in last.items():
        assert cause == "" or last[cause] == "", f"{name} is explained by a root"


def test_a_storm_is_a_few_roots_within_a_minute_and_six_thousand_assets_are_cheap() -> None:
    links = [(f"t{n}", f"f{n % 3}") for n in range(60)]
    links += [(f"b{n}", f"t{n % 60}") for n in range(1000)]
    links += [(f"c{n}", f"b{n % 1000}") for n in range(5000)]
    children = [down(f"b{n}", 100 + n % 30, since=10) for n in range(1000)]
    feeders = [down(f"f{n}", 150, since=10) for n in range(3)]
    part = Partition(Explain(upstream(*name) for name in LINES), 0, 1)
    found: list[Incident] = []
    for event in (*city(*links), *marks(0), *children, *feeders, *marks(160)):
        outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
        found += [out.event for out in outcome.outputs if isinstance(out.event, Incident)]
        part.apply(part.next_offset, None, outcome)
    settled = causes(found, 150)
    assert sorted(name for name, cause in settled.items() if not cause) == ["f0", "f1", "f2"]
    assert len(settled) == 1003
    assert len(part.encode()) < 500_000
    ends = [over(one, 2000) for one in (*feeders, *children[:-1])]
    for event in (*ends, *marks(5000)):
        outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
        found += [out.event for out in outcome.outputs if isinstance(out.event, Incident)]
        part.apply(part.next_offset, None, outcome)
    assert causes(found) == {"b999": ""}, "what stays down after power returns is named"


def mute(name: str, *parents: str) -> Source:
    """Of which nothing ever comes."""
    return Source(name, "transformer", "", "", "simulated", NOWHERE, parents=parents)


def changes(*sources: Source) -> list[ControlChange]:
    said = [*sources, Topology(True)]
    return [ControlChange(number, at(-1000), one) for number, one in enumerate(said, 1)]


POLE = changes(mute("pole"), *(asset(f"cam-{n}", "pole") for n in range(1, 7)))


def test_what_does_not_report_is_suspected_where_most_below_it_went_down_together() -> None:
    five = [down(f"cam-{n}", 100 + n, since=40) for n in range(1, 6)]
    found = run(*POLE, *five, until=200)
    (suspected,) = (one for one in found if one.sources == ("pole",))
    assert (suspected.kind, suspected.subject) == ("suspected_outage", "5/6")
    assert (suspected.start, suspected.decided_at) == (at(40), at(105) + SETTLES)
    assert causes(found) == {"pole": ""} | {f"cam-{n}": "pole" for n in range(1, 6)}
    late = down("cam-6", 300, since=41)
    assert causes(run(*POLE, *five, late, until=400))["cam-6"] == "pole"


def test_a_second_suspicion_of_the_same_share_is_another_incident() -> None:
    """Some that were down the first time are so again, and most never were up."""
    pole = changes(mute("pole"), *(asset(f"cam-{n:02}", "pole") for n in range(11)))
    first = [down(f"cam-{n:02}", 20, since=0, kind="camera_dark") for n in range(10)]
    back = [over(one, 70) for one in first[:5]]
    again = [down(f"cam-{n:02}", 140, since=120, kind="camera_dark") for n in range(5)]
    last = down("cam-10", 440, since=430, kind="camera_dark")
    found = run(*pole, *first, *back, *again, last, until=600)
    suspected = [one for one in found if one.sources == ("pole",)]
    begun = [one.id for one in suspected if one.revision == 0]
    assert len(begun) == len(set(begun)) == 2
    assert {one.revision for one in suspected if one.id == begun[0]} == {0, 1}, "it ended"
    lasting = {one.id: one for one in found}[begun[1]]
    assert lasting.end is None
    assert {
        one.explained_by for one in last_of(found) if one.sources[0] != "pole" and not one.end
    } == {begun[1]}


def last_of(found: list[Incident]) -> list[Incident]:
    return list({one.id: one for one in found}.values())


@pytest.mark.parametrize(
    "downs",
    [
        [down(f"cam-{n}", 100 + n, since=40) for n in range(1, 5)],
        [down(f"cam-{n}", 100 + 400 * n, since=40 + 400 * n) for n in range(1, 7)],
    ],
    ids=["too few", "not together"],
)
def test_what_went_down_by_itself_accuses_nobody(downs: list[Incident]) -> None:
    found = run(*POLE, *downs, until=5000)
    assert set(causes(found).values()) == {""}
    assert {one.kind for one in found} == {"no_data"}


def test_a_suspicion_is_over_when_half_of_them_are_back_and_the_rest_outlast_it() -> None:
    six = [down(f"cam-{n}", 100 + n, since=40) for n in range(1, 7)]
    back = [over(one, 1000 + n) for n, one in enumerate(six[:4])]
    found = run(*POLE, *six, *back, until=900)
    found = run(*POLE, *six, *back, until=5000)
    (end,) = (one for one in found if one.sources == ("pole",) and one.end is not None)
    assert end.end == at(1002), "when the third was back"
    assert causes(found) == {"cam-5": "", "cam-6": ""}
    assert found[-1].decided_at == at(1002) + GRACE


def test_where_what_reports_is_down_nothing_is_suspected() -> None:
    before = changes(
        asset(STATION), mute("pole", STATION), *(asset(f"cam-{n}", "pole") for n in range(1, 7))
    )
    six = [down(f"cam-{n}", 100 + n, since=40) for n in range(1, 7)]
    found = run(*before, down(STATION, 95, since=40), *six, until=500)
    assert causes(found) == {STATION: ""} | {f"cam-{n}": STATION for n in range(1, 7)}
    # Proven later, it explains the suspicion as well.
    found = run(*before, *six, down(STATION, 300, since=40), until=500)
    assert causes(found) == {STATION: "", "pole": STATION} | {
        f"cam-{n}": STATION for n in range(1, 7)
    }


def test_of_two_thousand_cameras_all_that_are_dead_are_named_and_nothing_healthy_is_accused() -> (
    None
):
    """40 %: two feeders, two uplinks and seven recorders, and others by themselves."""
    sources = [mute(f"feeder-{n}") for n in range(10)]
    sources += [mute(f"uplink-{n}", f"feeder-{n // 5}") for n in range(50)]
    sources += [mute(f"recorder-{n}", f"uplink-{n // 4}") for n in range(200)]
    sources += [asset(f"eye-{n}", f"recorder-{n // 10}") for n in range(2000)]
    draw = random.Random(7)
    broken = ["feeder-0", "feeder-3", "uplink-30", "uplink-41"]
    broken += [f"recorder-{n}" for n in (100, 111, 133, 150, 175, 190, 199)]
    graph = {one.id: one.parents for one in sources}

    def above(name: str) -> set[str]:
        return set().union(*({one} | above(one) for one in graph[name]))

    eyes = [f"eye-{n}" for n in range(2000)]
    dead = [name for name in eyes if above(name) & set(broken)]
    alone = draw.sample([name for name in eyes if name not in dead], 800 - len(dead))
    kinds = ["no_data", "camera_frozen", "camera_dark"]
    incidents = [
        down(name, draw.randint(100, 160), since=draw.randint(40, 70), kind=draw.choice(kinds))
        for name in dead
    ]
    incidents += [
        down(name, second, since=second - 60)
        for name in alone
        for second in [draw.randint(-400, 400)]
    ]
    part = Partition(Explain(upstream(*name) for name in LINES), 0, 1)
    found: list[Incident] = []
    ordered = sorted(incidents, key=lambda one: one.decided_at)
    for event in (*changes(*sources), *marks(-900), *ordered, *marks(40 + 300)):
        outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
        assert not outcome.counts.get("dead_lettered")
        found += [out.event for out in outcome.outputs if isinstance(out.event, Incident)]
        part.apply(part.next_offset, None, outcome)
    said = causes(found, 340)
    suspected = {name for name in said if name not in eyes}
    roots = {name for name in suspected if not said[name]}
    assert roots == set(broken), "within five minutes, and nothing else"
    assert all(above(name) & set(broken) for name in suspected - roots), "they are below one"
    assert {name for name in dead if not said[name]} == set()
    assert all(said[name] in above(name) | {name, ""} for name in said)
    assert set(said) - suspected <= set(dead) | set(alone), "no healthy one is accused"


@pytest.mark.parametrize("packed", [b"x", compress(b"\xc1"), compress(bytes(MOST_BYTES + 1))])
def test_a_strangers_topology_harms_nothing(packed: bytes) -> None:
    part = Partition(Explain(upstream(*name) for name in LINES), 0, 1)
    part.apply(-1, None, Outcome({TOPOLOGY: Known(True, packed)}, (), {}))
    outcomes = []
    for event in (down("cam-1", 100), *marks(200)):
        outcomes.append(part.take(part.next_offset, event, None, lambda: ([], b"")))
        part.apply(part.next_offset, None, outcomes[-1])
    assert outcomes[0].outputs
    assert outcomes[-1].counts == {"dead_lettered": 1}
