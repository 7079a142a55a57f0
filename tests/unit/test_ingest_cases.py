"""Inputs from public reports that went wrong, told to the stage for sensors in event time.

The cases lie beside the repository; ``test_slow_sources`` and ``test_score`` have their neighbours.
"""

import json
import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from services.alerts.alert import Alert, apply
from services.alerts.commands import Command, Done, decide
from services.alerts.lifecycle import receive
from streams.events import SECOND, Incident, Readings, Rule, Scored, Source, Tick
from tests.support.loops import METRICS, PERIOD, START, Driver, controls, loop

CASES = Path(__file__).parents[3] / "shared" / "cases" / "ingest"
AFTER = 15
"""Seconds that go by after the last message."""

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason=f"the cases of public reports are not beside the repository: {CASES}"
)


class Value(NamedTuple):
    """One value that was stored or refused."""

    source: str
    second: float
    metric: str
    value: float


class Played(NamedTuple):
    driver: Driver
    sent: list[Value]
    stored: list[Value]
    refused: list[Value]

    def of(self, kind: str) -> list[Incident]:
        return [one for one in self.driver.incidents if one.kind == kind]


def play(name: str, *, speed: float | None = None, sources: list[str] | None = None) -> Played:
    """A case, or another of its kind.

    Args:
        speed: of every row, instead of the case's.
        sources: each sends what the case's first one does.
    """
    case = json.loads((CASES / f"{name}.json").read_text())
    for step in case["steps"] if sources else ():
        step["rows"] = [[source, *row[1:]] for row in step["rows"] for source in sources or ()]
    case["sources"] = sources or case["sources"]
    for row in (row for step in case["steps"] for row in step["rows"] if speed is not None):
        row[2][METRICS.index("speed")] = speed
    sources = [loop(source) for source in case["sources"]]
    rules = [
        Rule(
            f"{name}.{rule['kind']}",
            rule["kind"],
            "high",
            parameters={key: float(value) for key, value in rule["parameters"].items()},
        )
        for rule in case["rules"]
    ]
    messages = sorted(_messages(case), key=lambda message: message[0])
    driver = _told(sources, rules, messages)
    sent = [value for _, pack in messages for value in _values(pack.metrics, pack)]
    stored, refused = [], []
    for event in driver.events(Scored):
        faults = np.frombuffer(event.faults, "u1").reshape(-1, len(event.metrics))
        kept = np.frombuffer(event.flags, "u1") & ~np.uint8(1) == 0
        for number, value in enumerate(_values(event.metrics, event, every=True)):
            row, column = divmod(number, len(event.metrics))
            if len(faults) and faults[row, column]:
                refused.append(value)
            elif kept[row] and not math.isnan(value.value):
                stored.append(value)
    return Played(driver, [one for one in sent if not math.isnan(one.value)], stored, refused)


def alerts_of(played: Played, source: str) -> list[Alert]:
    """As after each incident of the source: whoever is asked acknowledges at once."""
    found: list[Alert] = []
    alert: Alert | None = None
    known: dict[str, int] = {}
    for one in played.driver.incidents:
        if one.sources != (source,):
            continue
        for line in receive(alert, one, known.get(one.id)):
            alert = apply(alert if alert and line.alert == alert.id else None, line)
            found.append(alert)
        known[one.id] = one.revision
        if alert and alert.acknowledged_at is None:
            asked = Command(id=one.id, action="acknowledge", actor="an", time=one.decided_at)
            outcome = decide(alert, asked, ())
            assert isinstance(outcome, Done)
            for line in outcome.transitions:
                alert = apply(alert, line)
    return found


