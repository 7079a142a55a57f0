"""`cityops health` as a container's health check meets it."""

import time

import pytest
from typer.testing import Result

from deploy.local import ports
from services.commands import health
from streams.kafka.heartbeat import Beat, read_heartbeats
from streams.settings import Settings
from tests.support.commandline import cityops
from tests.support.waiting import eventually


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYOPS_KAFKA_BOOTSTRAP", settings.bootstrap)
    monkeypatch.setenv("CITYOPS_NAMESPACE", settings.namespace)
    monkeypatch.setenv("CITYOPS_HTTP_PORT", str(ports.free()))


def _ask(part: str) -> Result:
    return cityops("health", part)


def _say(settings: Settings, part: str, ok: bool = True, detail: str = "") -> None:
    beat = Beat(settings, part)
    beat.beat(ok, detail)
    eventually(lambda: part in read_heartbeats(settings))
    beat.close()


def test_a_part_that_says_that_it_is_well_is(settings: Settings) -> None:
    _say(settings, "detect-1")
    assert _ask("detect-1").exit_code == 0


def test_a_part_that_says_that_it_is_not_says_why(settings: Settings) -> None:
    _say(settings, "gateway", ok=False, detail="the database does not answer")
    result = _ask("gateway")
    assert result.exit_code == 1
    assert "the database does not answer" in result.stderr


def test_a_part_that_says_nothing_is_not_well(settings: Settings) -> None:
    _say(settings, "detect-1")
    assert _ask("detect-2").exit_code == 1


def test_what_is_no_part_is_told_with_those_that_there_are(settings: Settings) -> None:
    _say(settings, "streams-north")
    result = _ask("nope")
    assert result.exit_code == 2
    assert all(name in result.stderr for name in ("gateway, detect", "city, streams-north"))
    assert result.stderr.count("\n") == 1


def test_what_the_container_before_said_does_not_count(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _say(settings, "writer")
    now = time.time()
    monkeypatch.setattr(health, "_began", lambda: now)
    result = _ask("writer")
    assert result.exit_code == 1
    assert "no heartbeat yet" in result.stderr


def test_the_alerts_service_has_to_answer_as_well(settings: Settings) -> None:
    _say(settings, "alerts")
    result = _ask("alerts")
    assert result.exit_code == 1
    assert "/healthz" in result.stderr


def test_without_kafka_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYOPS_KAFKA_BOOTSTRAP", f"127.0.0.1:{ports.free()}")
    result = _ask("gateway")
    assert result.exit_code == 1
    assert "no Kafka" in result.stderr
