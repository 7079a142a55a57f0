"""The API with its people, in a database of its own and without Kafka."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI

from services.alerts import store
from services.alerts.exhibits import exhibit
from services.alerts.lifecycle import receive
from services.alerts.transitions import NO_NAMES, Names
from services.api import passwords
from services.api.users import add_user, first_start
from streams.database import connect
from streams.settings import Settings
from tests.support.alerting import incident
from tests.support.databases import cloned, know_passwords
from tests.support.people import PASSWORD
from tests.support.renewing import TEMPLATE_NAMESPACE
from tests.support.serving import serving, with_free_port
from tests.support.trust import TRUST

BROWSER = {"User-Agent": "Mozilla/5.0 (a browser)"}


class Desk:
    """The service, and whoever asks it."""

    def __init__(self, settings: Settings, app: FastAPI, database: store.Connection) -> None:
        self.settings, self.app, self.database = settings, app, database
        self._clients: list[httpx.Client] = []
        self._alerts = 0
        first_start(database, settings)

    def client(self, token: str = "", **headers: str) -> httpx.Client:
        """Somebody who is not signed in, or has a token; it takes cookies as a browser does."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        client = httpx.Client(base_url=self.settings.api, headers=headers, timeout=30, verify=TRUST)
        self._clients.append(client)
        return client

    def machine(self) -> httpx.Client:
        return self.client(self.settings.secret("token").read_text().strip())

    def person(self, role: str = "operator", name: str = "") -> str:
        """The name of somebody new, whose password is PASSWORD."""
        name = name or f"{role} {uuid4().hex[:6]}"
        assert add_user(self.database, name, role, PASSWORD)
        return name

    def try_in(self, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
        return sign_in(self.client(), name, password, **headers)

    def signed_in(self, name: str, password: str = PASSWORD) -> httpx.Client:
        """In a browser of its own."""
        client = self.client(**BROWSER)
        sign_in(client, name, password).raise_for_status()
        return client

    def token(self, name: str) -> str:
        return str(self.try_in(name).json()["token"])

    def alert(self, names: Names = NO_NAMES, **changes: Any) -> str:
        """A new alert's id."""
        self._alerts += 1
        first = incident(
            subject=f"track-{self._alerts}", source=f"cam-{uuid4().hex[:6]}", **changes
        )
        evidence = tuple(exhibit(one) for one in first.evidence)
        channel = store.channel(self.settings.namespace)
        with self.database.transaction():
            store.lock(self.database)
            transitions = receive(None, first, None, names=names, evidence=evidence)
            return store.append(self.database, None, transitions, channel).id

    def close(self) -> None:
        for client in self._clients:
            client.close()


def sign_in(
    client: httpx.Client, name: str, password: str = PASSWORD, **headers: str
) -> httpx.Response:
    body = {"name": name, "password": password}
    return client.post("/api/session", json=body, headers=headers)


@contextmanager
def quick_hashing() -> Iterator[None]:
    """Meanwhile a password costs a hundredth of what it should: tests sign in often."""
    before = passwords._hasher
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    try:
        yield
    finally:
        passwords._hasher = before


@contextmanager
def open_desk(server: str, template: str, state: Path, **changes: Any) -> Iterator[Desk]:
    """Until the end of the context; ``changes`` are settings."""
    with cloned(server, template) as url:
        settings = Settings(
            state_dir=state,
            kafka_bootstrap="127.0.0.1:9",
            database_url=url,
            namespace=TEMPLATE_NAMESPACE,
            **changes,
        )
        if "http_port" not in changes:
            settings = with_free_port(settings)
        know_passwords(settings, server)
        with (
            quick_hashing(),
            connect(settings, "test", autocommit=True) as connection,
            serving(settings) as app,
        ):
            desk = Desk(settings, app, connection)
            yield desk
            desk.close()
