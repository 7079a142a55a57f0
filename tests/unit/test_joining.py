"""What tells of one event is one incident: a flood, a collision, a jam that grows and shrinks."""

import hashlib
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.events import Evidence, Incident, Place, Topology, Watermark
from streams.events.control import ControlChange
from streams.kinds import joins
from streams.kinds.registry import KindError, find
from streams.runtime.partition import Partition
from streams.settings import SettingError
from streams.stages.explain import EVENTS, Explain
from streams.stages.explaining import GRACE
from streams.stages.joining import distance
from streams.stages.upstreams import upstream
from streams.words import Name
from tests.unit.test_explain import LINES, START, at, marks, over

EAST = 0.00962
"""Degrees of longitude to a thousand metres, at the latitude of these places."""
LATITUDE, LONGITUDE = 20.85, 106.68
Event = Incident | ControlChange | Watermark


def of(
    source: str,
    second: float,
    kind: str,
    metric: str = "",
    *,
    metres: float = 0,
    segment: str = "",
    severity: Any = "medium",
    began: float = 60,
) -> Incident:
    """Announced at that second, of what began a minute before, so far east of the flood."""
    proof = Evidence(source, at(second), "", metric=metric)
    return Incident(
        f"{source}@{second:.10g}", kind, kind, "simulated", severity, (source,), "", "",
        at(second - began), at(second), None, 0,
        Place(LATITUDE, LONGITUDE + metres * EAST / 1000, segment), (proof,),
    )  # fmt: skip


def gauge(
    second: float, metres: float = 0, name: str = "gauge", severity: Any = "high"
) -> Incident:
    return of(name, second, "high_value", "flood_depth", metres=metres, severity=severity)


def jam(source: str, second: float, metres: float, segment: str = "") -> Incident:
    return of(source, second, "congestion", "occupancy", metres=metres, segment=segment)


def report(second: float, metres: float = 40, what: str = "flood") -> Incident:
    return of("citizen", second, "citizen_report", f"{what}_reported", metres=metres)


def flood() -> list[Incident]:
    """As water gauge, rain, tide, camera, loops and a citizen 40 m away tell of it."""
    return [
        of("rain", 100, "high_value", "rainfall", metres=3000, severity="low"),
        of("tide", 110, "high_value", "water_level", metres=9000),
        report(130),
        jam("loop", 150, 200, "lach-tray"),
        of("camera", 170, "stopped_vehicle", metres=120, segment="lach-tray"),
        gauge(190),
    ]


def switched(on: bool = True, second: float = -100, number: int = 1) -> ControlChange:
    return ControlChange(number, at(second), Topology(on=False, groups=on))


def stage() -> Partition:
    return Partition(Explain(upstream(*name) for name in LINES), 0, 1)


def run(*events: Event, until: float = 100_000, anew: bool = True) -> list[Incident]:
    """What goes out, in order; each event goes to a stage that has just been started again."""
    part, found = stage(), []
    for event in (*events, *marks(until)):
        outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
        assert not outcome.counts.get("dead_lettered"), event
        found += [out.event for out in outcome.outputs if isinstance(out.event, Incident)]
        part.apply(part.next_offset, None, outcome)
        if anew:
            part = Partition.decode(stage().stage, 0, 1, part.encode())
    return found


def digest(found: Iterable[Incident]) -> str:
    """As the canonical log orders them."""
    ordered = sorted(found, key=lambda one: (one.decided_at, one.id, one.revision))
    return hashlib.sha256(msgspec.msgpack.encode(ordered)).hexdigest()


def latest(found: Iterable[Incident], until: float = 100_000) -> dict[str, Incident]:
    """By source, as of then; revisions without a gap."""
    known: dict[str, Incident] = {}
    for one in found:
        if one.decided_at <= at(until):
            before = known.get(one.id)
            assert one.revision == (before.revision + 1 if before else 0), one
            assert not before or before.end is None, "it had ended"
            known[one.id] = one
    return {one.sources[0]: one for one in known.values()}


def alerts(found: Iterable[Incident], until: float = 100_000) -> dict[str, set[str]]:
    """What leads, to what is listed with it; of what lasts."""
    lasting = {name: one for name, one in latest(found, until).items() if one.end is None}
    by_id = {one.id: name for name, one in lasting.items()}
    tree: dict[str, set[str]] = {
        name: set() for name, one in lasting.items() if not one.explained_by
    }
    for name, one in lasting.items():
        if one.explained_by:
            tree[by_id[one.explained_by]].add(name)
    return tree


