"""What the decoder's process may do: little, so that a file which takes it over gains little."""

import contextlib
import ctypes
import os
import resource

MEMORY_BYTES = 2 * 2**30
"""Of address space; 4K with sixteen pictures to refer to takes a tenth."""
FILES = 64
PROCESSOR_SECONDS = 30
"""That it may spend without a message."""
FIRST_USER = 0x7000_0000
"""User and group of a decoder are this plus its process id: no two share one."""
NOBODY = 65534
_NO_NEW_PRIVILEGES = 38


def confine() -> None:
    """Limits this process and, where it is root, makes it nobody; whoever has started it has left
    it a device's group at most."""
    if os.geteuid() == 0:
        try:
            _become(FIRST_USER + os.getpid())
        except OSError:  # in a container that has few users
            _become(NOBODY)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_NOFILE, FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _limit(what, most, most)


def allow_processor() -> None:
    """Another ``PROCESSOR_SECONDS`` from now; the kernel ends a process that exceeds them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + PROCESSOR_SECONDS
    _limit(resource.RLIMIT_CPU, soft, resource.getrlimit(resource.RLIMIT_CPU)[1])


def _become(user: int) -> None:
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def _limit(what: int, soft: int, hard: int) -> None:
    """Never above what this process was given."""
    given = resource.getrlimit(what)[1]
    if given != resource.RLIM_INFINITY:
        soft, hard = min(soft, given), given if hard == resource.RLIM_INFINITY else min(hard, given)
    resource.setrlimit(what, (soft, hard))
