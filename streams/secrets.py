"""Files that hold a secret: only their owner reads them."""

import hashlib
import os
from pathlib import Path


def hash_of(token: str) -> bytes:
    """By which a random token is kept and found."""
    return hashlib.sha256(token.encode()).digest()


def write_secret(path: Path, text: str) -> None:
    """Whole or not at all; raises OSError where the file cannot be written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    # No link is followed, nor what another user of the folder has opened already.
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        keep_owner(file.fileno(), path)
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def keep_owner(file: int, path: Path) -> None:
    """What root writes belongs to who owned what stands there, else to who owns the folder."""
    if os.geteuid() == 0:
        try:
            before = path.lstat()
        except FileNotFoundError:
            before = path.parent.stat()
        os.fchown(file, before.st_uid, before.st_gid)
