"""What a browser shows of a message: a few lines, and where a click leads. Pure.

It is what the service worker of the console reads (``services/console/src/push.ts``). All
addresses are paths: whatever a message says, a click opens the console that it was turned on in.
"""

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.notifier.channel import Written
from streams.events import SEVERITIES

MOST_BYTES = 3000
"""Of what is encrypted: a record takes 4,096, with what encrypting adds."""
LONGEST_TITLE = 250
URGENT = frozenset({"high", "critical"})


def topic(key: str) -> str:
    """Of an idempotency key, as RFC 8030 has it: 32 characters; what waits with it is replaced."""
    return base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest()[:24]).decode()


def urgent(written: Written) -> bool:
    """Whether a telephone that saves its battery is to be woken for it."""
    return any(one["test"] or one["severity"] in URGENT for one in written.data)


def notice(written: Written, key: str) -> bytes:
    """JSON of at most ``MOST_BYTES``; its mark as an exercise stands first, and is never cut."""
    (first, *more) = written.data
    one = bool(first["alert"]) and first["flood"] is None and not more
    label, address = written.acknowledge or ("", "")
    worst = max((one["severity"] for one in written.data), key=SEVERITIES.index)
    said: dict[str, Any] = {
        "title": written.subject[:LONGEST_TITLE],
        "body": "",
        "language": written.language,
        "tag": first["alert"] if one else topic(key),
        "key": topic(key),
        "open": _opened(written),
        "acknowledge": {"label": label, "open": _path(address)} if address else None,
        "stays": worst == "critical",
    }
    room = MOST_BYTES - len(msgspec.json.encode(said))
    said["body"] = _fitting(written.brief, room)
    return msgspec.json.encode(said)


def _opened(written: Written) -> str:
    (first, *more) = written.data
    english = "lang=en" if written.language == "en" else ""
    if first["test"]:
        return "/settings" + (f"?{english}" if english else "")
    if first["flood"] is not None or more:
        return "/" + (f"?{english}" if english else "")
    return f"/?alert={first['alert']}" + (f"&{english}" if english else "")


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _fitting(text: str, room: int) -> str:
    """So much of a text as fits so many bytes of JSON."""
    if len(msgspec.json.encode(text)) - 2 <= room:
        return text
    while text and len(msgspec.json.encode(text + "…")) - 2 > room:
        text = text[: len(text) * 9 // 10]
    return text + "…" if text else ""
