"""A base station's outage and a flood, without Kafka: one alert each.

``tests/e2e/test_evening.py`` has it live, replayed and offline.
"""

from typing import Any

import pytest

from streams.recordings import canonical, rerun
from tests.support import evening, town
from tests.support.evening import asks, latest


def log(partitions: int, **how: bool) -> list[bytes]:
    run = rerun.Rerun(town.partitions(partitions))
    cuts = town.slices(evening.events(**how), partitions)
    return canonical.log(
        (one for cut in cuts for one in run.feed(cut)), evening.AFTER, evening.UNTIL
    )


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    return log(2)


def test_the_outage_is_one_alert_with_sixteen_consequences(lines: list[bytes]) -> None:
    found = latest(lines)
    (root,) = (row for row in found if row["kind"] == "not_in_service")
    follow = [row["sources"] for row in found if row["explained_by"] == root["id"]]
    assert sorted(map(tuple, follow)) == sorted((name,) for name in evening.HANG_ON_IT)
    assert len(follow) == 16
    assert not root["explained_by"]


def test_the_flood_is_one_incident_that_four_feeds_and_a_report_tell_of(
    lines: list[bytes],
) -> None:
    by_id = {row["id"]: row for row in latest(lines)}
    leads = {name: _root(by_id, name) for name in by_id}
    (flood,) = {leads[name] for name, row in by_id.items() if evening.GAUGE in row["sources"]}
    one = {row["sources"][0] for name, row in by_id.items() if leads[name] == flood}
    assert one == evening.TELL_OF_IT


def _root(by_id: dict[str, dict[str, Any]], name: str) -> str:
    while above := by_id[name]["explained_by"] or by_id[name]["part_of"]:
        name = above
    return name


def test_all_else_that_asks_is_what_the_story_says(lines: list[bytes]) -> None:
    found = asks(lines)
    assert (found["not_in_service"], found["high_value"]) == (1, 1)
    assert set(found) == {
        *("not_in_service", "high_value", "off_target", "unlike_peers", "stuck_value")
    }
    shown = [row["evidence"][0] for row in latest(lines) if row["kind"] == "unlike_peers"]
    assert [proof[-1] for proof in shown] == [[-45.5, 154.5]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "kind", "number"), [("topology", "no_data", 16), ("groups", "citizen_report", 1)]
)
def test_control_without_either_all_ask(how: str, kind: str, number: int) -> None:
    assert asks(log(2, **{how: False}))[kind] == number