def _messages(case: Any) -> list[tuple[float, Readings]]:
    found = []
    for step in case["steps"]:
        time = step.get("begin", 0)
        while time < step["until"]:
            number = len(found) + 1
            odd = bool(int(time // 30) % 2)
            if not step.get("only_odd_half_minutes" if not odd else "only_even_half_minutes"):
                found.append((time + step.get("delay", 0) + 1, _pack(step, time + 1, number)))
            time += step["every"]
    return found


def _pack(step: Any, second: float, number: int) -> Readings:
    rows = step["rows"]
    names = tuple(dict.fromkeys(row[0] for row in rows))
    metrics = tuple(step.get("metrics", METRICS))
    values = [[math.nan if value is None else value for value in row[2]] for row in rows]
    times = [int(START + (second + row[1]) * SECOND) for row in rows]
    return Readings(
        gateway="gw-1",
        time=int(START + second * SECOND) + number,
        sequence=number,
        origin="simulated",
        sources=names,
        metrics=metrics,
        source=np.array([names.index(row[0]) for row in rows], "<u2").tobytes(),
        times=np.array(times, "<i8").tobytes(),
        values=np.array(values, "<f8").tobytes(),
    )


def _told(
    sources: list[Source], rules: list[Rule], messages: list[tuple[float, Readings]]
) -> Driver:
    driver = Driver().feed(*controls([*sources, *rules]), Tick(START))
    waiting = list(messages)
    for second in range(1, int(messages[-1][0]) + AFTER):
        while waiting and waiting[0][0] < second:
            driver.feed(waiting.pop(0)[1])
        driver.feed(Tick(START + second * SECOND))
    return driver


def _values(
    metrics: tuple[str, ...], pack: Readings | Scored, *, every: bool = False
) -> list[Value]:
    source = np.frombuffer(pack.source, "<u2").tolist()
    times = np.frombuffer(pack.times, "<i8").tolist()
    values = np.frombuffer(pack.values, "<f8").reshape(len(source), len(metrics)).tolist()
    return [
        Value(pack.sources[index], (time - START) / SECOND, metric, value)
        for index, time, row in zip(source, times, values, strict=True)
        for metric, value in zip(metrics, row, strict=True)
        if every or not math.isnan(value)
    ]


def unported(folder: Path) -> set[str]:
    """Cases of the folder that no test here plays."""
    played = re.findall(r"""\bplay\(\s*"([\w.-]+)\"""", Path(__file__).read_text())
    return {path.stem for path in folder.glob("*.json")} - set(played)


def test_every_case_is_played(tmp_path: Path) -> None:
    assert not unported(CASES)
    (tmp_path / "of-tomorrow.json").touch()
    (tmp_path / "late-3s.json").touch()
    assert unported(tmp_path) == {"of-tomorrow"}, "control: a new one is found"


def test_a_link_of_three_seconds() -> None:
    played = play("late-3s")
    assert played.of("no_data") == []
    assert len(played.of("congestion")) == 1
    assert sorted(played.stored) == sorted(played.sent)


def test_a_device_five_minutes_ahead() -> None:
    played = play("ahead-5min")
    assert played.of("no_data") == []
    (found,) = played.of("clock_error")
    assert found.sources == ("s",)
    assert abs(int(found.subject.removesuffix(" s")) - 300) <= 1


def test_one_bad_metric() -> None:
    played = play("one-bad-metric")
    assert played.of("no_data") == []
    assert {(one.metric, one.value) for one in played.stored} == {("flow", 600), ("occupancy", 12)}
    assert {(one.metric, one.value) for one in played.refused} == {("speed", 65535)}
    assert len(played.stored) + len(played.refused) == len(played.sent)


def test_one_metric_a_message() -> None:
    played = play("one-metric-a-message")
    assert sorted(played.stored) == sorted(played.sent)
    assert len(played.of("congestion")) == 1
    assert played.driver.counts == {"accepted": len(played.sent) // 3}


def test_only_nan() -> None:
    played = play("only-nan")
    (found,) = played.of("no_data")
    assert found.subject == "unusable"
    assert found.decided_at <= START + 30 * SECOND
    assert played.driver.counts["bad"] == 60 * SECOND // PERIOD
    assert played.stored == []


def test_a_value_that_is_corrected_a_second_later() -> None:
    played = play("corrected-value")
    assert {(one.metric, one.value) for one in played.stored} == {
        ("flow", 600), ("occupancy", 10), ("speed", 45),
    }  # fmt: skip
    assert played.driver.counts["corrected"] == 40 * SECOND // PERIOD


def test_eight_sensors_with_one_metric_each() -> None:
    played = play("mixed-gateway")
    assert sorted(played.stored) == sorted(played.sent)


@pytest.mark.parametrize(
    ("speed", "found"),
    [(20.0, 1), (29.9, 1), (10.0, 1), (5.0, 1), (35.0, 0)],
)
def test_a_stored_rule_that_clears_on_the_wrong_side(speed: float, found: int) -> None:
    """It would be refused now. What stays as it is is one occurrence, at whatever speed."""
    played = play("inverted-hysteresis", speed=speed)
    opened = played.of("congestion")
    assert (len({one.id for one in opened}), [one for one in opened if one.end]) == (found, [])


@pytest.mark.parametrize("sources", [["s"], ["s", "t", "u"]])
def test_a_jam_that_comes_and_goes(sources: list[str]) -> None:
    """Each source has one alert, which asks once: whoever acknowledged it knows of it."""
    played = play("flapping", sources=sources)
    for source in sources:
        found = alerts_of(played, source)
        assert len({alert.id for alert in found}) == 1
        assert found[-1].count == 3
        assert found[-1].flapping_since == found[0].event_time
        asked = [alert.count for alert in found if alert.state == "unacknowledged"]
        assert asked == [1], "it was [1, 2] before an acknowledgement lasted"


def test_a_sensor_that_dies_in_a_jam() -> None:
    """Its jam is unknown since it was last proven, and over as of then: nothing comes for long."""
    played = play("jam-then-dead")
    first, *_, last = played.of("congestion")
    proven = START + 36 * SECOND
    assert first.end is None
    assert any(one.unknown_since == proven and one.end is None for one in played.of("congestion"))
    assert (last.id, last.end) == (first.id, proven)
    opened, ended = played.of("no_data")
    assert (opened.start, ended.end) == (proven, START + 101 * SECOND)
    assert sorted(played.stored) == sorted(played.sent)
