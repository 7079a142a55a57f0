"""Small facts of the local stack that are stated in more than one place."""

from pathlib import Path

import pytest
import yaml

from deploy.local import debian, health, kafka
from deploy.local.errors import StackError
from deploy.local.health import pictures_of, stored, totals
from streams.events import Heartbeat
from streams.kafka.limits import BROKER_BYTES
from streams.settings import Settings

COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"


def _heartbeat(**counts: int) -> Heartbeat:
    named = {name.replace("__", "."): count for name, count in counts.items()}
    return Heartbeat("part", "1", 1, 0, True, "", 0, named)


def test_counts_are_taken_where_events_enter() -> None:
    beats = [
        _heartbeat(frames__accepted=5, frames__gated=4, detections__accepted=5, reread=2),
        _heartbeat(readings__accepted=7, readings__late=1, frames__dead_lettered=3, published=9),
    ]
    assert totals(beats) == {
        "accepted": 12,
        "late": 1,
        "repeated": 0,
        "gated": 4,
        "reread": 2,
        "dead_lettered": 3,
    }
    assert pictures_of(beats) == 5


def test_what_the_database_knew_of_readings_is_said_by_the_writer_alone() -> None:
    counts = {"readings": 90, "late": 5, "repeated": 4, "quality": 2, "frames": 7, "reread": 1}
    beats = [
        Heartbeat("writer", "1", 1, 0, True, "", 0, counts),
        _heartbeat(late=1, readings__repeated=8),
    ]
    assert stored(beats) == {
        "readings": 90,
        "late": 5,
        "repeated": 4,
        "corrected": 0,
        "refused": 2,
    }


def test_docker_compose_runs_the_same_kafka() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert services["kafka"]["image"].partition("@")[0] == f"apache/kafka:{kafka.version()}"
    bytes_of_a_message = services["kafka"]["environment"]["KAFKA_MESSAGE_MAX_BYTES"]
    assert bytes_of_a_message == BROKER_BYTES


def test_a_mirror_in_the_settings_comes_before_apts_own() -> None:
    assert debian.mirror(Settings(debian_mirror="http://mirror/debian")) == "http://mirror/debian"


def test_the_mirror_is_that_of_the_machines_own_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    targets = "http://security/debian-security/ Debian-Security\nhttp://here/debian/ Debian\n"
    monkeypatch.setattr(debian, "run", lambda *_: targets)
    assert debian.mirror(Settings()) == "http://here/debian/"


@pytest.mark.parametrize("targets", ["http://here/ubuntu/ Ubuntu\n", ""])
def test_where_apt_has_no_debian_mirror_the_setting_is_named(
    targets: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "run", lambda *_: targets)
    with pytest.raises(StackError, match="CITYOPS_DEBIAN_MIRROR"):
        debian.mirror(Settings())


def test_a_part_that_never_ran_is_stopped(tmp_path: Path) -> None:
    rows = health.judge(Settings(state_dir=tmp_path), {})
    assert {row.state for row in rows} == {"stopped"}
    assert "gateway" in {row.name for row in rows}


def test_the_last_line_of_a_log_says_why(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/gateway.log").write_text("started\nerror: no camera\n\n")
    settings = Settings(state_dir=tmp_path)
    assert health.last_line(settings, "gateway") == "error: no camera"
    assert health.last_line(settings, "writer") == ""
