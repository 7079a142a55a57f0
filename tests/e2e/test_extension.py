"""A kind and a feed from a folder of their own, through the whole system, without touching it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from streams.configuration.log import append, read
from streams.database import connect
from streams.events import SECOND, Micros, Place, Rule, Source, Tick
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.topics import INPUTS, READINGS
from tests.support.extension import FOLDER, extended
from tests.support.fleet import Fleet
from tests.support.serving import with_free_port
from tests.support.stories import reading
from tests.support.trust import TRUST
from tests.support.waiting import eventually

ALERTS = "from services.api import main; from streams.settings import load; main.run(load())"
PART = ("-W", "ignore::DeprecationWarning", "-m", "tests.support.part")
PERIOD = 10 * SECOND
GAUGE = Source(
    "gauge-7", "gauge", "Trạm Cửa Cấm", "Cua Cam gauge", "simulated", Place(20.87, 106.7), "gw-7",
    period=PERIOD,
)  # fmt: skip
RULE = Rule("river-high", "high_water", "high", parameters={"level_above": 2.5, "level_clear": 2.0})


@pytest.fixture
def installation(settings: Settings, tmp_path: Path) -> Iterator[tuple[Settings, Fleet]]:
    own = with_free_port(msgspec.structs.replace(settings, extensions=str(FOLDER)))
    with Fleet(own, tmp_path) as fleet:
        fleet.start("streams-1", *PART, "streams", "streams-1", "marks")
        fleet.start("writer", *PART, "writer", "writer", "marks")
        fleet.start("alerts", "-W", "ignore::DeprecationWarning", "-c", ALERTS)
        yield own, fleet


def tell(settings: Settings, begin: Micros) -> None:
    """The river rises for two minutes of event time."""
    publisher = Publisher(settings, "river")
    with connect(settings, "test", autocommit=True) as connection, extended():
        append(connection, [GAUGE, RULE], "test")
        changes = read(connection)
    for topic in INPUTS:
        for change in changes:
            publisher.publish_everywhere(topic, change)
        publisher.publish_everywhere(topic, Tick(begin))
    for step in range(1, 13):
        time = begin + step * PERIOD
        values = {"level": 1.0 + 0.25 * step}
        publisher.publish(READINGS, reading("gauge-7", time, step, values, "gw-7"), "gw-7")
        for topic in INPUTS:
            for second in range(10):
                publisher.publish_everywhere(topic, Tick(time + second * SECOND))
    publisher.close(30)


def test_its_alert_speaks_both_languages_and_its_rows_are_in_the_history(
    installation: tuple[Settings, Fleet],
) -> None:
    settings, fleet = installation
    tell(settings, wall_clock() - 150 * SECOND)

    def get(path: str) -> Any:
        token = settings.secret("token").read_text().strip()
        answer = httpx.get(
            settings.api + path,
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            verify=TRUST,
        )
        return answer.raise_for_status().json()

    def raised() -> bool:
        try:
            return bool(get("/api/alerts")["alerts"])
        except (OSError, httpx.HTTPError):
            return False

    try:
        eventually(raised, 90)
    except AssertionError as error:
        raise AssertionError(fleet.tails()) from error
    (alert,) = get("/api/alerts")["alerts"]
    assert alert["kind"] == "high_water"
    words = alert["names"]["kind_vi"], alert["names"]["kind_en"]
    assert words == ("Nước vượt báo động", "High water")
    assert "naturalDisaster" in alert.values()
    assert {"high_water", "crowd"} <= {kind["id"] for kind in get("/api/catalogue")["kinds"]}
    with connect(settings, "test") as connection:

        def stored(query: str) -> list[Any]:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]

        eventually(lambda: len(stored("SELECT 1 FROM readings WHERE metric = 'level'")) >= 11, 60)
        eventually(lambda: len(stored("SELECT 1 FROM incidents")) >= 1, 60)
        assert stored("SELECT DISTINCT kind FROM incidents") == [("high_water",)]
        assert stored("SELECT min(value), count(*) FROM readings")[0][0] == 1.25
