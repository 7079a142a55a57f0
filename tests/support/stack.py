"""A whole local stack in a folder of its own, driven through its command line."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from deploy.local import ports, state
from deploy.local.parts import GUARD
from streams.settings import PREFIX, load
from tests.support.commandline import cityops
from tests.support.reach import FOLDERS, NETWORKS
from tests.support.servers import AT_ONCE
from tests.support.trust import TRUST

ROOT = Path(__file__).parents[2]
CITYOPS = str(Path(sys.executable).with_name("cityops"))
PORTS = ("KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "DATABASE_PORT", "HTTP_PORT", "RECEIVER_PORT")
RECEIVER = f"{PREFIX}RECEIVER_PORT"
SERVERS = frozenset({"kafka", "database"})
PATIENCE_SECONDS = 240
CAMERAS = {"CITYOPS_CAMERA_FOLDERS": FOLDERS, "CITYOPS_CAMERA_NETWORKS": NETWORKS}
"""Where tests' cameras are."""


def free_ports() -> Iterator[int]:
    """Below the range from which the system gives ports to clients, so that they stay free."""
    for number in random.sample(range(20_000, 30_000), 1000):
        if ports.is_free(number):
            yield number


class System:
    """One local stack; ``up`` starts it."""

    def __init__(self, folder: Path, code: Path = ROOT, *packages: Path) -> None:
        """
        Args:
            folder: to be made, for all that it keeps.
            code: the checkout that runs.
            packages: folders with what that imports and this environment has not.
        """
        self.code = code
        folder.mkdir(parents=True)
        (ROOT / ".cityops/software").mkdir(parents=True, exist_ok=True)
        (folder / "software").symlink_to(ROOT / ".cityops/software")  # nothing is fetched twice
        ours = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        free = map(str, free_ports())
        chosen = dict(zip(PORTS, free, strict=False))
        self.environment = {
            **ours,
            **{PREFIX + name: port for name, port in chosen.items()},
            "PYTHONPATH": os.pathsep.join(map(str, (code, *packages))),
            "CITYOPS_STATE_DIR": str(folder),
            "CITYOPS_DATA_DIR": str(load().data_dir.absolute()),
        }
        # Readings of hundreds of other sources are no part of what most tests look at.
        self._later = {
            **CAMERAS,
            RECEIVER: self.environment.pop(RECEIVER),
            "CITYOPS_REHEARSAL_PORT": next(free),
            "CITYOPS_CITY": "none",
        }
        if code == ROOT:  # earlier releases refuse settings that they do not know
            self.environment |= self._later
        self.settings = load(self.environment)

    def upgraded(self) -> "System":
        """The same stack and city, with the code of this checkout."""
        after = copy(self)
        after.code = ROOT
        after.environment = {
            **self.environment,
            **self._later,
            "PYTHONPATH": str(ROOT),
        }
        return after

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._run(CITYOPS, *arguments)

    def quick(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """As ``run``, in this process: a program of its own takes seconds beside a whole stack."""
        if self.code != ROOT:
            return self.run(*arguments)
        others: dict[str, str | None] = dict.fromkeys(
            name for name in os.environ if name.startswith(PREFIX)
        )
        done = cityops(*arguments, env=others | self.environment)
        return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)

    def python(self, program: str, *arguments: str) -> str:
        """What a program says that imports the code which runs."""
        done = self._run(sys.executable, "-c", program, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=self.environment,
            cwd=self.code,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def up(self) -> None:
        result = self.run("up", "--wait", str(PATIENCE_SECONDS - 20))
        assert result.returncode == 0, result.stdout + result.stderr

    def json(self, *arguments: str) -> Any:
        result = self.quick(*arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def alert(self, kind: str, origin: str) -> dict[str, Any]:
        """The first alert of this kind and origin, once there is one."""
        raised = f"SELECT count(*) FROM alerts WHERE kind = '{kind}' AND origin = '{origin}'"
        patience = time.monotonic() + PATIENCE_SECONDS
        # Asked of the database: starting a command again and again would slow down the system.
        while self.query(raised) == [(0,)] and time.monotonic() < patience:
            time.sleep(0.5)
        for alert in self.json("alerts", "list", "--kind", kind, "--origin", origin):
            return dict(alert)
        raise AssertionError(f"no {origin} {kind}: {self.run('status').stdout}")

    def picture(self, alert: dict[str, Any], *, raw: bool = False) -> bytes:
        token = self.settings.secret("token").read_text().strip()
        answer = httpx.get(
            alert["evidence"]["picture"],
            params={"raw": 1} if raw else {},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            verify=TRUST,
        )
        assert answer.status_code == 200, answer.text
        return answer.content

    def query(self, text: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings.database, options="-c search_path=live,public") as rows:
            return rows.execute(text).fetchall()

    def processes(self) -> list[psutil.Process]:
        """Whatever still runs on behalf of this stack."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("CITYOPS_STATE_DIR") == str(self.settings.state_dir):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    @contextmanager
    def killed(self) -> Iterator[list[str]]:
        """SIGKILL to all but the servers, which end with the supervisor, when it is left.

        Gives the names of those that were killed.
        """
        now = state.current(self.settings)
        assert now is not None, "it does not run"
        pids = {part.name: part.pid for part in now.parts if part.pid and part.name not in SERVERS}
        # First those who would start the others again; the servers' end is that of the supervisor.
        os.kill(pids.pop(GUARD), signal.SIGKILL)
        os.kill(now.pid, signal.SIGSTOP)
        try:
            for pid in pids.values():
                os.kill(pid, signal.SIGKILL)
            yield sorted(pids)
        finally:
            os.kill(now.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Leaves nothing running, whatever state it is in; its data are thrown away."""
        now = state.read(self.settings)
        parts = {part.name: part.pid for part in now.parts if part.pid} if now else {}
        # First those who would start the others again.
        first = {now.pid, parts.get(GUARD)} if now else set()
        database = parts.get("database")
        while found := sorted(self.processes(), key=lambda process: process.pid not in first):
            for process in found:
                gently = process.pid == database
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(AT_ONCE["database"] if gently else signal.SIGKILL)
            psutil.wait_procs(found, timeout=5)
            database = None
