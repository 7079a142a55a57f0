"""Text that may come from anybody, to be read by people: shown as it is, and obeyed by nothing.

A terminal, a log, a page and a picture take some characters for more than they are: they clear the
screen, begin a line, or turn around what stands beside them.
"""

import re
import unicodedata

_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode that a terminal obeys, or that turn around what stands beside them."""
_JOINERS = "\u200c\u200d"
"""They join and part letters and emoji, and nothing else."""
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")


def visible(text: str) -> str:
    """With control characters shown as such, ``␛`` or ``\\u202e``; lines stay lines."""
    return text if text.isprintable() else "".join(map(_shown, text))


def line(text: str) -> str:
    """As ``visible``, on one line: nobody's text can look like a line of the program's own."""
    return visible(text).replace("\n", "␊")


def exact(json: str) -> str:
    """JSON that says the same, with what cannot be seen in strings as ``\\u202e``."""
    return json if json.isprintable() else _NOT_ASCII.sub(_escaped, json)


def _shown(character: str) -> str:
    number = ord(character)
    if not _is_invisible(character) or character in _JOINERS + "\n":
        return character
    if number < 0x20:
        return chr(0x2400 + number)
    return "␡" if number == 0x7F else character.encode("unicode_escape").decode()


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if not _is_invisible(character) or character == "\n":
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE
