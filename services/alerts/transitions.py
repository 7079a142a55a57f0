"""What can happen to an alert: its append-only history, line by line."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from services.alerts.exhibits import Exhibit
from services.alerts.holding import Because
from services.alerts.priority import Given
from services.alerts.suppressions import Suppression
from streams.events import Micros, Origin, Place, Severity
from streams.events.incidents import Why

SYSTEM = ""
"""The actor of what incidents and event time cause."""


class Names(msgspec.Struct, frozen=True):
    """What source and zone were called when it happened; empty where there is no zone."""

    source_vi: str = ""
    source_en: str = ""
    zone_vi: str = ""
    zone_en: str = ""


NO_NAMES = Names()

Disposition = Literal["", "true", "false", "nuisance", "test", "duplicate"]
"""What it turned out to be: as it said; nothing of that kind; true, and nothing to be done about
it; somebody tried the system; the same as another alert. Empty: nobody has said."""


class _Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    incident: str
    revision: int
    kind: str
    rule: str
    origin: Origin
    severity: Severity
    sources: tuple[str, ...]
    zone: str
    subject: str
    start: Micros
    place: Place | None
    names: Names
    evidence: tuple[Exhibit, ...]
    wards: dict[str, str] = {}
    """Source to the ward that it is in; empty: in none that is known."""
    given: Given | None = None
    """How urgent it is, and by what; None from an earlier release."""


class Raised(_Occurrence, frozen=True, kw_only=True, tag="raised"):
    """The first incident."""


Manner = Literal["anew", "flapping", "held", "past"]
"""How a further occurrence comes: it asks to be acknowledged; the alert flaps and has been
acknowledged, which stands; so it does as it comes again soon after, or the alert is shelved or
suppressed; it is heard of when it is long over, and changes nothing."""


class Repeated(_Occurrence, frozen=True, kw_only=True, tag="repeated"):
    """A further incident of the same rule, source and zone."""

    manner: Manner = "anew"
    because: Because = ""
    """Of what asks anew: why, although somebody had acknowledged or closed the alert."""
    end: Micros | None = None
    """Of what is past; the end of any other is a transition of its own."""


class Amended(msgspec.Struct, frozen=True, kw_only=True, tag="amended"):
    """An incident is now judged otherwise, or proven by one more source."""

    incident: str
    revision: int
    severity: Severity
    sources: tuple[str, ...]
    place: Place | None
    evidence: tuple[Exhibit, ...] = ()
    """What is added to the occurrence's."""
    wards: dict[str, str] = {}
    given: Given | None = None
    """As of an occurrence."""


class Returned(msgspec.Struct, frozen=True, kw_only=True, tag="returned"):
    """An incident has ended; the last one to end returns the condition to normal."""

    incident: str
    revision: int
    end: Micros
    unseen: bool = False
    """Nobody saw it end: its source was not heard any more, and it is over as of its last proof."""
    scenery: bool = False
    """What proved it never moved and never came in."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True, tag="unknown"):
    """The source of an incident is not heard: nobody knows whether it lasts."""

    incident: str
    revision: int
    since: Micros
    """When it was last proven."""


class Proven(msgspec.Struct, frozen=True, kw_only=True, tag="proven"):
    """The source of an unknown incident is heard again, and the incident lasts."""

    incident: str
    revision: int


class Merged(msgspec.Struct, frozen=True, kw_only=True, tag="merged"):
    """An incident turned out to be part of another, whose alert goes on in its place."""

    incident: str
    revision: int
    into: str
    """Id of that alert; empty: it is not known."""


class Explained(msgspec.Struct, frozen=True, kw_only=True, tag="explained"):
    """An incident is a consequence of another, or is none any more."""

    incident: str
    revision: int
    cause: str
    """Id of that incident; empty: it is one of its own."""
    into: str
    """Id of that one's alert; empty: it is not known."""
    why: Why


class Asked(msgspec.Struct, frozen=True, kw_only=True, tag="asked"):
    """What was acknowledged has changed, or goes on for too long: the acknowledgement is void."""

    because: Because


class Suppressed(msgspec.Struct, frozen=True, kw_only=True, tag="suppressed"):
    """Its source or rule is out of service, or maintained: until that is over it is quiet."""

    suppression: Suppression
    """As it was then; its ``until`` may be said later."""


