"""Names of wards, communes and special zones: when two spellings are the same one. Pure."""

import unicodedata
from collections.abc import Iterable


class UnknownWardError(ValueError):
    """No ward of that name is known; the message lists those that are."""


def spelled(name: str) -> str:
    """As it is stored and compared: Unicode NFC, single spaces, none at the ends.

    ``ế`` may be one character or three, as keyboards, files and databases have it. What is no
    letter and no space stays, and is refused where a name is checked.
    """
    return " ".join(filter(None, unicodedata.normalize("NFC", name).split(" ")))


def found(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Wards that somebody names, as they are stored, in order, each once; their case does not
    matter. Two that sources spell in different cases are both meant.

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
            listed = ", ".join(there) or "none"
            raise UnknownWardError(f"there is no ward {name!r}; known are: {listed}")
    return tuple(sorted(wanted))


def as_named(ward: str, named: Iterable[str]) -> str:
    """A source's ward as those spell it who were limited to it before, else as it is."""
    there = sorted(named)
    if ward in there:
        return ward
    return next((name for name in there if name.casefold() == ward.casefold()), ward)
