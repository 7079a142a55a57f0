"""The chain: each line's hash is of what it says and of the hash before it.

Whoever alters, removes, adds or moves a line must compute every later hash anew, and those are
known elsewhere (``services.audit.anchors``). ``docs/audit.md`` describes the form for programs of
others.
"""

import hashlib
import secrets
from typing import NamedTuple

from services.audit.entry import Entry

FORM = 1
"""Of what is hashed; a line says by which it was."""
HASH_BYTES = 32

_FIELDS = tuple(Entry.__struct_fields__)


class Head(NamedTuple):
    """The newest line."""

    log: str
    """Which log it is: what its first line follows, in hexadecimal."""
    sequence: int
    """0: there is no line yet."""
    hash: bytes


class Line(NamedTuple):
    """An entry in its place."""

    sequence: int
    form: int
    previous: bytes
    hash: bytes
    entry: Entry

    @property
    def is_itself(self) -> bool:
        """Whether its hash is that of what it says."""
        return self.form == FORM and self.hash == hash_of(self.previous, self.sequence, self.entry)


def beginning() -> bytes:
    """What the first line of a new log follows: something that no other log begins with."""
    return secrets.token_bytes(HASH_BYTES)


def hash_of(previous: bytes, sequence: int, entry: Entry) -> bytes:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(previous, sequence, entry)).digest()


def canonical(previous: bytes, sequence: int, entry: Entry) -> bytes:
    """Every field in the order of ``Entry``, after form, previous hash and place: each as a
    netstring (``5:hello,``) of UTF-8 or decimal digits, so that none can run over into the next.
    """
    values = [str(FORM).encode(), previous, str(sequence).encode()]
    values += [str(getattr(entry, name)).encode() for name in _FIELDS]
    return b"".join(b"%d:%s," % (len(value), value) for value in values)


def extended(head: Head, entry: Entry) -> Line:
    """The line that follows."""
    place, previous = head.sequence + 1, head.hash
    return Line(place, FORM, previous, hash_of(previous, place, entry), entry)
