"""What is configured and yet passed over is told, and told once."""

import msgspec
import pytest

from streams.configuration.unjudged import unjudged
from streams.control import EMPTY, KEY
from streams.events import Place, Rule, Source
from streams.runtime.remarks import Remarks
from tests.support.extension import extended


def source(id: str, type: str) -> Source:
    return Source(id, type, "S", "R", "simulated", Place(20, 106), "gateway")


CONTROL = msgspec.structs.replace(
    EMPTY,
    sequence=4,
    sources={"river": source("river", "gauge"), "a": source("a", "loop")},
    rules={"hw": Rule("hw", "high_water", "high"), "old": Rule("old", "silence", "low")},
)
"""With a gauge and a kind of tests/extension, and with former names, which are still known."""


def test_a_rule_without_its_kind_and_a_source_without_its_feed_are_named() -> None:
    found = unjudged(CONTROL)
    assert [rule.id for rule in found.rules] == ["hw"]
    assert [source.id for source in found.sources] == ["river"]
    with extended():
        assert unjudged(CONTROL) == ((), ())


def test_a_worker_says_each_once(caplog: pytest.LogCaptureFixture) -> None:
    remarks = Remarks()
    later = msgspec.structs.replace(
        CONTROL, sequence=5, rules={**CONTROL.rules, "new": Rule("new", "of_tomorrow", "low")}
    )
    for control in (None, EMPTY, CONTROL, CONTROL, later, CONTROL, later):
        remarks.look({} if control is None else {KEY: control})
    assert caplog.messages == [
        "rule hw: no kind 'high_water' here, not judged",
        "source river: no feed declares 'gauge' here, not read",
        "rule new: no kind 'of_tomorrow' here, not judged",
    ]


def test_it_is_said_again_when_it_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    remarks = Remarks()
    gone = msgspec.structs.replace(CONTROL, sequence=5, rules={})
    back = msgspec.structs.replace(CONTROL, sequence=6)
    for control in (CONTROL, gone, back):
        remarks.look({KEY: control})
    assert caplog.messages.count("rule hw: no kind 'high_water' here, not judged") == 2


def test_states_without_a_configuration_say_nothing(caplog: pytest.LogCaptureFixture) -> None:
    Remarks().look({KEY: "something else"})
    assert caplog.messages == []
