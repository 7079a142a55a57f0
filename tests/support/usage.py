"""What a process and those that it started have used of the machine."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil


def processor_seconds(pid: int) -> float:
    """So far; of what ended meanwhile, what its parent has waited for."""
    total = 0.0
    for each in _tree(pid):
        with suppress(psutil.NoSuchProcess):
            total += sum(each.cpu_times()[:4])  # own, and of children that ended
    return total


def peak_bytes(pid: int) -> int:
    """Most that has been resident.

    Of one with children (a database server) what all of them have now, shared memory once.
    """
    shared = 0
    tree = list(_tree(pid))
    if len(tree) > 1:
        for each in tree:
            with suppress(psutil.NoSuchProcess):
                shared += each.memory_full_info().pss
        return shared
    with suppress(FileNotFoundError):
        status = Path(f"/proc/{pid}/status").read_text()
        if peak := re.search(r"VmHWM:\s+(\d+) kB", status):
            return int(peak[1]) * 1024
    return 0


def _tree(pid: int) -> Iterator[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        yield parent
        yield from parent.children(recursive=True)
