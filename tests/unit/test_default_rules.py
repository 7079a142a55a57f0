"""A feed's default rules: nothing is left unwatched, and nothing is watched twice."""

import msgspec
import pytest

from streams.configuration.check import InvalidChangeError, check, whole
from streams.configuration.configured import Configured, folded, in_order
from streams.configuration.defaults import missing_rules
from streams.events import SECOND, Change, ControlChange, Place, Removed, Rule, Source, Zone
from streams.feeds.feed import DefaultRule
from streams.feeds.registry import all_feeds
from streams.rules.reach import reaches

LOOPS = all_feeds()["induction_loops"]
PLACE = Place(20.86, 106.68)
CAMERA = Source("cam-1", "camera", "Ngã tư", "Junction", "live", PLACE)


def loop(number: int, period: int = 5 * SECOND) -> Source:
    return Source(
        f"loop-{number}", "loop", "Vòng từ", "Loop", "live", PLACE, gateway="gw", period=period
    )


def configured(*changes: Change) -> Configured:
    return folded(ControlChange(n, n, change) for n, change in enumerate(changes, 1))


def applied(*changes: Change) -> list[Change]:
    """The changes, and those that put the default rules in force."""
    control = configured(*changes)
    added: list[Change] = []
    for rule in missing_rules(control, LOOPS):
        check(control, rule)
        added.append(whole(rule))
    return [*changes, *added]


def rules(changes: list[Change]) -> dict[str, tuple[str, ...]]:
    """Of each rule, the sources that it reaches."""
    known = configured(*changes)
    return {
        rule.id: tuple(one.id for one in in_order(known.sources) if reaches(rule, one.id, one.kind))
        for rule in known.rules.values()
    }


def test_they_name_the_feeds_types_and_reach_no_others() -> None:
    changes = applied(CAMERA, loop(1), loop(2))
    assert rules(changes) == {
        "induction_loops.congestion": ("loop-1", "loop-2"),
        "induction_loops.anomaly": ("loop-1", "loop-2"),
        "induction_loops.no_data": ("loop-1", "loop-2"),
    }
    assert all(rule.types for rule in configured(*changes).rules.values())
    assert rules([*changes, loop(3)])["induction_loops.anomaly"] == ("loop-1", "loop-2", "loop-3")
    with pytest.raises(InvalidChangeError, match="no source of feed induction_loops yet"):
        applied(CAMERA)


def test_what_could_never_be_missed_asks_for_no_rule_on_that() -> None:
    once = applied(loop(2, period=0))
    assert set(rules(once)) == {"induction_loops.congestion", "induction_loops.anomaly"}
    assert applied(*once) == once
    assert rules(applied(*once, loop(2)))["induction_loops.no_data"] == ("loop-2",)


def test_asked_again_they_change_nothing() -> None:
    once = applied(loop(1))
    assert applied(*once) == once
    assert applied(*once, loop(2)) == [*once, loop(2)]


def test_one_that_names_sources_is_widened_and_keeps_what_else_it_says() -> None:
    once = applied(loop(1))
    jam = configured(*once).rules["induction_loops.congestion"]
    stricter = msgspec.structs.replace(
        jam,
        severity="high",
        parameters={**jam.parameters, "speed_below": 9.0},
        sources=("loop-1",),
        types=(),
    )
    later = configured(*applied(*once, stricter, loop(2))).rules["induction_loops.congestion"]
    assert later == msgspec.structs.replace(stricter, sources=(), types=jam.types)


def test_what_a_rule_of_the_kind_watches_is_left_to_it() -> None:
    everywhere = Rule("all", "silence", "low")
    one = Rule("one", "congestion", "low", ("loop-1",))
    found = rules(applied(loop(1), loop(2), everywhere, one))
    assert found["induction_loops.congestion"] == ("loop-2",)
    assert "induction_loops.no_data" not in found
    again = rules(applied(*applied(loop(1), loop(2), everywhere, one), loop(3)))
    assert again["induction_loops.congestion"] == ("loop-2", "loop-3")


def test_one_that_was_removed_comes_back_only_when_asked_for() -> None:
    once = applied(loop(1))
    without = [*once, Removed("rule", "induction_loops.anomaly")]
    assert "induction_loops.anomaly" not in rules(without)
    assert rules(applied(*without)) == rules(once)


def test_one_that_was_narrowed_to_zones_is_not_widened_beyond_them() -> None:
    """Without its zones it would watch where somebody has said that it should not."""
    corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
    cameras = msgspec.structs.replace(
        all_feeds()["cameras"], default_rules=(DefaultRule("intrusion", "low"),)
    )
    pavement = Zone("pavement", "cam-1", "Vỉa hè", "Pavement", corners)
    narrowed = Rule("cameras.intrusion", "intrusion", "low", ("cam-1",), ("pavement",))
    known = configured(CAMERA, pavement, narrowed)
    assert missing_rules(known, cameras) == []
    second = msgspec.structs.replace(CAMERA, id="cam-2")
    known = configured(CAMERA, second, pavement, narrowed)
    with pytest.raises(InvalidChangeError, match=r"zones only \(pavement\), and none .* cam-2:"):
        missing_rules(known, cameras)
    own = msgspec.structs.replace(narrowed, id="own", sources=("cam-2",), zones=())
    assert missing_rules(configured(CAMERA, second, pavement, narrowed, own), cameras) == []


def test_a_rule_of_another_kind_is_not_written_over() -> None:
    with pytest.raises(InvalidChangeError, match="is of kind anomaly"):
        applied(loop(1), Rule("induction_loops.congestion", "anomaly", "low"))


def test_default_rules_that_contradict_themselves_are_refused() -> None:
    """As any rule is. Its kind is known where it is put in force, not where the feed is read."""
    default = DefaultRule("congestion", "high", {"speed_below": 30.0, "speed_clear": 10.0})
    feed = msgspec.structs.replace(LOOPS, default_rules=(default,))
    control = configured(loop(1))
    (rule,) = missing_rules(control, feed)
    with pytest.raises(InvalidChangeError, match="speed_clear is below speed_below"):
        check(control, rule)
    with pytest.raises(InvalidChangeError, match="speed_clear is below speed_below"):
        whole(rule, control)
