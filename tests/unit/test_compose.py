"""docker-compose.yml runs the parts of the local stack, with settings that they know."""

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import typer

from deploy.broker.doors import HEALTH, MACHINE, PARTS, doors
from deploy.local import kafka, parts, timescale
from services import cli
from streams.kafka.access import CLEAR
from streams.settings import PREFIX, Settings, load
from tests.support import compose

LOCAL = {
    part.name: part
    for part in parts.parts(
        Settings(
            detect_workers=2,
            stream_workers=1,
            mqtt_broker="mqtt://mosquitto:1883",
            polled_addresses="x",
        )
    )
    if part.name != parts.GUARD
}
OURS = sorted(LOCAL.keys() - {"kafka", "database"})
DOORS = "doors"
"""What only Compose has, whose broker's passwords come into a container of another image."""


BROKER = "mosquitto"
"""For trying readings by MQTT out; a city has one."""


def _settings(service: Mapping[str, Any]) -> Settings:
    return load(compose.environment(service))


def test_its_parts_are_those_of_the_local_stack() -> None:
    assert set(compose.services()) == {DOORS, BROKER, *LOCAL}


@pytest.mark.parametrize("name", OURS)
def test_every_part_is_run_as_the_local_stack_runs_it(name: str) -> None:
    service = compose.services()[name]
    # Compose starts them in turn by itself.
    command = tuple(word for word in LOCAL[name].command[1:] if word != "--held")
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
    for name, service in compose.services().items():
        if name in OURS and "entrypoint" not in service:
            yield service["command"]
        kind, program, *words = service.get("healthcheck", {}).get("test", ["CMD", ""])
        assert kind == "CMD"
        if program == "cityops":
            yield words
    for line in re.findall(r"^# .*\bexec \S+ cityops (.+)$", compose.TEXT, re.MULTILINE):
        yield line.split()


@pytest.mark.parametrize("words", list(_commands()), ids=" ".join)
def test_every_command_exists_with_its_options(words: list[str], root: Any) -> None:
    assert not hasattr(_parsed(root, words), "commands"), "it names a group only"


@pytest.mark.parametrize("words", [["rum"], ["run"], ["run", "detect", "--nom", "x"], ["health"]])
def test_a_command_that_does_not_exist_is_noticed(words: list[str], root: Any) -> None:
    with pytest.raises(Exception, match=r"No such|Missing"):
        _parsed(root, words)


@pytest.mark.parametrize("name", [DOORS, *OURS])
def test_every_variable_is_a_setting_and_what_they_say_can_be_loaded(name: str) -> None:
    service = compose.services()[name]
    named = {variable for variable in service["environment"] if variable.startswith(PREFIX)}
    assert {variable.removeprefix(PREFIX).lower() for variable in named} <= set(
        Settings.__struct_fields__
    )
    settings = _settings(service)
    assert not settings.runs_kafka
    assert not settings.runs_database


def test_settings_that_are_passed_on_are_loaded_too() -> None:
    passed = {"CITYOPS_SEED": "9", "CITYOPS_NAMESPACE": "night", "CITYOPS_RETENTION_DAYS": "3"}
    city = compose.services()["city"]
    environment = {
        name: passed.get(name) if value is None else value
        for name, value in city["environment"].items()
    }
    settings = load({name: str(value) for name, value in environment.items() if value is not None})
    assert (settings.seed, settings.namespace, settings.retention_days) == (9, "night", 3)


