"""Addresses of cameras, and what of them people may see; pure.

Secrets stand in odd places: before the host, in the query, in the path as some recorders have it
(``/user=admin&password=…``), and, unescaped, where one of ``/#?`` makes them look like a path. What
cannot be told from a secret is left out.
"""

import re

HIDDEN = "…"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.%]+\]|[^\s\[\]:@]*)(:\d*)?")
"""A host, perhaps in brackets as IPv6, and perhaps a port."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_SECRET = re.compile(r"[=&;@]")
"""What a segment of a path with a secret in it has."""


def without_credentials(address: str) -> str:
    """The address as it may be shown; of a file, all of it. The result shown again is the same."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return address
    if not _SCHEME.fullmatch(scheme):
        return f"{HIDDEN}://{HIDDEN}"
    authority, path = _parted(rest)
    host = authority.rpartition("@")[2]
    if "@" in path or not _HOST.fullmatch(host):
        return f"{scheme}://{HIDDEN}"
    path = re.split(r"[?#]", path, maxsplit=1)[0]
    segments = path.split("/")
    for number, segment in enumerate(segments):
        if _SECRET.search(segment):
            segments[number:] = [HIDDEN]
            break
    return f"{scheme}://{host}{'/'.join(segments)}"


def fault(address: str) -> str:
    """What is wrong with an address, in words without it; empty: nothing that can be seen."""
    scheme, mark, rest = address.partition("://")
    if not mark:
        return ""
    if not _SCHEME.fullmatch(scheme):
        return "what stands before '://' is no scheme"
    host = _parted(rest)[0].rpartition("@")[2]
    if not _HOST.fullmatch(host):
        return (
            "its host or port cannot be; in a user or password write '/' as %2F, '#' as %23,"
            " '?' as %3F and '@' as %40"
        )
    return ""


def _parted(rest: str) -> tuple[str, str]:
    """Authority and what follows, as programs that open addresses part them."""
    found = re.search(r"[/?#]", rest)
    at = found.start() if found else len(rest)
    return rest[:at], rest[at:]
