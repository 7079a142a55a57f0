"""Running the programs that install, prepare and run the servers."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.errors import StackError

JAVA_TRACE = re.compile(r"\s+(?:at |\.\.\. \d+ more)")
"""Where in a program something happened, which says nobody what."""


def java() -> str:
    """The java to run, ``JAVA_HOME`` first."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home, "bin/java")) if home else "java"


def run(
    what: str,
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Standard output of a program that has to succeed.

    Raises:
        StackError: it failed; the message ends with the last lines that it printed.
    """
    try:
        done = subprocess.run(
            list(map(str, command)), cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise StackError(f"{what}: {error}") from None
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        said = [line for line in lines if not JAVA_TRACE.match(line)][-5:]
        raise StackError(
            f"{what} failed ({command[0]} exited {done.returncode}): {' / '.join(said)}"
        )
    return done.stdout
