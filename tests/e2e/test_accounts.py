"""An hour of everything that sources do wrong, with parts killed meanwhile: it adds up."""

import math
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest

from streams.database import connect
from streams.events import FAULTS, HOUR, Micros, from_datetime
from streams.kafka.publisher import Publisher
from streams.pipeline import PATH
from streams.recordings import canonical, outcome, path
from streams.runtime import offline
from streams.settings import Settings
from streams.topics import CORRELATED, INPUTS, partition_of
from tests.support.fleet import Fleet
from tests.support.hour import CAMERAS, START, Hour

SEED = 14
TURNS = 10
PARTS = {"detect-1": "detect", "streams-1": "streams", "streams-2": "streams", "writer": "writer"}
Sums = Counter[tuple[Any, ...]]


def play(
    settings: Settings,
    hour: Hour,
    logs: Path,
    kills: dict[int, tuple[str, ...]],
    marks: Literal["marks", "none"] = "marks",
) -> int:
    """Everything is taken and stored then; returns how often a part was killed from here."""
    publisher = Publisher(settings, "test")
    messages = list(hour.messages())
    with Fleet(settings, logs) as fleet:
        for name, part in PARTS.items():
            fleet.start(name, "-m", "tests.support.part", part, name, marks)
        length = len(messages) // TURNS + 1
        for turn in range(TURNS):
            for sent in messages[turn * length : (turn + 1) * length]:
                if sent.event is None:
                    partition = partition_of(sent.key, settings.partitions)
                    headers = [("ce_type", b"cityops.readings"), ("ce_source", sent.key.encode())]
                    publisher.publish_raw(sent.topic, partition, headers, sent.value)
                elif sent.topic:
                    publisher.publish(sent.topic, sent.event, sent.key)
                else:
                    for topic in INPUTS:
                        publisher.publish_everywhere(topic, sent.event)
            publisher.flush()
            time.sleep(1.5)  # in the middle of it
            for name in kills.get(turn, ()):
                fleet.kill(name)
            fleet.tend()
        publisher.close()

        def settle() -> None:
            outcome.settle(settings, path.steps("detect"))
            outcome.settle_tables(settings)

        with ThreadPoolExecutor(1) as aside:
            settling = aside.submit(settle)
            while not settling.done():
                fleet.tend()
                time.sleep(0.2)
            settling.result()
        return sum(map(len, kills.values()))


def sums(settings: Settings, query: str) -> Sums:
    """By all columns but the last, which is a number; what is 0 is left out."""
    with connect(settings, "test") as connection:
        rows = connection.execute(query).fetchall()
    found: Sums = Counter()
    for *key, number in rows:
        found[tuple(key)] += int(number)
    return Counter({key: number for key, number in found.items() if number})


def differences(settings: Settings) -> int:
    """How often the writer found that what is stored is not what was sent on."""
    return sums(settings, "SELECT coalesce(sum((counts->>'unaccounted')::int), 0) FROM positions")[
        ()
    ]


@pytest.mark.timeout(400)
def test_every_value_is_found_exactly_once(settings: Settings, tmp_path: Path) -> None:
    hour = Hour(SEED)
    kills = {
        1: ("streams-1",),
        3: ("detect-1", "streams-2"),
        6: ("writer",),
        8: ("writer", "streams-1"),
    }
    assert play(settings, hour, tmp_path, kills) == 6

    came = sums(settings, "SELECT source, sum(came) FROM accounts_by_hour GROUP BY source")
    assert came == {(source,): number for source, number in hour.values.items()}
    fates = sums(settings, "SELECT fate, sum(number) FROM accounts GROUP BY fate")
    assert min(fates[fate,] for fate in ("accepted", "late", "corrected", "repeated")) > 20
    reasons = sums(settings, "SELECT reason, sum(number) FROM accounts GROUP BY reason")
    assert {reason for (reason,) in reasons} >= {
        "infinite",
        "out_of_range",
        "not_measured",
        "unknown_source",
        "unknown_metric",
        "absurd_time",
        "undecodable",
    }

    stored = "SELECT date_trunc('hour', time), {}, count(*) FROM {} GROUP BY 1, 2"
    kept = "SELECT hour, source, accepted + late + not_judged FROM accounts_by_hour"
    cameras = f"source = ANY('{{{','.join(CAMERAS)}}}')"
    assert sums(settings, stored.format("source", "readings")) == sums(
        settings, f"{kept} WHERE NOT {cameras}"
    )
    assert sums(settings, stored.format("camera", "frames")) == sums(
        settings, f"{kept} WHERE {cameras}"
    )
    refused = [reason for reason in FAULTS if reason != "not_measured"]
    assert sums(
        settings,
        "SELECT date_trunc('hour', time), source, reason, count(*) FROM quality"
        " WHERE reason <> 'not_measured' GROUP BY 1, 2, 3",
    ) == sums(
        settings,
        "SELECT time, source, reason, sum(number) FROM accounts WHERE fate = 'refused'"
        f" AND reason = ANY('{{{','.join(refused)}}}') GROUP BY 1, 2, 3",
    )

    assert by_value(settings, hour) == []
    assert differences(settings) == 0
    lived = canonical.log(outcome.incidents(settings), START, START + HOUR)
    assert len(lived) > 40
    assert lived == alone(settings)


def alone(settings: Settings) -> list[bytes]:
    """What the same hour comes to in one process, where nothing is killed."""
    stages = [step.build(settings) for step in PATH]
    events = ((sent.topic, sent.event, sent.key) for sent in Hour(SEED).messages() if sent.event)
    found = offline.run(stages, events, settings.partitions).events(CORRELATED)
    return canonical.log(found, START, START + HOUR)


def by_value(settings: Settings, hour: Hour) -> list[str]:
    """What is wrong with each value that was said: it is stored once, or refused for a reason."""
    readings = values(settings, "SELECT source, metric, time, value FROM readings")
    quality = values(settings, "SELECT source, metric, time, value FROM quality")
    wrong = []
    for key, said in hour.told.items():
        has, refused = readings.get(key, []), quality.get(key, [])
        good = {value for value in said if math.isfinite(value) and 0 <= value < 1e6}
        if len(has) != (1 if good else 0) or not set(has) <= good:
            wrong.append(f"{key}: {has} is stored, {said} was said")
        if sorted(refused) != sorted(said - good):
            wrong.append(f"{key}: {refused} is refused, {said - good} should be")
    strange = readings.keys() - hour.told.keys()
    return [*wrong, *(f"{key}: nobody said it" for key in strange if not key[1].startswith("m"))]


def values(settings: Settings, query: str) -> dict[tuple[str, str, Micros], list[float]]:
    found: dict[tuple[str, str, Micros], list[float]] = {}
    with connect(settings, "test") as connection:
        for source, metric, moment, value in connection.execute(query).fetchall():
            if value is not None:
                found.setdefault((source, metric, from_datetime(moment)), []).append(value)
    return found


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_control_without_marks_the_difference_is_an_incident(
    settings: Settings, tmp_path: Path
) -> None:
    """With the marks switched off kills double rows, and that is found while the city runs."""
    play(settings, Hour(SEED), tmp_path, {}, marks="none")
    deaths = settings.state_dir.glob("*.deaths")
    assert sum(file.stat().st_size for file in deaths) > 0
    assert differences(settings) > 0
    told = sums(settings, "SELECT kind, subject, 1 FROM incidents")
    assert any(kind == "accounts_differ" and "stored" in subject for kind, subject in told)