@pytest.mark.parametrize("name", OURS)
def test_the_parts_find_the_servers(name: str) -> None:
    services = compose.services()
    settings = _settings(services[name])
    advertised = compose.environment(services["kafka"])["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert f"PARTS://{settings.bootstrap}" in advertised
    database = compose.environment(services["database"])
    address = urlsplit(settings.database)
    assert (address.hostname, address.port) == ("database", 5432)
    assert address.username == database["POSTGRES_USER"] == timescale.OWNER
    assert address.path == f"/{database['POSTGRES_DB']}"
    # Beside the address, so that a password may have any character; no part is the owner.
    assert ("PGPASSWORD" in compose.environment(services[name])) is (name == "prepare")
    asked = compose.environment(services["prepare"])["PGPASSWORD"]
    assert asked == database["POSTGRES_PASSWORD"] == compose.PASSWORD


def test_ports_are_published_where_the_local_stack_listens() -> None:
    services = compose.services()
    usual = Settings()
    assert services["kafka"]["ports"] == [f"127.0.0.1:{usual.kafka_port}:19092"]
    assert services["database"]["ports"] == [f"127.0.0.1:{usual.database_port}:5432"]
    alerts = _settings(services["alerts"])
    assert services["alerts"]["ports"] == [f"127.0.0.1:{usual.http_port}:{alerts.http_port}"]
    assert alerts.http_host == "0.0.0.0", "only what listens everywhere can be published"
    assert f"CITYOPS_KAFKA_BOOTSTRAP={usual.bootstrap}\n" in compose.TEXT
    assert f"@127.0.0.1:{usual.database_port}/cityops" in compose.TEXT


def test_a_kafka_on_another_port_tells_its_clients_so() -> None:
    moved = compose.services(CITYOPS_KAFKA_PORT="29092")["kafka"]
    assert moved["ports"] == ["127.0.0.1:29092:19092"]
    environment = compose.environment(moved)
    assert environment["KAFKA_ADVERTISED_LISTENERS"].endswith("//127.0.0.1:29092")
    names = [listener.split(":")[0] for listener in environment["KAFKA_LISTENERS"].split(",")]
    protocols = environment["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")
    assert names == [protocol.split(":")[0] for protocol in protocols]
    assert environment["KAFKA_INTER_BROKER_LISTENER_NAME"] in names


def test_no_password_has_a_default() -> None:
    for service in compose.FILE["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|TOKEN|SECRET", name):
                assert value is None or re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name
    with pytest.raises(compose.MissingError, match="choose a password"):
        compose.filled(compose.FILE, {})


@pytest.mark.parametrize("name", [DOORS, *OURS])
def test_every_part_of_ours_is_one_image_without_rights(name: str) -> None:
    service = compose.services()[name]
    version = tomllib.loads((compose.ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert service["image"] == f"cityops:{version}"
    assert service["init"], "a process with the id 1 ignores SIGTERM before it handles it"
    assert service["cap_drop"] == ["ALL"]
    assert not service.keys() & {"user", "privileged", "cap_add"}


def test_one_part_builds_the_image() -> None:
    services = compose.services()
    (build,) = (service["build"] for service in services.values() if "build" in service)
    assert (compose.ROOT / build["context"] / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", sorted(LOCAL))
def test_every_part_is_watched(name: str) -> None:
    service = compose.services()[name]
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
    services = compose.services()
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
    mounted = {name for service in compose.services().values() for name in compose.mounted(service)}
    assert mounted == set(compose.FILE["volumes"])


def test_images_are_pinned_to_the_local_stacks_versions() -> None:
    services = compose.services()
    assert services["kafka"]["image"].partition("@")[0] == f"apache/kafka:{kafka.version()}"
    database = services["database"]["image"]
    assert re.fullmatch(rf"timescale/timescaledb:\d+\.\d+\.\d+-pg{timescale.VERSION}", database)


def test_kafka_is_set_as_in_the_local_stack(tmp_path: Path) -> None:
    placed = {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"}
    placed.add("listener.security.protocol.map")  # there is one listener more
    text = kafka._properties(Settings(kafka_security=CLEAR), tmp_path)
    local = dict(line.split("=", 1) for line in text.splitlines())
    here = compose.environment(compose.services()["kafka"])
    for name in local.keys() - placed:
        assert here[f"KAFKA_{name.upper().replace('.', '_')}"] == local[name], name


def test_every_listener_of_kafka_asks_as_the_file_of_its_doors_says(tmp_path: Path) -> None:
    services = compose.services()
    settings = msgspec.structs.replace(_settings(services[DOORS]), state_dir=tmp_path)
    said = doors(settings, PARTS, MACHINE)
    here = compose.environment(services["kafka"])
    told = here["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]
    assert told == said["listener.security.protocol.map"]
    names = {listener.split(":")[0] for listener in here["KAFKA_LISTENERS"].split(",")}
    assert set(told.split(",")) == {f"{name}:SASL_PLAINTEXT" for name in names}
    # What stands in the environment counts more than the file.
    beside = {f"KAFKA_{name.upper().replace('-', '___').replace('.', '_')}" for name in said}
    assert beside & here.keys() == {"KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"}


def test_the_brokers_passwords_are_seen_by_no_part() -> None:
    services = compose.services()
    (place,) = {name for name in compose.mounted(services[DOORS]) if name != "state"}
    seeing = {name for name in services if place in compose.mounted(services[name])}
    assert seeing == {DOORS, "kafka"}
    written = compose.mounted(services[DOORS])
    assert written[place] == f"{written['state']}/kafka"
    assert set(compose.mounted(services["kafka"])) == {"kafka", place}, "nobody else's secrets"
    (seen,) = (each for each in services["kafka"]["volumes"] if isinstance(each, dict))
    # Else the engine would give the volume to the user of Kafka's image before it is written to.
    assert seen["read_only"]
    assert seen["volume"] == {"nocopy": True}
    test = services["kafka"]["healthcheck"]["test"]
    assert test[-1] == f"--command-config={seen['target']}/{HEALTH}"


def test_the_database_is_set_as_in_the_local_stack() -> None:
    program, *options = compose.services()["database"]["command"]
    assert program == "postgres"
    assert options[::2] == ["-c"] * (len(options) // 2)
    assert dict(option.split("=") for option in options[1::2]).items() <= timescale.SETTINGS.items()


def test_compose_itself_accepts_the_file() -> None:
    docker = shutil.which("docker")
    asked = [docker or "docker", "compose", "version"]
    if docker is None or subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("Compose is not installed")
    command = [
        docker,
        "compose",
        "-f",
        str(compose.ROOT / "docker-compose.yml"),
        "config",
        "--quiet",
    ]
    done = subprocess.run(command, env=compose.GIVEN, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


WITHOUT_DIGEST = {"timescale/timescaledb"}
"""Nobody could be asked for it (decision 0058)."""
DIGEST = re.compile(r"\S+:[\w.-]+@sha256:[0-9a-f]{64}")


def test_images_of_others_are_pinned_by_digest() -> None:
    lines = (compose.ROOT / "deploy/docker/Dockerfile").read_text().splitlines()
    names = {line.split()[1] for line in lines if line.startswith("FROM ")}
    stages = {line.split()[3] for line in lines if line.startswith("FROM ") and " AS " in line}
    images = names - stages | {one["image"] for one in compose.services().values()}
    loose = {image.partition(":")[0] for image in images if not DIGEST.fullmatch(image)}
    assert loose == WITHOUT_DIGEST | {"cityops"}
