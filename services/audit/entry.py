"""One line of the audit log: who did what, when, from where and why.

Bodies of requests and secrets never enter one; a change says which fields it concerns.
"""

from typing import Literal
from uuid import uuid4

import msgspec

from streams.events import Micros

Means = Literal["browser", "command line", "api", "token", "system"]
"""How somebody acts; ``system``: CityOps itself does."""
Outcome = Literal["done", "refused", "failed"]
"""``refused``: they may not; ``failed``: it could not be done."""

LONGEST = {"subject": 200, "why": 500, "detail": 1000}
"""Characters of what others have written; more is cut off."""
_LONGEST = 100


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What is said, before it has a place in the chain."""

    time: Micros
    """Event time as it should have been: this machine's clock may be wrong."""
    last: Micros
    """Of the last of ``times`` acts alike; else as ``time``."""
    times: int = 1
    """How many acts alike the line stands for."""
    actor: str = ""
    """A user's name, or ``machine``; empty: nobody that is known."""
    role: str = ""
    means: Means
    label: str = ""
    """Of the token, or the program that signed in."""
    address: str = ""
    """Network address; empty: this machine itself."""
    action: str
    """``noun:verb``"""
    subject: str = ""
    """What it was done to."""
    outcome: Outcome = "done"
    reason: str = ""
    """A word: why it was refused or failed."""
    why: str = ""
    """What the actor gave as a reason, where one is asked for."""
    detail: str = ""
    """Which fields of the subject, and what else is to be known."""
    id: str = msgspec.field(default_factory=lambda: uuid4().hex)
    """Of this line: moved to the database twice, it stands there once."""

    def alike(self) -> tuple[str, ...]:
        """What acts have in common that one line stands for."""
        return (
            *(self.actor, self.role, self.means, self.label, self.address),
            *(self.action, self.subject, self.outcome, self.reason),
        )


def tidied(entry: Entry) -> Entry:
    """With texts that the database can hold, none of them too long."""
    texts = {
        name: _text(value, LONGEST.get(name, _LONGEST))
        for name, value in msgspec.structs.asdict(entry).items()
        if isinstance(value, str)
    }
    return msgspec.structs.replace(entry, **texts)


def _text(text: str, longest: int) -> str:
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\ufffd")
    return text if len(text) <= longest else text[: longest - 1] + "…"
