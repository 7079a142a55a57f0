"""Names of wards, communes and special zones: when two spellings are the same one. Pure."""

import unicodedata
from collections.abc import Iterable


class UnknownWardError(ValueError):
    """No source is in a ward of that name; the message lists those that there are."""


def spelled(name: str) -> str:
    """As it is stored and compared: Unicode NFC, single spaces, none at the ends.

    ``ế`` may be one character or three, as keyboards, files and databases have it. What is no
    letter and no space stays, and is refused where a name is checked.
    """
    return " ".join(filter(None, unicodedata.normalize("NFC", name).split(" ")))


def found(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Wards that somebody names, as they are stored, in order, each once; their case does not
    matter.

    Args:
        known: as they are stored; empty ones are passed over.

    Raises:
        UnknownWardError
    """
    there = sorted({spelled(name) for name in known} - {""})
    by_key: dict[str, list[str]] = {}
    for name in there:
        by_key.setdefault(name.casefold(), []).append(name)
    wanted: set[str] = set()
    for name in map(spelled, names):
        if name in there:
            wanted.add(name)
        elif name.casefold() in by_key:
            wanted.update(by_key[name.casefold()])
        else:
            listed = ", ".join(there) or "none: give sources a ward first"
            raise UnknownWardError(f"there is no ward {name!r}; known are: {listed}")
    return tuple(sorted(wanted))
