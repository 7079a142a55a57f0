"""A receiver of the tests' own: within the test's process, with a real Kafka and database."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import psycopg
from psycopg import sql

from deploy.local import ports
from services.receiver.app import create_app
from services.receiver.main import listening, receiving
from services.receiver.receiving import Receiving
from services.web.server import server_of
from streams.configuration.log import append, record_published, topics_id
from streams.database import connect
from streams.events import Place, Readings, Source, from_rfc3339, to_rfc3339
from streams.kafka.broker import create_topics
from streams.secrets import hash_of
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.topics import READINGS
from tests.support.databases import cloned, know_passwords
from tests.support.logs import read_log
from tests.support.renewing import TEMPLATE_NAMESPACE
from tests.support.trust import TRUST
from tests.support.waiting import PATIENCE_SECONDS, eventually

PLACE = Place(20.85, 106.68, "street")
SENSORS = {"loop-1": "gw-a", "loop-2": "gw-a", "loop-9": "gw-b"}


def sensor(name: str, gateway: str, **changes: Any) -> Source:
    found = Source(name, "induction_loop", name, name, "live", PLACE, gateway, period=5_000_000)
    return msgspec.structs.replace(found, **changes)


SOURCES = (
    *(sensor(name, gateway) for name, gateway in SENSORS.items()),
    sensor("made-up", "gw-a", origin="simulated"),
    Source("cam-1", "camera", "cam-1", "cam-1", "live", PLACE),
)

Value = tuple[str, str, float]
"""Source, metric, value."""


class Reception:
    """A receiver that answers, and whoever sends to it."""

    def __init__(
        self, settings: Settings, found: Receiving, database: psycopg.Connection[Any]
    ) -> None:
        self.settings, self.receiving, self.database = settings, found, database
        self.key = self.new_key()

    def new_key(self, **given: Any) -> str:
        """A key that was made just now; for all sensors, unless it is said."""
        token = f"cityops_{uuid4().hex}"
        row = {
            "token_hash": hash_of(token),
            "label": "test",
            "sources": [],
            "gateways": ["gw-a", "gw-b"],
            "rate": 1e9,
            "daily": 10**9,
            "created_by": "lan",
        } | given
        names, values = map(sql.Identifier, row), map(sql.Placeholder, row)
        insert = sql.SQL("INSERT INTO source_keys ({}) VALUES ({})").format(
            sql.SQL(", ").join(names), sql.SQL(", ").join(values)
        )
        self.database.execute(insert, row)
        return token

    def post(
        self,
        body: Any,
        kind: str = "application/json",
        *,
        key: str | None = None,
        **headers: str,
    ) -> httpx.Response:
        """``body``: bytes or text as they are, anything else as JSON."""
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        token = self.key if key is None else key
        given = {"Authorization": f"Bearer {token}"} if token else {}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(
            f"{self.settings.receiver}/v1/events",
            content=content,
            headers={"Content-Type": kind, **given, **named},
            timeout=30,
            verify=TRUST,
        )

    def messages(self) -> int:
        return len(read_log(self.settings, READINGS))

    def packs(self, since: int = 0) -> list[Readings]:
        """All that Kafka has, in the order of their stamps, but the first so many."""
        found = [one.event for one in read_log(self.settings, READINGS)]
        return sorted(found, key=lambda pack: pack.sequence)[since:]

    def values(self, since: int = 0) -> list[tuple[str, str, str, float]]:
        """Time, source, metric and value of all that was measured."""
        return values_of(self.packs(since))


def values_of(packs: Sequence[Readings]) -> list[tuple[str, str, str, float]]:
    found = []
    for pack in packs:
        source, times, values = pack.arrays()
        for place, time, row in zip(source.tolist(), times.tolist(), values.tolist(), strict=True):
            told = zip(pack.metrics, row, strict=True)
            found += [
                (to_rfc3339(time), pack.sources[place], metric, value)
                for metric, value in told
                if value == value
            ]
    return found


def now(ago_seconds: float = 0) -> str:
    """RFC 3339, whole seconds."""
    time = (wall_clock() // 1_000_000 - round(ago_seconds)) * 1_000_000
    assert from_rfc3339(to_rfc3339(time)) == time
    return to_rfc3339(time)


@contextmanager
def answering(settings: Settings) -> Iterator[Receiving]:
    """A receiver, until the end of the context; ``settings`` name a port that is free."""
    with receiving(settings) as found:
        server = server_of(create_app(settings, found), listening(settings))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            eventually(lambda: server.started and not found.problem)
            yield found
        finally:
            server.end()
            thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


@contextmanager
def prepared(
    kafka: Settings | str, database_server: str, template: str, state: Path
) -> Iterator[tuple[Settings, psycopg.Connection[Any]]]:
    """Topics, tables and sources, as published by the gateway.

    Args:
        kafka: an address, or settings of a broker.
    """
    with cloned(database_server, template) as url:
        base = Settings(kafka_bootstrap=kafka) if isinstance(kafka, str) else kafka
        settings = msgspec.structs.replace(
            base,
            state_dir=state,
            kafka_bootstrap=base.bootstrap,
            kafka_security="PLAINTEXT",
            database_url=url,
            namespace=f"test{uuid4().hex[:8]}",
            partitions=3,
            receiver_port=ports.free(),
        )
        know_passwords(settings, database_server)
        with psycopg.connect(url, autocommit=True) as connection:
            renamed = sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
                sql.Identifier(TEMPLATE_NAMESPACE), sql.Identifier(settings.namespace)
            )
            connection.execute(renamed)
        create_topics(settings)
        with connect(settings, "test", autocommit=True) as connection:
            sequence = append(connection, SOURCES, "test")[-1].sequence
            record_published(connection, topics_id(settings), sequence)
            yield settings, connection


@contextmanager
def open_reception(
    kafka: Settings | str, database_server: str, template: str, state: Path
) -> Iterator[Reception]:
    with (
        prepared(kafka, database_server, template, state) as (settings, database),
        answering(settings) as found,
    ):
        yield Reception(settings, found, database)
