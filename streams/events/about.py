"""Who a message is from, as far as it says so itself: for what could not be used otherwise."""

from typing import NamedTuple

import msgspec
import numpy as np

from streams.events.bad_message import BadMessage
from streams.events.codec import ACCOUNT, Headers, Mark
from streams.events.readings import Readings, Scored
from streams.events.system import DeadLetter

KEPT_NAMES = 2**14
"""Characters of all sources together: a pack may list 65,535 of them, of any length."""
KEPT_NAME = 200
"""Characters of a gateway or an account."""

_PACKS: dict[str, msgspec.msgpack.Decoder[Readings | Scored]] = {
    "cityops.readings": msgspec.msgpack.Decoder(Readings),
    "cityops.scored": msgspec.msgpack.Decoder(Scored),
}
_OF_ONE = (
    "",
    "cityops.frame",
    "cityops.detections",
    "cityops.counts",
    "cityops.incident",
    "cityops.correction",
)
"""Types whose ``ce_source`` is a source; also where the message does not say its type."""
_OF_NONE = ("cityops.tick", "cityops.control")


class About(NamedTuple):
    """Of which sources a message is, through which gateway, by whose account."""

    sources: tuple[str, ...]
    """Those that have a row in it; several only in a pack."""
    gateway: str
    """Empty: there is none, or it does not say."""
    account: str
    """Of whoever published it: the stage or the part; empty: it does not say."""


def about(headers: Headers, value: bytes | None) -> About:
    """What the message says, be it true or not: nothing here is checked against anything."""
    type_, source = _text(headers, "ce_type"), _text(headers, "ce_source")
    account = account_of(headers)
    if type_ in _PACKS:
        try:
            pack = _PACKS[type_].decode(value or b"")
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return About((), _short(source), account)
        return About(_kept(_with_rows(pack)), _short(pack.gateway), account)
    if type_ in _OF_ONE:
        # Of a picture the gateway is the part that publishes it.
        gateway = account if type_ == "cityops.frame" else ""
        return About(_kept((source,) if source else ()), gateway, account)
    return About((), _short(source) if type_ in _OF_NONE else "", account)


def account_of(headers: Headers) -> str:
    """The stage that made it, by its mark, or whoever its publisher says it is."""
    try:
        made_by = Mark.parse(_text(headers, "ce_mark")).stage
    except BadMessage:
        made_by = ""
    return _short(made_by or _text(headers, ACCOUNT))


def named(letter: DeadLetter, whose: About) -> DeadLetter:
    return msgspec.structs.replace(
        letter, sources=whose.sources, gateway=whose.gateway, account=whose.account
    )


def _with_rows(pack: Readings | Scored) -> tuple[str, ...]:
    """All that are listed where rows and list do not fit, or there is no row."""
    if len(pack.source) % 2 or not pack.source:
        return pack.sources
    index = np.unique(np.frombuffer(pack.source, "<u2"))
    if int(index[-1]) >= len(pack.sources):
        return pack.sources
    return tuple(pack.sources[number] for number in index.tolist())


def _kept(sources: tuple[str, ...]) -> tuple[str, ...]:
    """As many as there is room for, none of them cut: a cut one would be another's name."""
    kept, room = [], KEPT_NAMES
    for source in sources:
        room -= len(source)
        if room < 0:
            break
        kept.append(source)
    return tuple(kept)


def _short(name: str) -> str:
    return name[:KEPT_NAME]


def _text(headers: Headers, name: str) -> str:
    """Empty where there is none, or one without a value."""
    return (dict(headers).get(name) or b"").decode(errors="replace")
