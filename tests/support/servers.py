"""A private Kafka and TimescaleDB for the tests, on free ports, gone when the tests end."""

import fcntl
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType

import psutil
import psycopg

from deploy.broker.doors import PROPERTIES
from deploy.database import roles
from deploy.local import folders, kafka, ports, timescale
from deploy.local.prepare import create_database
from streams.settings import Settings
from tests.support.databases import know_passwords

ROOT = Path(__file__).parents[2]
START_SECONDS = 240.0
"""All tests of a process rest on it."""
MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 * 2**30
"""Free in memory, for what tests write to Kafka to be kept there."""
IDLE = "metadata.max.idle.interval.ms=0\n"
"""Of a controller that has nobody to tell: else it writes twice a second that nothing happened,
which is half of what an idle broker takes of a processor.
"""
AT_ONCE = {"database": signal.SIGQUIT}
"""What ends a server at once where SIGKILL would leave something: PostgreSQL's shared memory."""


class Servers:
    """Starts each server when it is first asked for.

    Downloaded programs are those of the local stack, so that nothing is fetched twice.

    Raises (from ``kafka`` and ``database``):
        StackError: the machine cannot run the server.
    """

    def __init__(self, purpose: str = "stack", *, durable: bool = False) -> None:
        """``purpose``: names its folder; no two of a process may have the same.

        ``durable``: what is committed survives a power cut, as for users; slower.
        Otherwise only what a killed server had: PostgreSQL does not sync, and Kafka, which syncs
        every partition of a topic that is deleted, as after each test, keeps its logs in memory.
        """
        self.durable = durable
        self.settings = private(purpose)
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def kafka(self) -> Settings:
        """Settings at which a broker answers."""
        if "kafka" not in self._running:
            fetch(self.settings, kafka)
            if not self.durable:
                _to_memory(self.settings.state_dir / "kafka/data")
            command = kafka.command(self.settings)
            if not self.durable:
                with (self.settings.state_dir / "kafka" / PROPERTIES).open("a") as properties:
                    properties.write(IDLE)
            self._start("kafka", command, self.settings.kafka_port)
        return self.settings

    def database(self) -> Settings:
        """Settings at which a database server answers."""
        if "database" not in self._running:
            fetch(self.settings, timescale)
            command = timescale.command(self.settings)
            if not self.durable:
                command = [*command, "-c", "fsync=off"]
            self._start("database", command, self.settings.database_port)
            self._wait_for_database()
            create_database(self.settings)
            know_passwords(self.settings, self.settings.database)
            roles.make(self.settings)
        return self.settings

    def _start(self, name: str, command: list[str], port: int) -> None:
        log = folders.logs(self.settings) / f"{name}.log"
        with log.open("ab") as output:
            # The signal comes when the test process dies in whatever way.
            guarded = ["setpriv", "--pdeathsig", "INT", *command]
            process = subprocess.Popen(guarded, stdout=output, stderr=output, cwd="/")
        self._running[name] = process
        deadline = time.monotonic() + START_SECONDS
        while not ports.answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)

    def _wait_for_database(self) -> None:
        """Its port is open before it takes connections."""
        maintenance = self.settings.database.rsplit("/", 1)[0] + "/postgres"
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(maintenance, connect_timeout=20).close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
            else:
                return

    def kill_kafka(self) -> None:
        """SIGKILL; ``kafka`` starts it again, with what it had."""
        broker = self._running.pop("kafka")
        broker.kill()
        broker.wait()

    def kill_database(self) -> None:
        """SIGKILL; ``database`` starts it again, with what was committed."""
        server = self._running.pop("database")
        helpers = psutil.Process(server.pid).children(recursive=True)
        server.kill()
        server.wait()
        psutil.wait_procs(helpers, timeout=60)  # as long as one lives, a new server refuses

    def pids(self) -> dict[str, int]:
        """Server to its process, for accounting."""
        return {name: process.pid for name, process in self._running.items()}

    def stop(self) -> None:
        """At once, as all that they have is thrown away."""
        for name, process in self._running.items():
            process.send_signal(AT_ONCE.get(name, signal.SIGKILL))
        for process in self._running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._running.clear()
        remove(self.settings)


def fetch(settings: Settings, *programs: ModuleType) -> None:
    """Downloads ``kafka``, ``timescale`` or both, unless they are there.

    Processes of one test run share what is downloaded, so one of them does it at a time.

    Raises:
        StackError: it cannot be downloaded.
    """
    with (folders.software(settings) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for program in programs:
            program.fetch(settings)


def private(purpose: str) -> Settings:
    """Settings of a stack of the tests' own: free ports, a state folder in ``build``."""
    _sweep()
    state = ROOT / f"build/test-{purpose}-{os.getpid()}"
    state.mkdir(parents=True)
    software = ROOT / ".cityops/software"
    software.mkdir(parents=True, exist_ok=True)
    (state / "software").symlink_to(software)
    return Settings(
        state_dir=state,
        kafka_security="PLAINTEXT",  # but where accounts are what is tested
        kafka_port=ports.free(),
        kafka_controller_port=ports.free(),
        database_port=ports.free(),
        http_port=ports.free(),
        receiver_port=ports.free(),
    )


def remove(settings: Settings) -> None:
    """Deletes the state folder of settings that ``private`` made."""
    _remove(settings.state_dir)


def _to_memory(folder: Path) -> None:
    """Makes a folder that is to be a link to one in memory, where there is room."""
    if folder.exists() or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return
    folder.parent.mkdir(parents=True)
    folder.symlink_to(mkdtemp(prefix="cityops-test-", dir=MEMORY))


def _remove(state: Path) -> None:
    folders.remove(state / "database")
    folders.remove(state / "kafka/data")
    (state / "software").unlink(missing_ok=True)
    shutil.rmtree(state)


def _sweep() -> None:
    """Removes what test runs left behind that were killed; one process of tests at a time."""
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    with (build / "sweeping").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in build.glob("test-*-*"):
            if not psutil.pid_exists(int(left.name.rsplit("-", 1)[1])):
                _remove(left)
