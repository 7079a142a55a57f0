"""Addresses of cameras, what of them people may see, and how credentials get into them; pure.

Secrets stand in odd places: before the host, in the query, in the path as some recorders have it
(``/user=admin&password=…``), and, unescaped, where one of ``/#?`` makes them look like a path. What
cannot be told from a secret is left out, and what cannot be taken apart is refused.
"""

import re
import unicodedata
from urllib.parse import quote, unquote

HIDDEN = "…"
USER, PASSWORD = "{user}", "{password}"
"""Where in a path or a query they belong, if they do not belong before the host."""
_UNSEEN = {
    **dict.fromkeys(("Cc", "Cf", "Zl", "Zp"), "a control character"),
    "Cs": "a byte that is not UTF-8",
}
"""By categories of Unicode."""
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]*)(:\d*)?")
"""A host, perhaps in brackets as IPv6, and perhaps a port; one with other letters is written
``xn--…``, as name servers have it: no two programs read it alike otherwise."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_PLAIN_NAMES = frozenset(
    ("audio", "camera", "cam", "ch", "channel", "codec", "compression", "fps", "inst", "line",
     "profile", "proto", "quality", "resolution", "size", "stream", "streamtype", "subtype",
     "track", "trackid", "transportmode", "unicast", "video", "videocodec", "view")
)  # fmt: skip
"""Parameters that say which picture is meant; all others may be secret."""
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,24}")
_SECRET_PARAMETER = re.compile(
    r"(?:pas|pwd|psw|token|auth|key|secret|sig|cred|sess|jwt|ticket|hash)\w*=(?P<value>[^&;/#]+)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?=[A-Za-z]*\d[A-Za-z]*\d[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}")
"""What nobody types: recorders that ask for no password have it in the path."""


def without_credentials(address: str) -> str:
    """The address as it may be shown; of a file, all of it. The result shown again is the same."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    if not _SCHEME.fullmatch(scheme):
        return f"{HIDDEN}://{HIDDEN}"
    authority, behind = _parted(rest)
    host = authority.rpartition("@")[2]
    if "@" in behind or not _HOST.fullmatch(host):
        return f"{scheme}://{HIDDEN}"
    path, _, query = behind.partition("#")[0].partition("?")
    segments = path.split("/")
    for number, segment in enumerate(segments):
        if not _is_plain_segment(segment):
            segments[number:] = [HIDDEN]
            return f"{scheme}://{host}{'/'.join(segments)}"
    plain = "&".join(each for each in query.split("&") if _is_plain_parameter(each))
    return f"{scheme}://{host}{path}{'?' if plain else ''}{plain}"


def unprintable(address: str) -> str:
    """Which character of it is none to be seen, and where; empty: there is none."""
    for position, character in enumerate(address, 1):
        if not character.isprintable():
            what = _UNSEEN.get(unicodedata.category(character), "an unprintable character")
            return f"it has {what}, U+{ord(character):04X}, at position {position}"
    return ""


def fault(address: str) -> str:
    """What is wrong with an address, in words without it; empty: nothing that can be seen."""
    if wrong := unprintable(address):
        return wrong
    scheme, mark, rest = address.partition("://")
    if not mark:
        return ""
    if not _SCHEME.fullmatch(scheme):
        return "what stands before '://' is no scheme"
    authority, behind = _parted(rest)
    if not _HOST.fullmatch(authority.rpartition("@")[2]) or "@" in behind:
        return (
            "its host or port cannot be; in a user, a password, a path or a query write '/' as %2F,"
            " '#' as %23, '?' as %3F and '@' as %40"
        )
    port = authority.rpartition("@")[2].rpartition("]")[2].partition(":")[2]
    if port and not (len(port) <= 5 and 1 <= int(port) <= 65535):
        return "its port cannot be: give 1 to 65535, or none for the usual one"
    if re.search(r"[\s\\]", address):
        return "it has a space or a backslash: write it as %20 or %5C"
    return ""


def carries_secret(address: str) -> bool:
    """Whether a password or a token stands in it, as it must not on a command line."""
    _, mark, rest = address.partition("://")
    if not mark:
        return False
    authority, behind = _parted(rest)
    given = authority.rpartition("@")[0].partition(":")[2]
    if given not in ("", PASSWORD) or "@" in behind:
        return True
    plain = _decoded(behind)
    found = (each["value"] for each in _SECRET_PARAMETER.finditer(plain))
    return any(not value.startswith((PASSWORD, USER)) for value in found) or bool(
        _TOKEN.search(plain)
    )


def user_of(address: str) -> str:
    """Who stands before the host; empty: nobody, or it is no address of a network."""
    _, mark, rest = address.partition("://")
    authority = _parted(rest)[0] if mark else ""
    return unquote(authority.rpartition("@")[0].partition(":")[0])


def wants_password(address: str) -> bool:
    """Whether it has a place for one, or names a user without one."""
    return PASSWORD in address or (bool(user_of(address)) and not carries_secret(address))


def with_credentials(address: str, user: str, password: str) -> str:
    """The address with both in it, at ``{user}`` and ``{password}``, or else before its host.

    Raises:
        ValueError: they have no place there; the message names neither.
    """
    scheme, mark, rest = address.partition("://")
    placed = {USER: user, PASSWORD: password}
    if any(place in address for place in placed):
        for place, value in placed.items():
            if place in address and not value:
                raise ValueError(f"it has a place for {place}, and there is none")
            address = address.replace(place, quote(value, safe=""))
        return address
    if not (user or password):
        return address
    if not mark:
        raise ValueError("a file or a device takes no user and no password")
    authority, behind = _parted(rest)
    before, _, host = authority.rpartition("@")
    user = user or unquote(before.partition(":")[0])
    given = f":{quote(password, safe='')}" if password else ""
    return f"{scheme}://{quote(user, safe='')}{given}@{host}{behind}"


def _parted(rest: str) -> tuple[str, str]:
    """Authority and what follows, as programs that open addresses part them."""
    found = re.search(r"[/?#]", rest)
    at = found.start() if found else len(rest)
    return rest[:at], rest[at:]


def _decoded(text: str) -> str:
    """Also what is encoded twice, as by a recorder that passes it on."""
    return unquote(unquote(text))


def _is_plain_segment(segment: str) -> bool:
    segment = _decoded(segment)
    if re.search(r"[@:/?#{}\x00-\x20]", segment) or _TOKEN.search(segment):
        return False
    return all("=" not in each or _is_plain_parameter(each) for each in re.split("[&;]", segment))


def _is_plain_parameter(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    plain = name.lower() in _PLAIN_NAMES and _PLAIN_VALUE.fullmatch(value)
    return bool(plain) and not _TOKEN.search(value)
