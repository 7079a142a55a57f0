"""docker-compose.yml runs the parts of the local stack, with settings that they know."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
import yaml

from deploy.local import kafka, parts, timescale
from services import cli
from streams.kafka.access import CLEAR
from streams.settings import PREFIX, Settings, load

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
FILE: dict[str, Any] = yaml.safe_load(TEXT)
PASSWORD = "p@ss/w$rd"
GIVEN = {"DATABASE_PASSWORD": PASSWORD}
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")
LOCAL = {
    part.name: part
    for part in parts.parts(Settings(detect_workers=2, stream_workers=1))
    if part.name != parts.GUARD
}
OURS = sorted(LOCAL.keys() - {"kafka", "database"})


class MissingError(Exception):
    """A variable that has to be given is not."""


def _filled(value: Any, given: Mapping[str, str]) -> Any:
    """With variables put in as Compose does; raises MissingError."""

    def put(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if value := given.get(name):
            return value
        if kind != ":-":
            raise MissingError(rest)
        return str(rest)

    if isinstance(value, dict):
        return {name: _filled(inner, given) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, given) for inner in value]
    return VARIABLE.sub(put, value) if isinstance(value, str) else value


def _services(**given: str) -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = _filled(FILE, {**GIVEN, **given})["services"]
    return services


def _environment(service: Mapping[str, Any]) -> dict[str, str]:
    """What its process sees, where nothing is passed on from outside."""
    values = service.get("environment", {})
    return {name: str(value) for name, value in values.items() if value is not None}


def _settings(service: Mapping[str, Any]) -> Settings:
    return load(_environment(service))


def test_its_parts_are_those_of_the_local_stack() -> None:
    assert set(_services()) == set(LOCAL)


@pytest.mark.parametrize("name", OURS)
def test_every_part_is_run_as_the_local_stack_runs_it(name: str) -> None:
    service = _services()[name]
    command = LOCAL[name].command[1:]
    if name == "city":  # whose seed comes from the settings
        command = command[: command.index("--seed")]
    assert tuple(service["entrypoint"][1:] if "entrypoint" in service else service["command"]) == (
        command
    )


@pytest.fixture
def root() -> Any:
    """The ``cityops`` command with everything that hangs under it."""
    return typer.main.get_command(cli.build())


def _parsed(command: Any, words: list[str], parent: Any = None) -> Any:
    """The command that the words name; raises where there is none, or it does not take them."""
    context = command.make_context(command.name, list(words), parent=parent)
    rest = [*getattr(context, "_protected_args", ()), *context.args]
    if not rest:
        return command
    _, inner, rest = command.resolve_command(context, rest)
    return _parsed(inner, rest, context)


def _commands() -> Iterator[list[str]]:
    """Each ``cityops …`` line: of the parts, of their health checks, and of the first lines."""
    for name, service in _services().items():
        if name in OURS and "entrypoint" not in service:
            yield service["command"]
        kind, program, *words = service.get("healthcheck", {}).get("test", ["CMD", ""])
        assert kind == "CMD"
        if program == "cityops":
            yield words
    for line in re.findall(r"^# .*\bexec \S+ cityops (.+)$", TEXT, re.MULTILINE):
        yield line.split()


@pytest.mark.parametrize("words", list(_commands()), ids=" ".join)
def test_every_command_exists_with_its_options(words: list[str], root: Any) -> None:
    assert not hasattr(_parsed(root, words), "commands"), "it names a group only"


@pytest.mark.parametrize("words", [["rum"], ["run"], ["run", "detect", "--nom", "x"], ["health"]])
def test_a_command_that_does_not_exist_is_noticed(words: list[str], root: Any) -> None:
    with pytest.raises(Exception, match=r"No such|Missing"):
        _parsed(root, words)


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_a_setting_and_what_they_say_can_be_loaded(name: str) -> None:
    service = _services()[name]
    named = {variable for variable in service["environment"] if variable.startswith(PREFIX)}
    assert {variable.removeprefix(PREFIX).lower() for variable in named} <= set(
        Settings.__struct_fields__
    )
    settings = _settings(service)
    assert not settings.runs_kafka
    assert not settings.runs_database


def test_settings_that_are_passed_on_are_loaded_too() -> None:
    passed = {"CITYOPS_SEED": "9", "CITYOPS_NAMESPACE": "night", "CITYOPS_RETENTION_DAYS": "3"}
    city = _services()["city"]
    environment = {
        name: passed.get(name) if value is None else value
        for name, value in city["environment"].items()
    }
    settings = load({name: str(value) for name, value in environment.items() if value is not None})
    assert (settings.seed, settings.namespace, settings.retention_days) == (9, "night", 3)


@pytest.mark.parametrize("name", OURS)
def test_the_parts_find_the_servers(name: str) -> None:
    services = _services()
    settings = _settings(services[name])
    advertised = _environment(services["kafka"])["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"PARTS://{settings.bootstrap}" in advertised
    database = _environment(services["database"])
    address = urlsplit(settings.database)
    assert (address.hostname, address.port) == ("database", 5432)
    assert address.username == database["POSTGRES_USER"] == timescale.OWNER
    assert address.path == f"/{database['POSTGRES_DB']}"
    # Beside the address, so that a password may have any character; no part is the owner.
    assert ("PGPASSWORD" in _environment(services[name])) is (name == "prepare")
    asked = _environment(services["prepare"])["PGPASSWORD"]
    assert asked == database["POSTGRES_PASSWORD"] == PASSWORD


def test_ports_are_published_where_the_local_stack_listens() -> None:
    services = _services()
    usual = Settings()
    assert services["kafka"]["ports"] == [f"127.0.0.1:{usual.kafka_port}:19092"]
    assert services["database"]["ports"] == [f"127.0.0.1:{usual.database_port}:5432"]
    alerts = _settings(services["alerts"])
    assert services["alerts"]["ports"] == [f"127.0.0.1:{usual.http_port}:{alerts.http_port}"]
    assert alerts.http_host == "0.0.0.0", "only what listens everywhere can be published"
    assert f"CITYOPS_KAFKA_BOOTSTRAP={usual.bootstrap}\n" in TEXT
    assert f"@127.0.0.1:{usual.database_port}/cityops" in TEXT


def test_a_kafka_on_another_port_tells_its_clients_so() -> None:
    moved = _services(CITYOPS_KAFKA_PORT="29092")["kafka"]
    assert moved["ports"] == ["127.0.0.1:29092:19092"]
    environment = _environment(moved)
    assert environment["KAFKA_ADVERTISED_LISTENERS"].endswith("//127.0.0.1:29092")
    names = [listener.split(":")[0] for listener in environment["KAFKA_LISTENERS"].split(",")]
    protocols = environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")
    assert names == [protocol.split(":")[0] for protocol in protocols]
    assert environment["KAFKA_INTER_BROKER_LISTENER_NAME"] in names


def test_no_password_has_a_default() -> None:
    for service in FILE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET", name):
                assert value is None or re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name
    with pytest.raises(MissingError, match="choose a password"):
        _filled(FILE, {})


@pytest.mark.parametrize("name", OURS)
def test_every_part_of_ours_is_one_image_without_rights(name: str) -> None:
    service = _services()[name]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert service["image"] == f"cityops:{version}"
    assert service["init"], "a process with the id 1 ignores SIGTERM before it handles it"
    assert service["cap_drop"] == ["ALL"]
    assert not service.keys() & {"user", "privileged", "cap_add"}


def test_one_part_builds_the_image() -> None:
    services = _services()
    (build,) = (service["build"] for service in services.values() if "build" in service)
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", sorted(LOCAL))
def test_every_part_is_watched(name: str) -> None:
    service = _services()[name]
    assert service["logging"] == {"driver": "local"}
    if LOCAL[name].once:
        assert service["restart"].startswith("on-failure:")
        return
    assert service["restart"] == "unless-stopped"
    check = service["healthcheck"]
    if name in OURS:
        assert check["test"] == ["CMD", "cityops", "health", name]
    assert {"interval", "timeout", "retries", "start_period", "start_interval"} <= check.keys()


def test_everything_starts_when_what_it_rests_on_is_ready() -> None:
    services = _services()
    for name in OURS:
        wanted = {
            server: {
                "condition": "service_completed_successfully"
                if LOCAL[server].once
                else "service_healthy"
            }
            for server in LOCAL[name].after
        }
        needed = services[name]["depends_on"]
        assert wanted.items() <= needed.items()
        assert needed.keys() <= services.keys()


def test_what_is_kept_lies_on_volumes_that_are_declared() -> None:
    mounted = {
        volume.split(":")[0]
        for service in _services().values()
        for volume in service.get("volumes", [])
    }
    assert mounted == set(FILE["volumes"])


def test_images_are_pinned_to_the_local_stacks_versions() -> None:
    services = _services()
    assert services["kafka"]["image"] == f"apache/kafka:{kafka.version()}"
    database = services["database"]["image"]
    assert re.fullmatch(rf"timescale/timescaledb:\d+\.\d+\.\d+-pg{timescale.VERSION}", database)


def test_kafka_is_set_as_in_the_local_stack(tmp_path: Path) -> None:
    placed = {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"}
    placed.add("listener.security.protocol.map")  # there is one listener more, and no accounts
    text = kafka._properties(Settings(kafka_security=CLEAR), tmp_path)
    local = dict(line.split("=", 1) for line in text.splitlines())
    here = _environment(_services()["kafka"])
    for name in local.keys() - placed:
        assert here[f"KAFKA_{name.upper().replace('.', '_')}"] == local[name], name


def test_the_database_is_set_as_in_the_local_stack() -> None:
    program, *options = _services()["database"]["command"]
    assert program == "postgres"
    assert options[::2] == ["-c"] * (len(options) // 2)
    assert dict(option.split("=") for option in options[1::2]).items() <= timescale.SETTINGS.items()


def test_compose_itself_accepts_the_file() -> None:
    docker = shutil.which("docker")
    asked = [docker or "docker", "compose", "version"]
    if docker is None or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("Compose is not installed")
    command = [docker, "compose", "-f", str(ROOT / "docker-compose.yml"), "config", "--quiet"]
    done = subprocess.run(command, env=GIVEN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