def test_a_flood_seen_by_six_is_one_alert_with_a_reason_for_each() -> None:
    found = run(switched(), *flood())
    assert found[:6] == flood(), "announced at once, each as its own source proved it"
    assert alerts(found) == {"gauge": {"rain", "tide", "citizen", "loop", "camera"}}
    said = {name: (one.why, one.via) for name, one in latest(found).items()}
    assert said["citizen"] == ("near", ("citizen", "gauge"))
    assert said["loop"] == ("near", ("loop", "citizen", "gauge")), "it had joined the report"
    assert said["gauge"] == ("", ())


def test_control_with_grouping_off_there_are_six() -> None:
    for before in ([switched(on=False)], []):
        assert len(alerts(run(*before, *flood()))) == 6


@pytest.mark.parametrize("lines", [1, 2])
def test_in_whatever_order_partitions_are_read_the_same_is_decided(lines: int) -> None:
    events = [*flood(), *(over(one, 400 + 40 * n) for n, one in enumerate(flood()))]
    events.sort(key=lambda one: one.decided_at)
    expected = digest(run(switched(), *events, anew=False))
    assert digest(run(switched(), *events)) == expected
    for seed in range(12):
        chance = random.Random(seed)
        queues = [[one for n, one in enumerate(events) if n % 2 == line] for line in (0, 1)]
        mixed: list[Event] = [switched()]
        while any(queues):
            line = chance.choice([n for n, queue in enumerate(queues) if queue])
            one = queues[line].pop(0)
            mixed.append(one)
            if lines == 1:
                continue
            time = one.decided_at
            mixed.append(Watermark(*LINES[line], time, time))
        assert digest(run(*mixed, anew=seed % 3 == 0)) == expected


def test_what_is_far_too_early_or_of_another_origin_is_none_of_it() -> None:
    others = [
        of("far rain", 100, "high_value", "rainfall", metres=7000),
        of("early jam", 100, "congestion", "occupancy", metres=100, began=3600),
        msgspec.structs.replace(report(120), origin="live"),
        of("hot", 130, "high_value", "pm25", metres=10),
        msgspec.structs.replace(jam("nowhere", 140, 0), place=None),
    ]
    assert len(alerts(run(switched(), gauge(50), *others))) == 6


def test_a_jam_is_one_incident_that_grows_and_shrinks() -> None:
    segments = [jam(f"loop-{n}", 100 + 60 * n, 400 * n, f"street-{n}") for n in range(4)]
    ends = [over(segments[0], 500), over(segments[2], 600), over(segments[1], 700)]
    found = run(switched(), *segments, *ends, over(segments[3], 800))
    assert alerts(found, 290) == {"loop-0": {"loop-1", "loop-2", "loop-3"}}
    assert alerts(found, 650) == {"loop-0": {"loop-1", "loop-3"}}, "what led it leads on"
    last = latest(found)
    assert all(one.end is not None for one in last.values())
    assert last["loop-0"].end == at(800), "over with the last of them"
    assert last["loop-2"].end == at(600)


def test_a_jam_that_lasts_longer_does_not_make_a_flood_last() -> None:
    gauges, slow = [gauge(100), gauge(110, 300, "second")], jam("loop", 120, 100)
    found = run(
        switched(), *gauges, slow, over(gauges[0], 400), over(slow, 500), over(gauges[1], 450)
    )
    assert latest(found)["gauge"].end == at(450)
    assert latest(found)["gauge"].decided_at == at(450)


def test_two_jams_with_one_between_are_one() -> None:
    west, east = jam("west", 100, 0), jam("east", 110, 1000)
    assert len(alerts(run(switched(), west, east))) == 2
    found = run(switched(), west, east, jam("between", 200, 500))
    assert alerts(found) == {"west": {"between", "east"}}
    assert latest(found)["east"].via == ("east", "between", "west")


def test_an_event_does_not_extend_without_end() -> None:
    gauges = [gauge(100 + n, 1000 * n, f"gauge-{n}") for n in range(8)]
    tree = alerts(run(switched(), *gauges))
    assert tree == {
        "gauge-0": {"gauge-1", "gauge-2", "gauge-3"},
        "gauge-4": {"gauge-5", "gauge-6", "gauge-7"},
    }


