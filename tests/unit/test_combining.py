"""Incidents of several kinds that together are one of their own."""

import itertools
import random
from collections.abc import Iterator

import msgspec
import pytest

from streams.events import Incident
from streams.kinds import combination, combinations, signs_together
from streams.kinds.registry import find
from streams.stages import combining
from tests.unit.test_explain import at, over
from tests.unit.test_joining import digest, gauge, jam, of, run

TABLE = """
combinations:
  flooded_jam:
    name: {vi: Ùn tắc do ngập, en: a jam where water stands}
    severity: high
    within_minutes: 20
    within_m: 400
    of: [{kind: high_value, metric: flood_depth}, {kind: congestion}]
  three:
    name: {vi: Ba, en: three}
    severity: critical
    within_minutes: 5
    of: [{kind: high_value}, {kind: fast_change}, {kind: stuck_value}]
  wet:
    name: {vi: Ướt, en: wet}
    severity: high
    within_minutes: 10
    within_m: 400
    of: [{kind: unlike_peers}, {kind: unlike_peers, metric: flood_depth}]
"""


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    found = combinations.checked(combination.parsed(TABLE, "table"), "table")
    monkeypatch.setattr(combinations, "combinations", lambda: found)
    monkeypatch.setattr(signs_together, "written", lambda: found)
    _forget()
    yield
    _forget()


def _forget() -> None:
    combinations.kinds.cache_clear()
    combinations._parts.cache_clear()


def together(*events: Incident) -> list[Incident]:
    return [one for one in run(*events) if one.kind == "signs_together"]


def test_two_kinds_at_one_place_and_nearly_at_one_time_are_more() -> None:
    water, cars = gauge(100, severity="low"), jam("loop", 700, 300)
    found = together(water, cars, over(water, 2000), over(cars, 3000))
    begun, ended = found
    assert (begun.subject, begun.severity, begun.revision) == ("flooded_jam", "high", 0)
    assert begun.sources == ("gauge", "loop"), "in the order of the table"
    assert (begun.start, begun.decided_at) == (at(640), at(700))
    assert begun.place == water.place
    assert ended == msgspec.structs.replace(begun, revision=1, end=at(3000), decided_at=at(3000))
    said = find("signs_together").subject_of("flooded_jam")
    assert said.en == "a jam where water stands"


