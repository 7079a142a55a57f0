"""Seeds of an evaluation, and in how many processes it runs."""

import os
import re

from services.commandline.output import CommandError


def seed_numbers(text: str) -> range:
    """Of FIRST-LAST, both included, or of one seed."""
    found = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise CommandError(f"--seeds {text!r}: give FIRST-LAST, such as 1001-1010", code=2)
    return range(first, last + 1)


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0))
