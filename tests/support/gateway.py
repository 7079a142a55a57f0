"""The gateway as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streams.settings import Settings
from tests.support.fleet import environment
from tests.support.nursery import Born, Nursery

RUN = "from streams.settings import load; from services.gateway.main import run; run(load())"


@contextmanager
def gateway_process(
    settings: Settings, log: Path, nursery: Nursery | None = None
) -> Iterator[subprocess.Popen[bytes] | Born]:
    """``nursery``: where it is born, unless it is started from nothing."""
    process: subprocess.Popen[bytes] | Born
    with log.open("ab") as output:
        if nursery:
            process = nursery.bear(["-c", RUN], environment(settings), output.fileno())
        else:
            process = subprocess.Popen(
                [sys.executable, "-c", RUN], env=environment(settings), stdout=output, stderr=output
            )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
