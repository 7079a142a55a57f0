"""The city's loops through Kafka, the stage that scores them and the writer."""

from pathlib import Path

from psycopg import Connection

from simulators.recording import Recording
from simulators.scenario import load
from streams.database import connect
from streams.events import Micros
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.topics import INPUTS
from tests.support.fleet import Fleet
from tests.support.nursery import Nursery
from tests.support.waiting import eventually

START: Micros = 1_800_000_000_000_000
SECONDS = 220
"""A score needs half of the 36 times before it, three minutes."""
SCORED = "SELECT count(*) FROM readings WHERE anomaly_score IS NOT NULL AND model <> ''"


def test_loops_are_scored_and_stored_once_they_are_known(
    settings: Settings, tmp_path: Path, nursery: Nursery
) -> None:
    publisher = Publisher(settings, "test")
    with Recording(load("quiet"), 7, START, cameras=(), warm_up_s=30) as city:
        for topic, event, key in city.events(SECONDS):
            if topic:
                publisher.publish(topic, event, key)
            else:
                for everywhere in INPUTS:
                    publisher.publish_everywhere(everywhere, event)
    publisher.close(30)
    with (
        Fleet(settings, tmp_path, nursery) as fleet,
        connect(settings, "test", autocommit=True) as rows,
    ):
        fleet.start("streams-1", "-m", "tests.support.part", "streams", "streams-1", "marks")
        fleet.start("writer", "-m", "tests.support.part", "writer", "writer", "marks")
        try:
            eventually(lambda: number(rows, SCORED) > 0, 90)
        except AssertionError as error:
            raise AssertionError(fleet.tails()) from error
        assert number(rows, "SELECT count(DISTINCT source) FROM readings") >= 24


def number(rows: Connection[tuple[int]], query: str) -> int:
    found = rows.execute(query).fetchone()  # type: ignore[call-overload]
    return int(found[0])
