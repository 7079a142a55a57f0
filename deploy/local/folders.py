"""Folders of the local stack, and which of them another user can reach."""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from streams.settings import Settings

ELSEWHERE = Path("/var/lib/cityops")
"""Where what the database's user must reach goes when the clone lies in a closed folder."""


def software(settings: Settings) -> Path:
    """Downloaded programs; kept by ``reset``."""
    return _open(settings.state_dir.absolute(), "software")


def logs(settings: Settings) -> Path:
    return _open(settings.state_dir.absolute(), "logs")


def _open(state: Path, name: str) -> Path:
    # Explicit modes, because a umask of 077 would close the way to the database's user.
    for folder in (state, state / name):
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)
    return (state / name).resolve()


def as_user(
    user: pwd.struct_passwd | None, *, death: str = "keep", may: tuple[str, ...] = ()
) -> list[str]:
    """The prefix of a command that runs as ``user``; None: as whoever we are.

    Args:
        death: signal by which it ends with whoever has started it; ``keep``: as it is, since it
            would be lost with the change of user.
        may: capabilities that it has all the same, such as ``net_bind_service``.
    """
    if user is None:
        return []
    ids = ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
    allowed = ",".join(("-all", *(f"+{name}" for name in may)))
    sets = [f"--{kind}={allowed}" for kind in ("inh-caps", "ambient-caps", "bounding-set")]
    return ["setpriv", *ids, *sets, "--no-new-privs", "--pdeathsig", death]


def reachable(folder: Path, user: pwd.struct_passwd | None, passage: tuple[str, ...] = ()) -> bool:
    """Whether ``user`` can enter the folder, all parents included, by that passage."""
    probe = [*passage, *as_user(user), "test", "-x", str(folder)]
    return user is None or subprocess.run(probe, check=False, capture_output=True).returncode == 0


def place(path: Path, user: pwd.struct_passwd | None) -> Path:
    """A path for a folder that ``user`` can reach: ``path``, or where it now points.

    As root the database runs as another user, who cannot enter a clone in, say, ``/root``
    (mode 700). Then the folder lies under ``/var/lib/cityops`` and ``path`` is a link to it.
    What a deleted clone of the same path left there is deleted too.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or reachable(path.parent, user):
        return path.resolve()
    target = ELSEWHERE / hashlib.sha256(str(path).encode()).hexdigest()[:12] / path.name
    shutil.rmtree(target, ignore_errors=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    for folder in (ELSEWHERE, target.parent):
        folder.chmod(0o755)
    path.symlink_to(target)
    return target


def remove(path: Path) -> None:
    """A folder and, where it is a link made by ``place``, what it points to."""
    if path.is_symlink():
        target = path.resolve()
        shutil.rmtree(target, ignore_errors=True)
        if target.is_relative_to(ELSEWHERE):
            target.parent.rmdir()
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)
