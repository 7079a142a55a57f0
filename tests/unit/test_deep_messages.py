"""A message may go on behind its fields as deep as its bytes allow: it is refused, as any other."""

import msgspec
import pytest

from streams.events import BadMessage, decode, encode
from tests.support.upstream import EXAMPLES

DEEP = (b"\x91", b"\x81\xa1a")
"""A list in a list, a map in a map."""


@pytest.mark.parametrize("opener", DEEP, ids=["lists", "maps"])
@pytest.mark.parametrize("event", EXAMPLES.values(), ids=lambda event: type(event).__name__)
def test_what_is_too_deep_is_a_bad_message(event: object, opener: bytes) -> None:
    headers, value = encode(event)  # type: ignore[arg-type]
    if ("content-type", b"application/msgpack") not in headers:
        pytest.skip("no msgpack")
    fields = msgspec.msgpack.decode(value, type=list[msgspec.Raw])
    more = [bytes(field) for field in fields] + [b"\xc0"] * (40 - len(fields))
    deep = b"\xdc" + (len(more) + 1).to_bytes(2, "big") + b"".join(more) + opener * 100_000
    with pytest.raises(BadMessage):
        decode(headers, deep + b"\xc0")
