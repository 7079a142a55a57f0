"""The command line's connection to the API: whatever it refuses is one line, and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.commandline.output import CommandError
from streams.settings import load

if TYPE_CHECKING:
    from services.api.client import Client


@contextmanager
def connected(
    *, as_nobody: bool = False, timeout_seconds: float | None = None
) -> Iterator["Client"]:
    """In the name of whoever has signed in, else this machine's own; or, to sign in, nobody's.

    Raises:
        CommandError: says what went wrong.
    """
    from services.api.client import TIMEOUT_SECONDS, Client, ClientError

    patience = timeout_seconds or TIMEOUT_SECONDS
    try:
        with Client(load(), token="" if as_nobody else None, timeout_seconds=patience) as client:
            yield client
    except ClientError as error:
        raise CommandError(str(error)) from None
