"""What alerts ask of operators, computed a second time from ISA-18.2's definitions alone."""

import random
from collections import Counter
from typing import Any

import msgspec
import pytest

from services.alerts.alert import Alert, fold
from services.alerts.commands import Command, Done, Whole, decide
from services.alerts.lifecycle import receive
from services.alerts.load import Asking, Load, Told, measure, most_within, of_alerts, took
from services.alerts.precision import precision
from services.alerts.transitions import Disposition, Transition
from streams.events import DAY, HOUR, MINUTE, SECOND, Micros
from streams.kinds.registry import find
from tests.support.alerting import START, ended, explained, incident

HOURS = 12


def history(*, source: str = "cam-1", start: Micros = START) -> tuple[Transition, ...]:
    return receive(None, incident(source=source, start=start), None)


def done(
    lines: tuple[Transition, ...], action: str, time: Micros, **more: Any
) -> tuple[Transition, ...]:
    command = Command(id=f"{action}-{time}", action=action, actor="lan", time=time, **more)  # type: ignore[arg-type]
    outcome = decide(fold(lines), command, ())
    assert isinstance(outcome, Done), outcome
    return (*lines, *outcome.transitions)


def part(lines: tuple[Transition, ...], since: Micros = START - HOUR) -> Told:
    (found,) = of_alerts(lines, since, START + 10 * DAY)
    return found


def test_an_alert_asks_once_until_somebody_acknowledges_and_again_when_it_does_anew() -> None:
    lines = history()
    raised = START + 20 * SECOND
    again = incident(subject="track-2", start=START + MINUTE)
    lines += receive(fold(lines), again, None)
    assert [one.time for one in part(lines).askings] == [raised]
    lines = done(lines, "acknowledge", START + 5 * MINUTE)
    worse = incident(subject="track-3", start=START + 6 * MINUTE, severity="critical")
    lines += receive(fold(lines), worse, None)
    first, second = part(lines).askings
    assert (first.acknowledged, first.priority) == (START + 5 * MINUTE, 2)
    assert (second.time, second.priority) == (START + 6 * MINUTE + 20 * SECOND, 1)
    assert second.acknowledged is None


def test_a_consequence_asks_for_nothing() -> None:
    one = incident(kind="no_data", rule="quiet")
    cause = incident(source="feeder-1", kind="not_in_service", rule="off")
    later = explained(one, cause)
    lines = receive(None, msgspec.structs.replace(one, explained_by=cause.id, why="depends"), None)
    assert part(lines).askings == ()
    assert len(part(receive(None, one, None)).askings) == 1
    assert later.explained_by == cause.id


def test_what_is_closed_says_how_long_it_took() -> None:
    lines = done(history(), "resolve", START + HOUR, comment="towed", disposition="true")
    found = measure([part(lines)], START, START + 8 * HOUR)
    assert (found.resolved.number, found.resolved.median) == (1, 3580.0)
    assert (found.acknowledged.number, found.acknowledged.median) == (1, 3580.0)


def test_who_merges_one_has_seen_it_and_what_is_split_off_is_open_since_then() -> None:
    whole = Whole(origin="simulated", severity="critical", closed=False)
    lines = done(history(), "merge", START + HOUR, to="whole", whole=whole, comment="the same")
    assert [one.acknowledged for one in part(lines).askings] == [START + HOUR]
    lines = done(lines, "split", START + 2 * HOUR, comment="not the same")
    lines = done(lines, "resolve", START + 3 * HOUR, comment="towed")
    assert [one.time - one.since for one in part(lines).closings] == [HOUR]


def test_what_happens_after_the_period_is_as_if_it_had_not() -> None:
    lines = done(history(), "acknowledge", START + 3 * HOUR)
    (cut,) = of_alerts(lines, START, START + HOUR)
    assert measure([cut], START, START + HOUR).unacknowledged == 1
    assert list(of_alerts(lines, START - DAY, START)) == []


def test_stale_and_chattering_are_counted() -> None:
    lines = history()
    for n in range(1, 4):
        first = incident(start=START + (n - 1) * MINUTE)
        lines += receive(fold(lines), ended(first, START + n * MINUTE - 30 * SECOND), 0)
        lines += receive(fold(lines), incident(start=START + n * MINUTE), None)
    found = measure([part(lines)], START, START + 2 * DAY)
    assert (found.chattering, found.stale) == (1, 1)
    assert measure([part(history())], START, START + HOUR).chattering == 0
    later = START + 30 * MINUTE
    lines = done(lines, "comment", later + MINUTE, comment="it flapped")
    (before,) = of_alerts(lines, later - HOUR, later + 8 * HOUR)
    assert before.askings, "it is asked for from an hour earlier on, as a flood may have begun then"
    assert measure([before], later, later + 8 * HOUR).chattering == 0


