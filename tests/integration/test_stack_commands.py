"""`cityops up`, `down`, `status`, `reset` as a script sees them: standard output and exit code."""

import json
import os
import socket
from pathlib import Path

import pytest
from typer.testing import Result

from deploy.local import ports
from streams.database import connect
from streams.kafka.broker import create_topics
from streams.secrets import write_secret
from streams.settings import PREFIX, Settings
from tests.support.commandline import cityops
from tests.support.stack import PORTS


@pytest.fixture(autouse=True)
def stopped_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where nothing has ever run, on ports where nothing listens."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path / "state"))
    for name in PORTS:
        monkeypatch.setenv(PREFIX + name, str(ports.free()))
    return tmp_path / "state"


def _run(*arguments: str, typed: str = "") -> Result:
    return cityops(*arguments, typed=typed)


def test_status_without_kafka_is_one_object_that_says_so() -> None:
    result = _run("status", "--json")
    assert result.exit_code == 0
    now = json.loads(result.stdout)
    assert now["healthy"] is False
    by_name = {part["name"]: part for part in now["parts"]}
    assert by_name["kafka"]["state"] == "stopped"
    assert {"state", "version", "restarts", "lag"} <= set(by_name["gateway"])
    counted = {"accepted", "late", "repeated", "gated", "reread", "dead_lettered"}
    assert set(now["counts"]) == counted
    assert now["pictures"] == 0
    assert set(now["stored"]) == {"readings", "late", "repeated", "corrected", "refused"}
    assert now["disk"]["free"] > 0
    assert now["oldest_frame"] is None


def test_status_tells_a_script_that_asks_for_it() -> None:
    assert _run("status", "--check").exit_code == 1


def test_down_without_a_stack_is_a_success_that_says_so() -> None:
    result = _run("down")
    assert result.exit_code == 0
    assert "nothing was running" in result.stderr


def test_up_on_a_taken_port_starts_nothing(
    stopped_stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken = server.getsockname()[1]
        monkeypatch.setenv("CITYOPS_DATABASE_PORT", str(taken))
        result = _run("up")
    assert result.exit_code == 1
    assert f"port {taken}" in result.stderr
    assert "CITYOPS_DATABASE_PORT" in result.stderr
    assert not (stopped_stack / "supervisor.json").exists()


def test_reset_asks_first(stopped_stack: Path) -> None:
    (stopped_stack / "kafka").mkdir(parents=True)
    result = _run("reset", typed="n\n")
    assert result.exit_code == 1
    assert (stopped_stack / "kafka").exists()


def test_reset_keeps_what_was_downloaded_and_that_there_was_an_audit_log(
    stopped_stack: Path,
) -> None:
    for name in ("kafka", "database", "secrets", "software"):
        (stopped_stack / name).mkdir(parents=True)
    assert _run("reset", "--yes").exit_code == 0
    left = sorted(path.name for path in stopped_stack.iterdir() if path.is_dir())
    assert left == ["audit", "software"]


def test_reset_on_servers_of_others_takes_its_namespace_only(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYOPS_KAFKA_BOOTSTRAP", settings.bootstrap)
    monkeypatch.setenv("CITYOPS_DATABASE_URL", settings.database)
    monkeypatch.setenv("CITYOPS_NAMESPACE", settings.namespace)
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(settings.state_dir))
    with connect(settings, "test", autocommit=True) as connection:
        connection.execute("CREATE TABLE public.kept ()")
    owner, token = settings.secret("kafka-owner"), settings.secret("token")
    for path in (owner, token):
        write_secret(path, "secret")
    assert _run("reset", "--yes").exit_code == 0
    assert owner.exists(), "as whom we come to a broker that stays"
    assert not token.exists()
    with connect(settings, "test") as connection:
        schemas = connection.execute(
            "SELECT count(*) FROM pg_namespace WHERE nspname = %s", (settings.namespace,)
        ).fetchone()
        kept = connection.execute("SELECT to_regclass('public.kept') IS NOT NULL").fetchone()
    assert schemas == (0,)
    assert kept == (True,)
    assert create_topics(settings)


def test_status_of_servers_of_others(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYOPS_KAFKA_BOOTSTRAP", settings.bootstrap)
    monkeypatch.setenv("CITYOPS_DATABASE_URL", settings.database)
    monkeypatch.setenv("CITYOPS_NAMESPACE", settings.namespace)
    now = json.loads(_run("status", "--json").stdout)
    by_name = {part["name"]: part["state"] for part in now["parts"]}
    assert by_name["kafka"] == by_name["database"] == "healthy"
    assert by_name["gateway"] == "stopped"
    assert "frames" in now["topics"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_folder_of_another_user_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYOPS_STATE_DIR", "/root/cityops")
    result = _run("up")
    assert result.exit_code == 1
    assert "belongs to another user" in result.stderr