class Restored(msgspec.Struct, frozen=True, kw_only=True, tag="restored"):
    """That is over. What is still there asks, whoever had acknowledged it before."""

    suppression: str
    comment: str = ""


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True, tag="acknowledged"):
    comment: str = ""


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True, tag="withdrawn"):
    """The acknowledgement is taken back."""

    comment: str = ""


class Shelved(msgspec.Struct, frozen=True, kw_only=True, tag="shelved"):
    """Put aside by a person, always with an end in event time."""

    until: Micros
    comment: str


class Unshelved(msgspec.Struct, frozen=True, kw_only=True, tag="unshelved"):
    """Taken from the shelf. What is still there asks, whoever had acknowledged it before."""

    because: Literal["time", "severity", "person"]
    comment: str = ""


class Resolved(msgspec.Struct, frozen=True, kw_only=True, tag="resolved"):
    comment: str = ""
    disposition: Disposition = ""


class Reopened(msgspec.Struct, frozen=True, kw_only=True, tag="reopened"):
    """Closing it is taken back; it is as acknowledged as it was."""

    comment: str = ""


class Assigned(msgspec.Struct, frozen=True, kw_only=True, tag="assigned"):
    to: str
    """A user's name; empty: nobody's any more."""
    comment: str = ""


class Linked(msgspec.Struct, frozen=True, kw_only=True, tag="linked"):
    """It has to do with another alert; said of both."""

    other: str
    comment: str = ""


class Unlinked(msgspec.Struct, frozen=True, kw_only=True, tag="unlinked"):
    other: str
    comment: str = ""


class Joined(msgspec.Struct, frozen=True, kw_only=True, tag="joined"):
    """A person made it part of another alert, which goes on in its place."""

    into: str
    comment: str


class Parted(msgspec.Struct, frozen=True, kw_only=True, tag="parted"):
    """It is part of that one no more, and open again."""

    because: Literal["person", "severity"]
    """Severity: it is worse than when it was made a part, and asks, whoever has seen it before."""
    comment: str = ""


class Absorbed(msgspec.Struct, frozen=True, kw_only=True, tag="absorbed"):
    """Another alert is part of it from now on."""

    other: str
    comment: str = ""


class Released(msgspec.Struct, frozen=True, kw_only=True, tag="released"):
    """A person has taken that one out again."""

    other: str
    comment: str = ""


class Stepped(msgspec.Struct, frozen=True, kw_only=True, tag="stepped"):
    """A step of its runbook is ticked, or is not any more."""

    step: int
    """1, 2, 3 …"""
    done: bool
    runbook: int
    """Version of the runbook; 0: the default."""
    comment: str = ""


class Commented(msgspec.Struct, frozen=True, kw_only=True, tag="commented"):
    comment: str


AlertEvent = (
    Raised | Repeated | Amended | Returned | Merged | Unknown | Proven
    | Explained | Asked | Suppressed | Restored
    | Acknowledged | Withdrawn | Shelved | Unshelved | Resolved | Reopened | Assigned
    | Linked | Unlinked | Joined | Parted | Absorbed | Released | Stepped | Commented
)  # fmt: skip
TransitionKind = Literal[
    "raised", "repeated", "amended", "returned", "merged", "unknown", "proven",
    "explained", "asked", "suppressed", "restored",
    "acknowledged", "withdrawn", "shelved", "unshelved", "resolved", "reopened", "assigned",
    "linked", "unlinked", "joined", "parted", "absorbed", "released", "stepped", "commented",
]  # fmt: skip
"""Their tags."""


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an alert's history."""

    alert: str
    version: int
    """1, 2, 3 … within the alert."""
    time: Micros
    """Event time for what incidents cause, the time of the request for what people do."""
    event: AlertEvent
    actor: str = SYSTEM
    command: str = ""
    """The client's id of the request, so that a request sent twice is done once."""
    stalled_since: Micros | None = None
    """Where event time had stalled when an incident caused it; None: it went on."""


def number(
    alert: str,
    version: int,
    events: Iterable[AlertEvent],
    *,
    time: Micros,
    actor: str = SYSTEM,
    command: str = "",
    stalled_since: Micros | None = None,
) -> tuple[Transition, ...]:
    """Events as the transitions that follow on ``version``."""
    return tuple(
        Transition(
            alert=alert,
            version=n,
            time=time,
            event=event,
            actor=actor,
            command=command,
            stalled_since=stalled_since,
        )
        for n, event in enumerate(events, version + 1)
    )
