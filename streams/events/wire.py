"""What travels as msgpack."""

import msgspec


class Wire(msgspec.Struct, frozen=True, array_like=True):
    """Base of what travels as msgpack."""
