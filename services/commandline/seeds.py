"""Seeds of an evaluation, and in how many processes it runs."""

import os
import re
from typing import Annotated

import typer

from services.commandline.output import CommandError

MOST = 10_000
"""Seeds of an evaluation: weeks of a machine."""
Workers = Annotated[int, typer.Option(min=0, help="Processes; 0: one per core.")]


def seed_numbers(text: str) -> range:
    """Of FIRST-LAST, both included, or of one seed."""
    found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        shown = text if len(text) < 40 else f"{text[:40]}…"
        said = "give FIRST-LAST, such as 1001-1010, of at most nine digits each"
        raise CommandError(f"--seeds {shown!r}: {said}", code=2)
    if last - first >= MOST:
        raise CommandError(f"--seeds {text!r}: give at most {MOST:,}", code=2)
    return range(first, last + 1)


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))
