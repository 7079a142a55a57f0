"""What is configured and yet passed over is told, and told once."""

from typing import Any

import pytest
from msgspec.structs import replace

from streams.configuration.configured import Configured
from streams.configuration.contradictions import contradictory_rules
from streams.configuration.unjudged import (
    Doubt,
    configured_apart,
    masked,
    of_mask,
    of_place,
    unjudged,
    unjudged_rules,
    unread_sources,
)
from streams.control import EMPTY, KEY, Control, change
from streams.events import (
    BLINDNESS,
    FATES,
    SECOND,
    Change,
    ControlChange,
    Mask,
    Place,
    Removed,
    Rule,
    Source,
    Zone,
)
from streams.runtime.partition import Partition
from streams.runtime.remarks import Remarks
from streams.stages.interpret import Interpret
from tests.support.extension import extended


def source(id: str, type: str) -> Source:
    return Source(id, type, "S", "R", "simulated", Place(20, 106), "gateway")


def after(*changes: Change, control: Control = EMPTY) -> Control:
    for each in changes:
        control = change(control, ControlChange(control.sequence + 1, 0, each))
    return control


CONTROL = after(
    source("river", "gauge"),
    source("a", "loop"),
    Rule("hw", "high_water", "high"),
    Rule("old", "silence", "low"),
)
"""With a gauge and a kind of tests/extension, and with former names, which are still known."""


def knowing(state: object, number: int = 0) -> Partition:
    part = Partition(Interpret(4), number, 4)
    part.states[KEY] = state
    return part


def test_a_rule_without_its_kind_and_a_source_without_its_feed_are_named() -> None:
    rules, sources = CONTROL.rules.values(), CONTROL.all_sources()
    assert [rule.id for rule in unjudged_rules(rules)] == ["hw"]
    assert [source.id for source in unread_sources(sources)] == ["river"]
    with extended():
        assert not unjudged_rules(rules)
        assert not unread_sources(sources)


def city(*sources: Source) -> Configured:
    known = Configured()
    for one in (
        *sources,
        Zone("z", "cam", "Z", "Z", ((0, 0), (1, 0), (1, 1))),
        Rule("crowd", "crowd", "low"),
        Rule("stop", "stopped_vehicle", "low"),
        Rule("elsewhere", "stopped_vehicle", "low", zones=("other",)),
        Rule("others", "crowd", "low", ("loop-1",)),
        Rule("quiet", "no_data", "low"),
        Rule("jam", "congestion", "low"),
        Rule("hw", "high_water", "high"),
    ):
        table = {Source: known.sources, Zone: known.zones, Rule: known.rules}[type(one)]
        table[one.id] = one  # type: ignore[index]
    return known