def made(seed: int) -> tuple[list[Told], list[Asking]]:
    """A night of askings as the fold would give them: calm hours and a storm."""
    drawn = random.Random(seed)
    alert = fold(history())
    askings = []
    for n in range(drawn.randrange(350, 450)):
        inside = drawn.random() < 0.6
        at = drawn.uniform(4.0, 5.5) if inside else drawn.uniform(-0.9, HOURS)
        time = START + round(at * HOUR)
        seen = time + drawn.randrange(5, 900) * SECOND if drawn.random() < 0.9 else None
        askings.append(
            Asking(
                time, f"a-{n}", "crowd", "r", f"cam-{drawn.randrange(20)}", "medium",
                drawn.randrange(1, 5), "live", "", seen,
            )
        )  # fmt: skip
    return [Told(alert, (one,), (), None) for one in askings], askings


def independent(askings: list[Asking], operators: int) -> dict[str, float]:
    """Second by second, with nothing of the module's: brute force."""
    seconds = sorted((one.time - START) // SECOND for one in askings)
    inside = [one for one in seconds if 0 <= one < HOURS * 3600]
    peak = max(sum(a <= b < a + 600 for b in inside) for a in inside)
    flooded = flood = 0
    known = Counter(seconds)
    window, began = 0, -(10**9)
    for second in range(-3600, HOURS * 3600):
        window += known[second] - known[second - 600]
        if not flood and window > 10 * operators:
            flood, began = 1, min(one for one in seconds if one > second - 600)
            flooded += second - max(began, 0) if second > 0 else 0
        elif flood and window < 5 * operators:
            flood = 0
        flooded += flood if second >= 0 else 0
    return {"alarms": len(inside), "peak": peak, "flooded": flooded / (HOURS * 3600)}


@pytest.mark.parametrize(("seed", "operators"), [(1, 1), (2, 2)])
def test_an_independent_computation_finds_the_same(seed: int, operators: int) -> None:
    told, askings = made(seed)
    found = measure(told, START, START + HOURS * HOUR, operators)
    other = independent(askings, operators)
    inside = [one for one in askings if START <= one.time < START + HOURS * HOUR]
    assert found.alarms == other["alarms"]
    assert found.per_hour == pytest.approx(other["alarms"] / HOURS / operators)
    assert found.most_in_ten_minutes * operators == pytest.approx(other["peak"], abs=1)
    assert found.floods >= 1
    assert found.flood_share == pytest.approx(other["flooded"], abs=2e-3)
    assert found.priorities == dict(sorted(Counter(one.priority for one in inside).items()))
    assert (
        found.worst[0].source
        == min(Counter(one.source for one in inside).items(), key=lambda one: (-one[1], one[0]))[0]
    )
    seen = sorted((one.acknowledged - one.time) / 1e6 for one in inside if one.acknowledged)
    assert found.acknowledged.number == len(seen)
    assert found.acknowledged.most == seen[-1]
    assert sum(one <= (found.acknowledged.p90 or 0) for one in seen) / len(seen) >= 0.9
    assert sum(one < (found.acknowledged.p90 or 0) for one in seen) / len(seen) < 0.9


def test_control_a_calm_night_has_no_flood() -> None:
    alert = fold(history())
    calm = [
        Told(
            alert,
            (Asking(START + n * 10 * MINUTE, f"a-{n}", "crowd", "r", "c", "low", 4, "live", ""),),
            (),
            None,
        )
        for n in range(72)
    ]
    found: Load = measure(calm, START, START + HOURS * HOUR)
    assert (found.floods, found.flood_share, found.per_ten_minutes) == (0, 0.0, 1.0)


def test_nothing_is_nothing() -> None:
    found = measure([], START, START + HOUR)
    assert (found.alarms, found.worst, found.acknowledged) == (0, (), took([]))
    assert most_within([]) == 0


def judged(disposition: Disposition, rule: str, number: int) -> list[Alert]:
    alert = fold(history())
    return [msgspec.structs.replace(alert, rule=rule, disposition=disposition)] * number


def test_precision_counts_right_and_wrong_and_says_how_sure_it_is() -> None:
    assert find("crowd")
    alerts = [
        *judged("true", "r-1", 8), *judged("nuisance", "r-1", 1), *judged("false", "r-1", 1),
        *judged("test", "r-1", 5), *judged("duplicate", "r-2", 3), *judged("false", "r-3", 2),
    ]  # fmt: skip
    worst, known = precision(alerts, "rule")
    assert (worst.name, worst.share.value) == ("r-3", 0.0)
    assert (known.name, known.right, known.wrong, known.nuisance) == ("r-1", 9, 1, 1)
    assert (known.share.value, known.share.low) == (0.9, pytest.approx(0.5958, abs=1e-3))
    assert {one.name for one in precision(alerts, "source")} == {"cam-1"}
    assert precision(alerts, "model") == []
