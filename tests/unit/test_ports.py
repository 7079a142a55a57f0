"""A taken port is one line that says who has it and which setting moves it."""

import os
import socket

import msgspec

from deploy.local import ports
from streams.settings import Settings


def _settings(**changes: int) -> Settings:
    fields = ("http_port", "receiver_port", "kafka_port", "kafka_controller_port", "database_port")
    free = {field: ports.free() for field in fields}
    return msgspec.structs.replace(Settings(), **(free | changes))


def test_free_ports_are_no_problem() -> None:
    assert ports.problems(_settings()) == []


def test_no_free_port_is_given_twice() -> None:
    assert len({ports.free() for _ in range(500)}) == 500


def test_a_taken_port_names_its_holder_and_its_setting() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        taken = server.getsockname()[1]
        (line,) = ports.problems(_settings(database_port=taken))
    assert f"port {taken} (database)" in line
    assert str(os.getpid()) in line
    assert "CITYOPS_DATABASE_PORT" in line


def test_two_parts_on_one_port_are_told_apart() -> None:
    port = ports.free()
    (line,) = ports.problems(_settings(kafka_port=port, http_port=port))
    assert "CITYOPS_KAFKA_PORT" in line
    assert "CITYOPS_HTTP_PORT" in line


def test_servers_that_already_run_need_no_port_here() -> None:
    settings = Settings(kafka_bootstrap="kafka:9092", database_url="postgresql://there/city")
    assert [port.setting for port in ports.needed(settings)] == [
        "CITYOPS_HTTP_PORT",
        "CITYOPS_RECEIVER_PORT",
    ]