def test_the_one_that_came_first_may_be_over() -> None:
    water, cars = gauge(100), jam("loop", 900, 300)
    assert len(together(water, over(water, 300), cars, over(cars, 1200))) == 2


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (jam("loop", 700, 500), "it is too far"),
        (jam("loop", 1400, 300), "it began too late"),
        (of("loop", 700, "congestion", metres=-500), "too far on the other side"),
        (of("rain", 700, "high_value", "rainfall"), "it is of another metric"),
        (
            msgspec.structs.replace(jam("loop", 700, 300), origin="live"),
            "what is simulated makes nothing that is live",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_not_together_is_none(other: Incident, why: str) -> None:
    assert together(gauge(100), other) == [], why


def test_without_a_distance_they_are_of_one_source() -> None:
    kinds = ("high_value", "fast_change", "stuck_value")
    own = [of("tide", 100 + 30 * n, kind) for n, kind in enumerate(kinds)]
    for n, one in enumerate(own):
        own[n] = msgspec.structs.replace(one, id=f"own-{n}")
    assert [one.subject for one in together(*own)] == ["three"]
    assert together(*own[:2]) == []
    assert together(*own[:2], msgspec.structs.replace(own[2], sources=("other",))) == []
    slow = msgspec.structs.replace(own[2], start=at(400))
    assert together(*own[:2], slow) == [], "the first and the last are too far apart"


def test_the_nearest_with_which_all_began_soon_enough_are_taken() -> None:
    """The high value that is nearest to what came last is too far from what changed fast."""
    begun = {"early": 200, "late": 350, "fast": 510, "stuck": 250}
    kinds = "high_value", "high_value", "fast_change", "stuck_value"
    early, late, fast, stuck = (
        msgspec.structs.replace(of("tide", second + 60, kind), id=name)
        for kind, (name, second) in zip(kinds, begun.items(), strict=True)
    )
    stuck = msgspec.structs.replace(stuck, decided_at=at(600))
    assert together(early, late, fast, stuck) == together(late, fast, stuck) != []
    assert together(early, fast, stuck) == [], "the control: the nearest alone"


def test_what_is_two_of_one_combination_is_in_one_of_that_name() -> None:
    """What came last is both of it, with another on each side that are too far from each other."""
    rain, water = (
        of(name, 100, "unlike_peers", metric, metres=metres)
        for name, metric, metres in (("rain", "rainfall", -300), ("gauge", "flood_depth", 300))
    )
    middle = of("middle", 200, "unlike_peers", "flood_depth")
    assert together(rain, water) == []
    assert [one.sources for one in together(rain, water, middle)] == [("middle", "gauge")]


def test_what_is_proven_late_is_together_with_what_was_over_by_then() -> None:
    """A rule may ask for half an hour; both began within the twenty minutes that are asked for."""
    water, cars = gauge(100), msgspec.structs.replace(jam("loop", 2800, 300), start=at(1000))
    begun, _ended = together(water, over(water, 300), cars, over(cars, 3000))
    assert (begun.start, begun.decided_at) == (at(1000), at(2800))


def test_it_ends_as_the_last_of_its_parts_whichever_end_is_proven_last() -> None:
    water, cars = gauge(100), jam("loop", 700, 300)
    early = msgspec.structs.replace(over(water, 3000), end=at(1000))
    ended = together(water, cars, over(cars, 2000), early)[-1]
    assert (ended.end, ended.decided_at) == (at(2000), at(3000))


def test_each_is_a_part_of_one_at_a_time() -> None:
    """A second jam at the same water is no second combination as long as the first lasts."""
    water, first, second = gauge(100), jam("a", 200, 100), jam("b", 300, -100)
    (begun,) = together(water, first, second)
    assert begun.sources == ("gauge", "a")
    more = gauge(320, -150, name="gauge-2")
    assert [one.sources for one in together(water, first, second, more)] == [
        ("gauge", "a"),
        ("gauge-2", "b"),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_in_whatever_order_they_come_the_log_is_the_same(seed: int) -> None:
    """As long as none comes behind the watermark; also where the stage starts again each time."""
    events = [gauge(100), jam("a", 200, 100), jam("b", 300, -100), gauge(320, -150, "gauge-2")]
    events += [over(one, 1000 + 100 * n) for n, one in enumerate(events)]
    expected = run(*events)
    assert len([one for one in expected if one.kind == "signs_together"]) == 4
    shuffled = random.Random(seed).sample(events, len(events))
    shuffled.sort(key=lambda one: one.revision)  # each begins before it ends
    assert digest(run(*shuffled, anew=seed % 2 == 0)) == digest(expected)


def test_where_one_kind_is_not_there_at_all_nobody_weighs_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In a storm hundreds of a kind are near: each pair of them would be tried for each that comes.
    The control has the third."""
    weighed, first = [], combining._first
    monkeypatch.setattr(combining, "_first", lambda *each: weighed.append(each) or first(*each))
    known = combining.Combining(combining.Combined())
    for number in range(40):
        for second, kind in enumerate(("high_value", "fast_change")):
            known.take(of("one", 100 + number + second / 2, kind, "level"))
    assert not known.sent
    assert not weighed
    known.take(of("one", 150, "stuck_value", "level"))
    assert [one.subject for one in known.sent] == ["three"]
    assert weighed


@pytest.mark.parametrize("seed", range(8))
def test_what_is_found_is_the_first_of_all_choices_that_began_soon_enough(seed: int) -> None:
    chance = random.Random(seed)
    table = combinations.combinations()["three"]
    kinds = ["high_value", "fast_change", "stuck_value"]
    told = [
        of("one", 100 + chance.randrange(900), chance.choice(kinds), "level", began=number / 10)
        for number in range(14)
    ]
    signs = [combining.Sign(one) for one in told]
    may = [[one for one in signs if one.incident.kind == kind] for kind in kinds]
    expected: tuple[combining.Sign, ...] = ()
    for chosen in itertools.product(*may):
        begun = [one.incident.start for one in chosen]
        if max(begun) - min(begun) <= table.within:
            expected = chosen
            break
    assert combining._first(table, may) == expected


def test_with_no_table_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combinations, "combinations", dict)
    _forget()
    assert together(gauge(100), jam("loop", 700, 300)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: congestion", "kind: fog", "flooded_jam: .*fog"),
        ("flood_depth", "depth", "flooded_jam: no feed has a metric 'depth'"),
        ("{kind: congestion}", "{kind: high_value, metric: flood_depth}", "asked for twice"),
        ("high_value}, {kind: fast_change", "no_data}, {kind: silence", "asked for twice"),
        ("  three:", "  wet: {}\n  three:", "line 15: 'wet' is given twice, first in line 9"),
        (", {kind: congestion}", "", "of: give 2 to 4"),
        ("{kind: congestion}", "{kind: signs_together}", "this system says it itself"),
        ("{kind: congestion}", "{kind: off_target}", "off_target: this system says it itself"),
        ("within_minutes: 20", "within_minutes: 0", "within_minutes: give"),
        ("within_m: 400", "within_m: -1", "within_m: give"),
        ("severity: high", "severity: mild", "severity"),
        ("flooded_jam", "Flooded", "Flooded: id"),
    ],
)
def test_what_a_table_cannot_say_is_one_line(old: str, new: str, said: str) -> None:
    with pytest.raises(combination.CombinationError, match=said):
        combinations.checked(combination.parsed(TABLE.replace(old, new, 1), "table"), "table")


def test_the_table_that_comes_with_the_product_can_be_read() -> None:
    assert combinations.checked(combination.written(), "shipped") == {}
