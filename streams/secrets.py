"""Files that hold a secret: only their owner reads them, in a folder only their owner enters."""

import os
from pathlib import Path


def write_secret(path: Path, text: str) -> None:
    """Whole or not at all; raises OSError where the file cannot be written."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
