"""Why an alert was raised, told with what is known and with nothing else."""

import re

import msgspec
import pytest

from services.alerts.rationale import told, why
from services.alerts.words import Language, number
from streams.configuration.check import whole
from streams.events import DAY, MINUTE, SECOND, Rule
from streams.kinds.registry import clock_wrong, find, time_undone
from tests.support.loops import START

RULE = Rule("r", "congestion", "low", parameters={"speed_below": 12.5, "hold_seconds": 3600})
STORED = whole(RULE)
CONGESTION = find("congestion")


def stored(**changes: object) -> Rule:
    assert isinstance(STORED, Rule)
    return msgspec.structs.replace(STORED, **changes)


def test_the_sentence_has_the_rules_values_in_both_languages() -> None:
    assert why(CONGESTION, stored()) == (
        "Tốc độ dưới 12,5 km/h, độ chiếm dụng trên 30 % suốt 3.600 s.",
        "Speed below 12.5 km/h, occupancy above 30 % for 3,600 s.",
    )


@pytest.mark.parametrize(
    "rule",
    [
        None,
        pytest.param(RULE, id="from before every parameter was written out"),
        pytest.param(stored(version=CONGESTION.version + 1), id="another version of the kind"),
        pytest.param(stored(kind="crowd"), id="another kind"),
    ],
)
def test_nothing_is_said_where_a_value_of_then_is_not_known(rule: Rule | None) -> None:
    assert why(CONGESTION, rule) is None


def test_an_old_rule_that_gives_every_value_that_is_told_is_told() -> None:
    rule = Rule("r", "silence", "low", parameters={"silence_seconds": 90.0})
    told = why(find("no_data"), rule)
    assert told
    assert told.en == "Nothing was heard of this source for at least 90 s."


@pytest.mark.parametrize("kind", ["high_value", "low_value", "not_in_service"])
def test_a_rule_that_asks_for_no_time_says_none(kind: str) -> None:
    said = {}
    for seconds in (0, 30):
        rule = whole(Rule("r", kind, "low", parameters={"hold_seconds": seconds}))
        assert isinstance(rule, Rule)
        said[seconds] = why(find(kind), rule)
    assert said[0]
    assert said[30]
    for now, later, words in zip(said[0], said[30], (" trong 30 s", " for 30 s"), strict=True):
        assert now == later.replace(words, "")


def test_cause_and_response_are_those_of_what_was_found() -> None:
    """A source that sends has power and network, so nobody is sent to look for them."""
    kind = find("no_data")
    silent, unusable = (told(kind, "r", None, subject) for subject in ("", "unusable"))
    assert (silent.cause, silent.response) == (kind.cause, kind.response)
    assert "No power" in silent.cause.en
    for words in (unusable.cause, unusable.response):
        assert not re.search("power|network|cabinet|uplink", words.en)
        assert not re.search("điện|mạng|tủ|tuyến", words.vi)


def test_what_needs_no_rule_is_told_without_one() -> None:
    assert why(find("data_loss"), None) == find("data_loss").why


def test_a_clock_that_is_wrong_is_told_with_the_amount_in_both_languages() -> None:
    kind = find("system_clock")
    ahead = clock_wrong("gateway", 40 * DAY - 40 * MINUTE, START)
    assert why(kind, None, ahead.subject) == (
        "Đồng hồ máy chủ bị đặt nhanh 39 ngày 23 giờ, nên không được tin theo.",
        "The machine's clock was set 39 d 23 h ahead, and is not followed.",
    )
    behind = why(kind, None, clock_wrong("gateway", -310 * SECOND, START).subject)
    assert behind is not None
    assert "chậm 5 phút 10 giây" in behind.vi
    assert "5 min 10 s behind" in behind.en
    undone = why(kind, None, time_undone("gateway", START, START + SECOND).subject)
    assert undone is not None
    assert undone != behind
    assert "not followed" not in undone.en
    device = why(find("clock_error"), None, "-40 s")
    assert device is not None
    assert all("-40 s" in text for text in device)


@pytest.mark.parametrize(
    ("value", "vietnamese", "english"),
    [
        (0.0, "0", "0"),
        (20.0, "20", "20"),
        (0.75, "0,75", "0.75"),
        (0.00025, "0,00025", "0.00025"),
        (2_592_000.5, "2.592.000,5", "2,592,000.5"),
        (1e16, "10.000.000.000.000.000", "10,000,000,000,000,000"),
    ],
)
def test_a_number_has_the_signs_of_the_language(
    value: float, vietnamese: str, english: str
) -> None:
    languages: tuple[Language, ...] = ("vi", "en")
    assert [number(value, language) for language in languages] == [vietnamese, english]