def test_what_outlasts_a_flood_is_one_alert_again_after_the_grace() -> None:
    grace = GRACE / 1e6
    events = [gauge(100), report(110), jam("loop", 120, 100)]
    found = run(switched(), *events, over(events[0], 500))
    assert alerts(found, 499) == {"gauge": {"citizen", "loop"}}
    assert latest(found, 500 + grace - 1)["citizen"].explained_by, "not yet"
    assert alerts(found) == {"citizen": {"loop"}}
    assert latest(found)["citizen"].why == "outlasts"
    back = run(switched(), *events, over(events[0], 500), gauge(600, 10, "other"))
    assert alerts(back) == {"other": {"citizen", "loop"}}


def test_what_leads_is_as_severe_as_the_worst_of_it() -> None:
    first, second = gauge(100, severity="medium"), gauge(200, 500, "worse", severity="critical")
    found = run(switched(), first, second)
    last = latest(found)
    assert (last["gauge"].severity, last["gauge"].revision) == ("critical", 1)
    assert alerts(found) == {"gauge": {"worse"}}


def test_a_jam_that_a_flood_has_led_to_joins_the_flood_whole() -> None:
    jams = [jam("near", 100, 300), jam("farther", 110, 800)]
    assert alerts(run(switched(), *jams)) == {"near": {"farther"}}
    assert alerts(run(switched(), *jams, gauge(150))) == {"gauge": {"near", "farther"}}


def test_switched_off_all_are_alerts_and_on_again_they_are_one() -> None:
    events = sorted(flood(), key=lambda one: one.decided_at)
    found = run(switched(), *events, switched(on=False, second=500, number=2))
    assert len(alerts(found)) == 6
    assert {one.why for one in latest(found).values() if one.revision} == {"off"}
    again = run(
        switched(), *events,
        switched(on=False, second=500, number=2), switched(second=600, number=3),
    )  # fmt: skip
    assert len(alerts(again)) == 1


def test_switched_on_while_incidents_last_none_hangs_on_itself() -> None:
    """The last joins the first and the one between is nearer, which would join the last itself."""
    first = of("first", 5000, "congestion", began=5000)
    others = [jam("far", 5010, 700), jam("near", 5020, 500)]
    on = switched(second=6000, number=2)
    found = run(switched(on=False), first, *others, on, until=6001)
    assert alerts(found) == {"first": {"far", "near"}}
    gauges = [gauge(100 + n, metres, f"gauge-{n}") for n, metres in enumerate((0, 500, 550))]
    found = run(switched(on=False), *gauges, on)
    assert alerts(found) == {"gauge-0": {"gauge-1", "gauge-2"}}, "of equals the first leads"


def test_what_led_and_is_over_may_join_another_when_it_is_due() -> None:
    """Beyond the reach of its event, on the road of what led that; its own part is still there."""
    jams = [jam("root", 100, 0, "a"), jam("other", 150, 4400)]
    slow = [
        of("slow", 200, "low_value", "speed", metres=3900, segment="a"),
        of("behind", 300, "low_value", "speed", metres=3400),
    ]
    found = run(switched(), *jams, *slow, over(jams[0], 400), over(slow[0], 450))
    assert latest(found)["slow"].end == at(450)
    assert alerts(found) == {"other": {"behind"}}


def test_an_incident_that_became_part_of_another_takes_nobody_with_it() -> None:
    seen = of("camera", 100, "stopped_vehicle", segment="lach-tray")
    slow = jam("loop", 90, 50, "lach-tray")
    joined = [gauge(80), slow, seen]
    gone = msgspec.structs.replace(over(slow, 130), part_of=seen.id)
    found = run(switched(), *joined, gone)
    assert alerts(found) == {"gauge": {"camera"}}
    assert latest(found)["loop"].end == at(130)


def test_nothing_is_kept_of_what_is_over() -> None:
    part, kept = stage(), []
    ends = [over(one, 900) for one in flood()]
    steps: list[list[Event]] = [
        [switched(), *flood(), *marks(500)],
        [*ends, *marks(100_000)],
    ]
    for events in steps:
        for event in events:
            outcome = part.take(part.next_offset, event, None, lambda: ([], b""))
            part.apply(part.next_offset, None, outcome)
        kept.append(len(part.states[EVENTS].members))
    assert kept == [6, 0]


