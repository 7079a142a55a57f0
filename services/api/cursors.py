"""Where the next page of a list begins: the last row of the page before, as one word.

Each list has its own ``msgspec.Struct`` of the values that its order goes by; their types say what
the database's columns can hold. People may send anything for one.
"""

import base64
from datetime import datetime
from typing import Annotated, TypeVar

import msgspec

from services.api.problems import ProblemError

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Text = Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z")]
"""What a column of text can hold."""

T = TypeVar("T", bound=msgspec.Struct)


def encode(last: msgspec.Struct) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(last)).decode().rstrip("=")


def decode(type: type[T], text: str) -> T:
    """Raises ProblemError 400 where it is no cursor of this list."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        return msgspec.msgpack.decode(data, type=type)
    except (ValueError, OverflowError, RecursionError, msgspec.DecodeError):
        raise ProblemError(400, "bad_cursor", "not a cursor of this list") from None
