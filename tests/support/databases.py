"""Databases of the tests on one server, and how its roles sign in to them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from typing import Any, NamedTuple, Self
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.database.roles import SIGNING_IN, open_database
from streams.database import password_file
from streams.secrets import write_secret
from streams.settings import Settings
from tests.support.renewing import State, renew, state


def know_passwords(settings: Settings, server: str) -> None:
    """Lets the settings' parts sign in: a server has one set of roles, and tests many folders.

    Args:
        server: its administrator's address, from which the passwords follow.
    """
    for role in SIGNING_IN:
        chosen = sha256(f"{server} {role}".encode()).hexdigest()
        write_secret(password_file(settings, role), chosen)


class _Copies:
    """Of one database: those that nobody has now, and what a new one is."""

    def __init__(self) -> None:
        self.free: list[str] = []
        self.new: State | None = None


_copies: defaultdict[tuple[str, str], _Copies] = defaultdict(_Copies)
"""By server and template."""


@contextmanager
def cloned(server: str, template: str) -> Iterator[str]:
    """The administrator's address of a copy of a database, until the end of the context.

    Another test may have had it, under another name: then it is as the template again.
    """
    copies = _copies[server, template]
    name = f"test_{uuid4().hex[:8]}"
    url = make_conninfo(server, dbname=name)
    with psycopg.connect(server, autocommit=True) as connection:
        if not _renamed(connection, copies.free, name):
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
            with psycopg.connect(url, autocommit=True) as inside:
                open_database(inside)
            copies.new = copies.new or state(url)
        yield url
        assert copies.new is not None
        if renew(url, copies.new):
            copies.free.append(name)
        else:
            drop(connection, name)


def drop_copies(connection: psycopg.Connection[Any], server: str, template: str) -> None:
    """Those that nobody has now."""
    for name in _copies.pop((server, template), _Copies()).free:
        drop(connection, name)


def _renamed(connection: psycopg.Connection[Any], free: list[str], name: str) -> bool:
    """Whether there was one, which now has the name: whoever knew the former one finds nothing."""
    while free:
        renamed = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with suppress(psycopg.Error):  # it is gone, or in use
            connection.execute(renamed.format(*map(sql.Identifier, (free.pop(), name))))
            return True
    return False


class Clone(NamedTuple):
    """A copy of a database that is dropped when it is closed."""

    url: str
    close: Callable[[], None]


class Clones:
    """Copies of one database for one test after another: the next is made while a test has the
    last, as making one takes a third of a second of waiting.
    """

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template = server, template
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="clones")
        self._next: Future[Clone] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._next is not None:
            with suppress(psycopg.Error):  # a server that is gone has taken it along
                self._next.result().close()
        self._aside.shutdown()

    def take(self) -> Clone:
        """One that nobody had."""
        ready = self._next or self._aside.submit(self._make)
        try:
            found = ready.result()
        except psycopg.Error:  # the test before this one has killed the server
            found = self._make()
        self._next = self._aside.submit(self._make)
        return found

    def _make(self) -> Clone:
        with ExitStack() as stack:
            url = stack.enter_context(cloned(self._server, self._template))
            return Clone(url, stack.pop_all().close)


def drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