def any_of(chance: random.Random, number: int) -> Incident:
    time, metres = chance.randrange(3000), chance.randrange(6000)
    kind, metric = chance.choice(
        [
            ("high_value", "flood_depth"),
            ("high_value", "rainfall"),
            ("citizen_report", "flood_reported"),
            ("congestion", "occupancy"),
            ("low_value", "speed"),
        ]
    )
    segment = chance.choice(["", "", "a", "b"])
    return of(f"s{number}", time, kind, metric, metres=metres, segment=segment)


def test_whatever_happens_revisions_have_no_gap_and_state_says_what_was_said() -> None:
    for seed in range(25):
        chance = random.Random(seed)
        begun = [any_of(chance, n) for n in range(14)]
        ends = [
            over(one, (one.decided_at - START) / 1e6 + chance.randrange(1, 2000)) for one in begun
        ]
        some = sorted([*begun, *ends[:10]], key=lambda one: (one.decided_at, one.id))
        assert len(alerts(run(switched(), *some, anew=False))) <= 14
        events = sorted([*begun, *ends], key=lambda one: (one.decided_at, one.id))
        found = run(switched(), *events, anew=False)
        assert all(one.end is not None for one in latest(found).values())
        shuffled = events[:]
        chance.shuffle(shuffled)
        assert digest(run(switched(), *shuffled, anew=False)) == digest(found)


def test_distances_are_metres() -> None:
    here = Place(LATITUDE, LONGITUDE)
    assert distance(here, Place(LATITUDE + 0.01, LONGITUDE)) == pytest.approx(1112, abs=2)
    assert distance(here, Place(LATITUDE, LONGITUDE + EAST)) == pytest.approx(1000, abs=2)


def test_the_table_can_be_read_and_names_what_there_is() -> None:
    assert [*joins.events()] == ["flood", "collision", "jam"]
    assert all(any(sign.extends for sign in event.signs) for event in joins.events().values())


OWN = """events:
  fair:
    name: {vi: Hội chợ, en: fair}
    reach_m: 100
    signs:
      - {kind: crowd, extends: true, within_m: 600, before_minutes: 60}
"""


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("  fair:", "  '':", "id '': give 2 to 40"),
        ("vi: Hội chợ", "vi: ' '", "fair: name: give a text in each language"),
        ("extends: true, ", "", "fair: signs: say of one that it extends"),
        ("kind: crowd", "kind: crowds", "fair: crowds: no kind 'crowds'"),
        ("kind: crowd", "kind: no_data", "fair: no_data: what it depends on explains it"),
        ("600", ".nan", "give within_m and reach_m above 0"),
        ("60}", "-1}", "give before_minutes from 0"),
        ("  fair:", "  fair: {}\n  fair:", "line 3: 'fair' is given twice, first in line 2"),
    ],
)
def test_what_is_wrong_with_an_own_table_is_one_line_that_names_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, why: str
) -> None:
    joins.events()  # so that kinds and feeds are known, which may be an installation's own, too
    monkeypatch.setattr("streams.extensions.own", lambda _: tmp_path)
    path = tmp_path / "joins.yaml"
    path.write_text(OWN, encoding="utf-8")
    assert [*joins.events.__wrapped__()] == ["fair", "flood", "collision", "jam"]
    path.write_text(OWN.replace(before, after), encoding="utf-8")
    with pytest.raises(KindError, match=why) as raised:
        joins.events.__wrapped__()
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


def test_an_own_table_of_a_name_that_is_not_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins.events()
    monkeypatch.setattr("streams.extensions.own", lambda _: tmp_path)
    (tmp_path / "joins.yml").write_text(OWN, encoding="utf-8")
    with pytest.raises(SettingError, match=r"joins\.yml is not looked into: call it joins\.yaml"):
        joins.events.__wrapped__()


def test_a_table_that_names_a_kind_as_it_was_once_called_joins_it_under_any_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert find("no_data").formerly == ("silence",)
    sign = joins.Sign("silence", 100.0, 5.0, extends=True)
    event = joins.Event(Name("Lặng", "quiet"), 100.0, (sign,))
    monkeypatch.setattr(joins, "events", lambda: {"quiet": event})
    here = Place(LATITUDE, LONGITUDE)
    joins.kinds.cache_clear()
    joins._parts.cache_clear()
    try:
        assert joins.kinds() == {"no_data", "silence"}
        for name in joins.kinds():
            assert joins.parts_of(name, (), here) == (joins.Part("quiet", 0, sign),)
        assert not joins.parts_of("crowd", (), here)
    finally:
        joins.kinds.cache_clear()
        joins._parts.cache_clear()