def camera(id: str = "cam", period: int = SECOND // 5) -> Source:
    return Source(id, "camera", "C", "C", "live", Place(20, 106), period=period)


@pytest.mark.parametrize(
    ("apart", "rules"),
    [(0, ["crowd", "stop"]), (7 * SECOND, ["crowd", "stop"]), (5 * SECOND, ["crowd"]),
     (2 * SECOND, ["crowd"]), (SECOND, []), (SECOND // 30, [])],
)  # fmt: skip
def test_rules_for_which_pictures_are_too_far_apart_are_named(apart: int, rules: list[str]) -> None:
    """And no rule that does not watch there, nor one on whether the camera is heard."""
    doubt = Doubt("missing", None, apart)
    found = unjudged(city(camera(), camera("bare")), {"cam": doubt})
    assert [one.rule.id for one in found] == rules
    assert {one.needs for one in found} <= {SECOND, 5 * SECOND}


def test_rules_on_a_sensor_that_says_nothing_are_named() -> None:
    found = unjudged(city(source("loop-1", "loop"), camera()), {"loop-1": Doubt("unheard", 7)})
    assert [(one.rule.id, one.source.id) for one in found] == [("jam", "loop-1")]


def test_control_where_nothing_is_in_doubt_no_rule_is_named() -> None:
    assert unjudged(city(camera(), source("loop-1", "loop")), {}) == []
    assert unjudged(city(camera()), {"gone": Doubt("unheard", None)}) == []


def test_what_is_configured_counts_before_anything_has_come() -> None:
    slow = configured_apart(camera(period=7 * SECOND))
    assert slow == Doubt("sparse", None, 7 * SECOND)
    assert [one.rule.id for one in unjudged(city(camera()), {"cam": slow})] == ["crowd", "stop"]
    assert configured_apart(source("loop-1", "loop")) is None


WITHOUT_FATE = "unheard", "behind", "lagging"


@pytest.mark.parametrize("reason", [*filter(None, BLINDNESS), *FATES, *WITHOUT_FATE])
def test_a_line_says_where_since_when_and_why(reason: str) -> None:
    line = of_place("stop", "cam", (reason, "overload"), since="12:00", apart=4.0)
    assert line.startswith("rule stop: not judged by cam since 12:00: ")
    assert line.endswith(" (overload), a picture in 4 s")
    bare = of_place("stop", "cam", ("dark", ""))
    assert bare == "rule stop: not judged by cam: its pictures are dark"


def test_of_a_thousand_cameras_and_twenty_rules_every_pair_is_found() -> None:
    known = city(*(camera(f"cam-{number}") for number in range(1000)))
    for number in range(20):
        known.rules[f"stop-{number}"] = Rule(f"stop-{number}", "stopped_vehicle", "low")
    for number in range(1000):
        known.zones[f"z-{number}"] = Zone(f"z-{number}", f"cam-{number}", "Z", "Z", ())
    found = unjudged(known, {f"cam-{number}": Doubt("shed", None) for number in range(1000)})
    assert len(found) == 1000 * 22


def test_a_rule_whose_zone_is_masked_is_said_with_how_much_of_it() -> None:
    half, left, right = (
        tuple((x, y) for x, y in ((a, 0.0), (b, 0.0), (b, 1.0), (a, 1.0)))
        for a, b in ((0.0, 0.5), (0.0, 0.25), (0.75, 1.0))
    )
    known = Configured(
        sources={name: source(name, "camera") for name in ("cam", "other")},
        zones={
            "half": Zone("half", "cam", "H", "H", half),
            "right": Zone("right", "cam", "R", "R", right),
            "line": Zone("line", "cam", "L", "L", ((0.0, 0.5), (1.0, 0.5))),
            "elsewhere": Zone("elsewhere", "other", "E", "E", half),
        },
        rules={"hw": Rule("hw", "of_tomorrow", "low"), "in": Rule("in", "intrusion", "low")},
        masks={"a": Mask("a", "cam", left), "b": Mask("b", "cam", left)},
    )
    found = masked(known)
    assert [(one.rule.id, one.zone, one.percent) for one in found] == [("in", "half", 50)]
    assert "50 % of zone half of cam is masked, not judged" in of_mask("in", "cam", "half", 50)
    known.masks["c"] = Mask("c", "cam", right)
    assert [(one.zone, one.percent) for one in masked(known)] == [("half", 50), ("right", 100)]
    known.rules["in"] = Rule("in", "intrusion", "low", zones=("right",))
    assert [(one.zone, one.percent) for one in masked(known)] == [("right", 100)]
    known.rules["in"] = Rule("in", "intrusion", "low", sources=("other",))
    assert masked(known) == []


def test_a_worker_says_each_once(caplog: pytest.LogCaptureFixture) -> None:
    remarks = Remarks()
    later = after(Rule("new", "of_tomorrow", "low"), control=CONTROL)
    for control in (None, EMPTY, CONTROL, CONTROL, later, CONTROL, later):
        for number in range(3):
            remarks.look(knowing(control, number))
    assert caplog.messages == [
        "rule hw: no kind 'high_water' here, not judged",
        "source river: no feed declares 'gauge' here, not read",
        "rule new: no kind 'of_tomorrow' here, not judged",
    ]


def test_a_rule_that_contradicts_itself_is_named_with_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that an earlier release has accepted, by its own values and by the defaults."""
    control = after(
        Rule("well", "congestion", "high"),
        Rule("slow", "congestion", "high", parameters={"speed_below": 30.0, "speed_clear": 10.0}),
        Rule("dense", "congestion", "high", parameters={"occupancy_clear": 31.0}),
        Rule("odd", "anomaly", "high", parameters={"score": 0.4}),
        Rule("gone", "high_water", "high", parameters={"level_clear": 9.0}),
    )
    told = [
        ("dense", "occupancy_clear is above occupancy_above"),
        ("odd", "score_clear is above score"),
        ("slow", "speed_clear is below speed_below"),
    ]
    found = contradictory_rules(control.rules.values())
    assert [(rule.id, reason.partition(":")[0]) for rule, reason in found] == told
    Remarks().look(knowing(control))
    assert [line for line in caplog.messages if "while it is proven" in line] == [
        f"rule {name}: {reason}: it would end while it is proven: set it again; meanwhile what"
        " proves it does not end it"
        for name, reason in told
    ]


def test_each_partitions_own_sources_are_looked_at(caplog: pytest.LogCaptureFixture) -> None:
    remarks = Remarks()
    for number, name in enumerate(("river", "brook")):
        remarks.look(knowing(after(source(name, "gauge")), number))
    assert len(caplog.messages) == 2


class Counted(dict[str, Any]):
    """Sources or rules that count how often all of them are read."""

    reads = 0

    def items(self) -> Any:
        Counted.reads += 1
        return super().items()

    values = items


@pytest.mark.parametrize(("type", "reads"), [("loop", 0), ("gauge", 7)])
def test_a_source_more_is_not_a_look_at_all_of_them(type: str, reads: int) -> None:
    """A city announces thousands, one by one. The control: of a type that no feed declares."""
    remarks = Remarks()
    control = after(*(source(f"s-{number}", type) for number in range(7)))
    remarks.look(knowing(control))
    rules = Counted(control.rules)
    control = replace(control, rules=rules, sequence=8)
    remarks.look(knowing(control))
    Counted.reads = 0
    for number in range(7):
        control = replace(control, sources=Counted(control.sources), sequence=9 + number)
        remarks.look(knowing(control))
    assert Counted.reads == reads


def test_it_is_said_again_when_it_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    remarks = Remarks()
    gone = after(Removed("rule", "hw"), control=CONTROL)
    back = after(Rule("hw", "high_water", "high"), control=gone)
    for control in (CONTROL, gone, back):
        remarks.look(knowing(control))
    assert caplog.messages.count("rule hw: no kind 'high_water' here, not judged") == 2


def test_states_without_a_configuration_say_nothing(caplog: pytest.LogCaptureFixture) -> None:
    Remarks().look(knowing("something else"))
    assert caplog.messages == []
