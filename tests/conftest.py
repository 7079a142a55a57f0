"""Real servers for the tests that need them.

``CITYOPS_KAFKA_BOOTSTRAP`` and ``CITYOPS_DATABASE_URL`` name servers that already run; otherwise
private ones are started. Where neither can be had a test is skipped, except in CI, where it fails.
"""

import gc
import os
import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings as settings_of_hypothesis
from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.local.errors import StackError
from streams.settings import Settings
from tests.support import constants, examples, turns
from tests.support.databases import Clones, drop, drop_copies, know_passwords
from tests.support.identity import Identity, running
from tests.support.namespaces import Namespaces
from tests.support.nursery import Nursery
from tests.support.reach import FOLDERS, NETWORKS
from tests.support.renewing import TEMPLATE_NAMESPACE
from tests.support.servers import Servers

# A busy machine is no fault.
settings_of_hypothesis.register_profile("slow", deadline=None)
settings_of_hypothesis.register_profile("cityops", deadline=None, max_examples=40)
settings_of_hypothesis.load_profile("cityops")

# What tests start is compiled once, also where Python is told to write nothing beside its sources.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

_Started = TypeVar("_Started")
Tidying = Callable[[Callable[[], object]], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the tests that take minutes")


def pytest_configure(config: pytest.Config) -> None:
    turns.yields_the_processor()
    if config.getoption("--slow"):
        settings_of_hypothesis.load_profile("slow")
    else:
        constants.only_common_ones()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are found, and none of them goes away before the end: whoever looks for
    garbage need not look at them, neither now nor during each test.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Each process collects them by itself, and all must find the same.
    if named := [item.nodeid for item in items if " at 0x" in item.nodeid]:
        raise pytest.UsageError(f"the name has an address of this process in it: {named[0]}")
    items.sort(key=lambda item: turns.turn(item.nodeid))
    for item in items:
        if item.nodeid.startswith(turns.LONG):
            item.add_marker(pytest.mark.long)
    if config.getoption("--slow"):
        return
    for item in items:
        examples.halve(item)
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="takes minutes: give --slow"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return turns.make(config, log)


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    servers = Servers()
    yield servers
    servers.stop()


def _started(start: Callable[[], _Started]) -> _Started:
    try:
        return start()
    except StackError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def kafka_bootstrap(request: pytest.FixtureRequest) -> str:
    """Address of a Kafka that runs."""
    given = os.environ.get("CITYOPS_KAFKA_BOOTSTRAP")
    return given or _started(request.getfixturevalue("servers").kafka).bootstrap


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> str:
    """Connection string of an administrator, to a database that exists."""
    given = os.environ.get("CITYOPS_DATABASE_URL")
    return given or _started(request.getfixturevalue("servers").database).database


@pytest.fixture(scope="session")
def template_database(
    database_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Name of a database with every migration applied, to be cloned."""
    from deploy.database.migrate import migrate

    name = f"template_{uuid4().hex[:8]}"
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_conninfo(database_server, dbname=name)
    settings = Settings(
        state_dir=tmp_path_factory.mktemp("template"),
        database_url=url,
        namespace=TEMPLATE_NAMESPACE,
    )
    know_passwords(settings, database_server)
    migrate(settings)
    with psycopg.connect(database_server, autocommit=True) as connection:
        # TimescaleDB's scheduler stays connected, and a database in use cannot be cloned.
        closed = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name))
        connection.execute(closed)
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(ended, (name,))
        yield name
        drop_copies(connection, database_server, name)
        drop(connection, name)


@pytest.fixture(scope="session")
def identity() -> Iterator[Identity]:
    """A real identity provider."""
    with ExitStack() as stack:
        yield _started(lambda: stack.enter_context(running()))


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where parts are born that need not be started from nothing."""
    with Nursery() as found:
        yield found


@pytest.fixture(scope="session")
def tidying() -> Iterator[Tidying]:
    """Takes away what a test has left on the servers, while the next one begins."""
    with ThreadPoolExecutor(1) as aside:

        def later(tidy: Callable[[], object]) -> None:
            def work() -> None:
                with suppress(Exception):  # what is left over goes with the server
                    tidy()

            aside.submit(work)

        yield later


@pytest.fixture(scope="session")
def namespaces() -> Namespaces:
    return Namespaces()


@pytest.fixture(scope="session")
def clones(database_server: str, template_database: str) -> Iterator[Clones]:
    with Clones(database_server, template_database) as clones:
        yield clones


@pytest.fixture
def database_url(clones: Clones, tidying: Tidying) -> Iterator[str]:
    """Connection string of a fresh database of this test's own; its schema is ``template``."""
    clone = clones.take()
    yield clone.url
    tidying(clone.close)


@pytest.fixture
def settings(
    kafka_bootstrap: str,
    database_server: str,
    database_url: str,
    namespaces: Namespaces,
    tidying: Tidying,
    tmp_path: Path,
) -> Iterator[Settings]:
    """A namespace of this test's own: its topics, and its schema in a fresh database."""
    base = Settings(
        state_dir=tmp_path / "state",
        kafka_bootstrap=kafka_bootstrap,
        database_url=database_url,
        partitions=3,
        camera_folders=FOLDERS,
        camera_networks=NETWORKS,
    )
    settings = namespaces.take(base)
    tidying(lambda: namespaces.stock(base))
    know_passwords(settings, database_server)
    with psycopg.connect(database_url, autocommit=True) as connection:
        renamed = sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(
            sql.Identifier(TEMPLATE_NAMESPACE), sql.Identifier(settings.namespace)
        )
        connection.execute(renamed)
    yield settings
    tidying(lambda: namespaces.give_back(settings))
