"""Who is on shift, what they noted, and what they handed over: the fold of a log. Pure.

A hand-over is offered by one who is on shift and accepted by somebody else: two signatures, each
under the digest of one document, in which stand the notes since the last one and what is open or
put aside. All that is in it is in the log, so it can be rebuilt byte for byte.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Literal

import msgspec

from services.alerts.alert import State
from streams.events import Micros, Severity

LONGEST_NOTE = 2000
MOST_ITEMS = 500
Reason = Literal[
    "already_on_shift", "not_on_shift", "empty", "no_offer", "same_person", "digest",
    "command_reused",
]  # fmt: skip


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as it was when it was handed over."""

    id: str
    version: int
    kind: str
    source: str
    state: State
    severity: Severity
    priority: int
    count: int
    latest_time: Micros
    assigned_to: str = ""
    shelved_until: Micros | None = None
    shelved_for: str = ""


class Began(msgspec.Struct, frozen=True, tag="began"):
    """Somebody is on shift from now on."""


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """Somebody is not any more; nobody has taken over."""


class Noted(msgspec.Struct, frozen=True, tag="noted"):
    text: str


class Offered(msgspec.Struct, frozen=True, kw_only=True, tag="offered"):
    """The first signature: what whoever is on shift hands over."""

    comment: str
    items: tuple[Item, ...] = ()
    """The most urgent first; at most ``MOST_ITEMS``. Left out where nobody reads them."""
    counts: dict[str, int]
    """State to how many: all of them."""
    digest: str
    """SHA-256 of the document."""


class Accepted(msgspec.Struct, frozen=True, kw_only=True, tag="accepted"):
    """The second one: whoever takes over is on shift, who offered is not any more."""

    digest: str


Event = Began | Ended | Noted | Offered | Accepted


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log."""

    area: str
    """A ward; empty: the whole city."""
    time: Micros
    actor: str
    event: Event
    command: str = ""
    """The client's id of the request, so that one sent twice is done once."""


class Note(msgspec.Struct, frozen=True):
    time: Micros
    by: str
    text: str


class OnShift(msgspec.Struct, frozen=True):
    user: str
    since: Micros


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is signed; its bytes are ``written``."""

    area: str
    from_user: str
    since: Micros
    time: Micros
    comment: str
    notes: tuple[Note, ...]
    counts: dict[str, int]
    items: tuple[Item, ...]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    document: Document
    digest: str
    to_user: str = ""
    """Who has accepted it; empty: nobody yet."""
    accepted: Micros | None = None


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One area as it is now."""

    on: tuple[OnShift, ...] = ()
    notes: tuple[Note, ...] = ()
    """Since the last hand-over that was accepted, or while somebody is on shift."""
    offered: Handover | None = None
    handed: tuple[Handover, ...] = ()
    """That were accepted, the oldest first."""

    def of(self, user: str) -> OnShift | None:
        return next((one for one in self.on if one.user == user), None)


class Refused(msgspec.Struct, frozen=True):
    reason: Reason
    message: str


NOBODY = Shift()


def written(document: Document) -> bytes:
    """The one spelling of it: JSON, keys of counts in order."""
    counts = dict(sorted(document.counts.items()))
    return msgspec.json.format(
        msgspec.json.encode(msgspec.structs.replace(document, counts=counts)), indent=1
    )


def digest_of(document: Document) -> str:
    return sha256(written(document)).hexdigest()


def fold(lines: Iterable[Line]) -> dict[str, Shift]:
    """By area."""
    known: dict[str, Shift] = {}
    for line in lines:
        known[line.area] = _after(known.get(line.area, NOBODY), line)
    return known


def _after(shift: Shift, line: Line) -> Shift:
    match line.event:
        case Began():
            return msgspec.structs.replace(shift, on=(*shift.on, OnShift(line.actor, line.time)))
        case Ended():
            return _without(shift, line.actor)
        case Noted(text=text):
            return msgspec.structs.replace(
                shift, notes=(*shift.notes, Note(line.time, line.actor, text)), offered=None
            )
        case Offered():
            document = _document(shift, line, line.event)
            return msgspec.structs.replace(
                shift, offered=Handover(document=document, digest=line.event.digest)
            )
        case Accepted():
            return _accept(shift, line)


def _accept(shift: Shift, line: Line) -> Shift:
    offered = shift.offered
    if offered is None:
        raise ValueError(f"nothing was offered that {line.actor} could accept")
    handed = msgspec.structs.replace(offered, to_user=line.actor, accepted=line.time)
    shift = _without(shift, offered.document.from_user)
    on = shift.on if shift.of(line.actor) else (*shift.on, OnShift(line.actor, line.time))
    return msgspec.structs.replace(
        shift, on=on, notes=(), offered=None, handed=(*shift.handed, handed)
    )


def _without(shift: Shift, user: str) -> Shift:
    """Who has gone hands nothing over any more."""
    offered = shift.offered
    if offered is not None and offered.document.from_user == user:
        offered = None
    rest = tuple(one for one in shift.on if one.user != user)
    return msgspec.structs.replace(shift, on=rest, offered=offered)


def _document(shift: Shift, line: Line, event: Offered) -> Document:
    on = shift.of(line.actor)
    return Document(
        area=line.area,
        from_user=line.actor,
        since=on.since if on else line.time,
        time=line.time,
        comment=event.comment,
        notes=shift.notes,
        counts=event.counts,
        items=event.items,
    )


def begin(shift: Shift, user: str) -> Began | Refused:
    if shift.of(user):
        return Refused("already_on_shift", f"{user} is on shift already")
    return Began()


def end(shift: Shift, user: str) -> Ended | Refused:
    return Ended() if shift.of(user) else _off(user)


def note(shift: Shift, user: str, text: str) -> Noted | Refused:
    if not shift.of(user):
        return _off(user)
    return Noted(text) if text else Refused("empty", "an empty note says nothing")


def offer(
    shift: Shift, line: Line, comment: str, items: tuple[Item, ...], counts: dict[str, int]
) -> Offered | Refused:
    """``line``: as it will be, but for its event."""
    if not shift.of(line.actor):
        return _off(line.actor)
    draft = Offered(comment=comment, items=items[:MOST_ITEMS], counts=counts, digest="")
    digest = digest_of(_document(shift, line, draft))
    return msgspec.structs.replace(draft, digest=digest)


def accept(shift: Shift, user: str, digest: str) -> Accepted | Refused:
    """``digest``: of the document that they have read."""
    offered = shift.offered
    if offered is None:
        return Refused("no_offer", "nobody hands over here, or a note came after that")
    if offered.document.from_user == user:
        return Refused("same_person", f"{user} hands over: somebody else accepts")
    if offered.digest != digest:
        return Refused("digest", "another document was offered meanwhile: read that")
    return Accepted(digest=digest)


def _off(user: str) -> Refused:
    return Refused("not_on_shift", f"{user} is not on shift here")
