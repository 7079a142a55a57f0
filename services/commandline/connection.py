"""The command line's connection to the API: whatever it refuses is one line, and exit code 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from services.commandline.output import CommandError
from streams.settings import load

if TYPE_CHECKING:
    from services.api.client import Client


@contextmanager
def connected() -> Iterator["Client"]:
    """Signed in with this machine's token; raises CommandError with what went wrong."""
    from services.api.client import Client, ClientError

    try:
        with Client(load()) as client:
            yield client
    except ClientError as error:
        raise CommandError(str(error)) from None
