"""A way into a folder that is closed to a part: to what it runs and reads there, and no more.

Nobody but root gets into a clone below, say, ``/root``, whatever the clone's own modes are. So in
a mount namespace of the part's own another folder lies over ``/root``, and in it, at the same
paths, the clone. The rest of the machine sees nothing of that (decision 0063).
"""

import pwd
import shlex
from collections.abc import Iterable
from pathlib import Path

from deploy.local.folders import ELSEWHERE, reachable

DRAFT = ELSEWHERE / "passage"
"""Where such a folder is put together, seen by the part alone."""


def passage(wanted: Iterable[Path], user: pwd.struct_passwd) -> list[str]:
    """The prefix of a command that sees them; empty where nothing of them is closed to the user.

    Args:
        wanted: files and folders; what is not there is left out, and so is what is itself closed.
    """
    lines: list[str] = []
    for closed, inside in _closed(wanted, user).items():
        lines.append(f"mkdir -p {DRAFT}")
        lines.append(f"mount -t tmpfs -o mode=755 tmpfs {DRAFT}")
        for path in inside:
            place = DRAFT / path.relative_to(closed)
            folder = place if path.is_dir() else place.parent
            lines.append(f"(umask 022; mkdir -p {_quoted(folder)})")
            if not path.is_dir():
                lines.append(f": > {_quoted(place)}")
            lines.append(f"mount --rbind {_quoted(path)} {_quoted(place)}")
        lines.append(f"mount --move {DRAFT} {_quoted(closed)}")
    if not lines:
        return []
    # Where we are is below what lies over it now, and leads there by "..".
    script = "\n".join(["set -e", *lines, 'cd "$PWD" || cd /', 'exec "$@"'])
    return ["unshare", "--mount", "--propagation", "slave", "sh", "-c", script, "sh"]


def _closed(wanted: Iterable[Path], user: pwd.struct_passwd) -> dict[Path, list[Path]]:
    """Uppermost folder that the user cannot enter to what is wanted within it, no part of which is
    within another."""
    found: dict[Path, list[Path]] = {}
    entered: dict[Path, bool] = {}
    for path in sorted({each.resolve() for each in wanted if each.exists()}):
        for parent in reversed(path.parents):
            if parent not in entered:
                entered[parent] = reachable(parent, user)
            if not entered[parent]:
                inside = found.setdefault(parent, [])
                if not any(path.is_relative_to(each) for each in inside):
                    inside.append(path)
                break
    return {} if Path("/") in found else found  # this user enters nothing: there is none


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
