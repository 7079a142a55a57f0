"""Who somebody is by what the provider says of them: a name, groups, and so a role."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """What stands there; None: nothing.

    Args:
        path: a claim's name, or names with dots between that lead to it.
    """
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def groups_in(said: Any) -> frozenset[str]:
    """Group names, where one or several are said, each letter written in one way (Unicode NFC), as
    directories write ``ế`` as one character or as three. What no database holds is no name.
    """
    several = said if isinstance(said, list) else [said]
    names = (each for each in several if isinstance(each, str))
    return frozenset(unicodedata.normalize("NFC", each) for each in names if _is_text(each))


def role_of(groups: Iterable[str], roles: Sequence[tuple[str, str]]) -> str | None:
    """The role of the first group in ``roles`` that somebody is in; None: they are in none."""
    within = frozenset(groups)
    return next((role for group, role in roles if group in within), None)


def name_of(claims: Mapping[str, Any], path: str) -> str:
    """What somebody is called, with its spaces made single; empty: the provider does not say."""
    said = claim(claims, path)
    return " ".join(unicodedata.normalize("NFC", said).split()) if isinstance(said, str) else ""


def shown_second_factor(claims: Mapping[str, Any], taken: Iterable[tuple[str, str]]) -> bool:
    """Whether the provider says one of what is ``taken`` for a second factor."""
    return any(value in groups_in(claims.get(name)) for name, value in taken)


def _is_text(said: str) -> bool:
    """JSON can say half a character, and NUL."""
    return "\0" not in said and not any("\ud800" <= each <= "\udfff" for each in said)
