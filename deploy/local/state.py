"""What the supervisor says of itself: one JSON file, replaced as a whole, and one lock."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO, Literal

import msgspec

from deploy.local.errors import StackError
from streams.settings import Settings

Phase = Literal["waiting", "running", "restarting", "done", "stopped"]


class PartState(msgspec.Struct):
    """What became of one part."""

    name: str
    state: Phase = "waiting"
    pid: int | None = None
    created: float | None = None
    """When that process began, seconds after boot: tells it from a later one with the same id."""
    restarts: int = 0
    since: float = 0.0
    """Seconds since the epoch at which it came into this state."""
    last_exit: int | None = None
    """Exit status; negative: the signal that ended it."""
    stop_signal: int = 15


class SupervisorState(msgspec.Struct):
    pid: int
    created: float
    parts: list[PartState]
    renews: bool = False
    """SIGHUP has it start the processor's parts again; one of an earlier release would end."""


def path(settings: Settings) -> Path:
    return settings.state_dir / "supervisor.json"


def created(pid: int) -> float | None:
    """When the process began, in seconds after boot, which no change of the clock can move.

    None where there is none, or only its unburied remains.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may itself have any character (proc_pid_stat(5): fields 3 and 22).
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19]) / os.sysconf("SC_CLK_TCK")


def lives(pid: int | None, began: float | None) -> bool:
    """Whether that very process runs, not a later one with the same id."""
    if pid is None or began is None:
        return False
    return created(pid) == began


def write(settings: Settings, state: SupervisorState) -> None:
    """Readers see the old file or the new one, never half of it."""
    target = path(settings)
    unfinished = target.with_suffix(".unfinished")
    unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(state)) + b"\n")
    unfinished.replace(target)


def read(settings: Settings) -> SupervisorState | None:
    """What was last written; None where nothing (readable) was."""
    try:
        return msgspec.json.decode(path(settings).read_bytes(), type=SupervisorState)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def current(settings: Settings) -> SupervisorState | None:
    """What the supervisor that runs now has written; None: none runs, or it only just began."""
    now = read(settings)
    return now if now is not None and lives(now.pid, now.created) else None


def lock(settings: Settings) -> IO[str] | None:
    """The supervisor's lock, held as long as the file is open; None: another one holds it.

    Raises:
        StackError: the state folder belongs to another user.
    """
    try:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        file = (settings.state_dir / "supervisor.lock").open("a")
    except PermissionError:
        raise StackError(
            f"{settings.state_dir.absolute()} belongs to another user: "
            "be that user, or set CITYOPS_STATE_DIR to a folder of your own"
        ) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_running(settings: Settings) -> bool:
    """Whether a supervisor holds the lock."""
    if not (settings.state_dir / "supervisor.lock").exists():
        return False
    held = lock(settings)
    if held is None:
        return True
    held.close()
    return False


def end_leftovers(settings: Settings, grace_seconds: float = 20.0) -> list[str]:
    """Ends the recorded processes of a supervisor that was killed; names of those ended."""
    old = read(settings)
    left = [part for part in old.parts if lives(part.pid, part.created)] if old else []
    for part in left:
        _signal(part, part.stop_signal)
    deadline = time.monotonic() + grace_seconds
    for part in left:
        while lives(part.pid, part.created) and time.monotonic() < deadline:
            time.sleep(0.05)
        if lives(part.pid, part.created):
            _signal(part, 9)
    return [part.name for part in left]


def _signal(part: PartState, number: int) -> None:
    assert part.pid is not None
    try:
        os.killpg(part.pid, number)
    except ProcessLookupError:
        return
