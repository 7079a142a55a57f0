"""What a run's figures rest on: commit and date, the code that counts, the machine."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tests.support import sources


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What the figures of one run rest on."""

    commit: str
    date: str = ""
    """Day on which the run began, ``YYYY-MM-DD`` in UTC; empty in files of before it was kept."""
    sources: str
    """Digest of the code that was measured, see ``tests.support.sources``."""
    machine: dict[str, str]


def here(name: str) -> Run:
    """Of this checkout, for the set ``name``; to be taken before the run that it is about."""
    return Run(
        commit=commit(),
        date=today(),
        sources=sources.digest(name),
        machine=machine(),
    )


def said(run: Run) -> str:
    """Machine, commit and date in one phrase."""
    parts = dict(run.machine)
    named = [parts.pop("processor", "")]
    if cores := parts.pop("cores", ""):
        named.append(f"{cores} cores")
    if memory := parts.pop("memory", ""):
        named.append(f"{memory} of memory")
    named += [f"{name.capitalize()} {value}" for name, value in parts.items()]
    return f"{', '.join(filter(None, named))}; {measured_at(run)}"


def measured_at(run: Run) -> str:
    """Commit and date; ``+`` at a commit: files were changed since."""
    state = "changed files on top of commit" if run.commit.endswith("+") else "commit"
    when = f", {run.date}" if run.date else ""
    return f"{state} `{run.commit.removesuffix('+')}`{when}"


def machine() -> dict[str, str]:
    """What the figures rest on besides the code; names no host."""
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": names[0].split(":")[1].strip() if names else platform.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{gibibytes:.0f} GiB",
        "python": platform.python_version(),
    }


def today() -> str:
    """``YYYY-MM-DD``, UTC."""
    return datetime.now(UTC).date().isoformat()


def commit() -> str:
    """The commit that is checked out, with ``+`` where the tree differs from it."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=True
        ).stdout.strip()

    return git("rev-parse", "--short=10", "HEAD") + "+" * bool(git("status", "--porcelain", "-uno"))
