"""What is said of an event, in words: what is part of it, how far, and what was refused."""

from datetime import UTC, datetime, timedelta

from services.api.explanation import Revision, explanation
from services.api.joined import Told, away, considered, how
from streams.configuration.configured import Configured
from streams.events import NOWHERE, Place, Source

AT = datetime(2026, 11, 29, tzinfo=UTC)
METRE = 0.00000962
"""Degrees of longitude."""


def told(
    name: str, kind: str, metric: str, metres: float, by: str | None = None, *, minutes: float = 0
) -> Told:
    start = AT + timedelta(minutes=minutes)
    place = 20.85, 106.68 + metres * METRE
    return Told(name, kind, [name], start, None, by, *place, "", [metric])


GAUGE = told("gauge", "high_value", "flood_depth", 0)
REPORT = told("report", "citizen_report", "flood_reported", 40, "gauge")
RAIN = told("rain", "high_value", "rainfall", 2500, "gauge")
FAR = told("far", "high_value", "rainfall", 7000)
EARLY = told("early", "congestion", "occupancy", 100, minutes=-90)
OTHER = told("pm", "high_value", "pm25", 10)
KNOWN = Configured(
    sources={
        name: Source(name, "flood_gauge", f"{name} vi", f"{name} en", "live", NOWHERE)
        for name in ("gauge", "report", "rain")
    },
    switches={"topology": True, "grouping": True},
)


def test_each_that_was_considered_has_a_reason() -> None:
    found = {seen.other.id: seen for seen in considered(REPORT, [GAUGE, RAIN, FAR, EARLY, OTHER])}
    assert {name: seen.verdict for name, seen in found.items()} == {
        "gauge": "cause", "rain": "with", "far": "far", "early": "before",
    }  # fmt: skip
    assert found["gauge"].told.en == "The same flood, 40 m away: it leads."
    assert found["gauge"].told.vi == "Cùng một đợt ngập, cách 40 m: dẫn đầu."
    assert "7.0 km away" in found["far"].told.en


def test_the_story_of_a_part_and_of_what_leads() -> None:
    part = Revision(
        "report", 1, AT, "citizen_report", "live", ["report"], AT, None, "gauge",
        ["report", "gauge"], "near", 20.85, 106.68 + 40 * METRE, "", ["flood_reported"],
    )  # fmt: skip
    said = explanation([part], [], KNOWN, [GAUGE, RAIN])
    assert said.told.en == (
        "It tells of the same flood as gauge en, near by: it is part of that alert."
    )
    assert "đợt ngập" in said.told.vi
    assert [one.verdict for one in said.considered] == ["cause", "with"]
    leads = Revision(
        "gauge", 0, AT, "high_value", "live", ["gauge"], AT, None, None, [], "", 20.85, 106.68, "",
        ["flood_depth"],
    )  # fmt: skip
    assert explanation([leads], [], KNOWN, [REPORT, RAIN]).told.en == (
        "It leads a flood: 2 others tell of it."
    )
    assert "No other" in explanation([leads], [], KNOWN, [FAR]).told.en


def test_control_where_grouping_is_off_that_is_said() -> None:
    alone = Revision(
        "gauge", 0, AT, "high_value", "live", ["gauge"], AT, None, None, [], "", 20.85, 106.68, "",
        ["flood_depth"],
    )  # fmt: skip
    assert "CITYOPS_GROUPING" in explanation([alone], [], Configured(), []).told.en


def test_how_two_alerts_have_to_do_with_each_other() -> None:
    here, there = Place(20.85, 106.68), Place(20.85, 106.68 + 40 * METRE)
    assert away(here, there).en == "40 m away"
    assert away(Place(20.85, 106.68, "a"), Place(20.9, 106.7, "a")).en == "on the same road"
    assert how("near", here, there) == away(here, there)
    assert how("depends", None, None) is not None
    assert how("outlasts", here, there) is None
