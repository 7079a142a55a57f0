"""What is to be done about alerts of a kind, step by step, in both languages. Pure.

A runbook is Markdown in which lines that begin with ``- [ ]`` are steps to be ticked, as many in
Vietnamese as in English. Each kind has a default, made of its own words.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

import msgspec

from services.alerts.alert import Alert
from services.alerts.transitions import Disposition
from streams.events import SEVERITIES, Severity
from streams.kinds.kind import Kind, Watches
from streams.words import Words

LONGEST = 10_000
MOST_STEPS = 30
MOST_CONTACTS = 20
NOTHING: frozenset[Disposition] = frozenset({"false", "test", "duplicate"})
"""Of what was nothing, there is nothing to be done."""
_STEP = re.compile(r"^\s*[-*] \[[ xX]?\]\s+(\S.*)$")


class RunbookError(ValueError):
    """No runbook to go by; the message is one line and says what is wrong."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    phone: str = ""
    note: str = ""


class Runbook(msgspec.Struct, frozen=True, kw_only=True):
    vi: str
    """Markdown."""
    en: str
    contacts: tuple[Contact, ...] = ()


class Step(NamedTuple):
    number: int
    """1, 2, 3 …"""
    words: Words


def steps_of(text: str) -> list[str]:
    """Its steps, in order."""
    found = (_STEP.match(line) for line in text.splitlines())
    return [one[1].strip() for one in found if one]


def steps(book: Runbook) -> list[Step]:
    both = zip(steps_of(book.vi), steps_of(book.en), strict=True)
    return [Step(number, Words(vi, en)) for number, (vi, en) in enumerate(both, 1)]


def prose(text: str) -> str:
    """What stands beside the steps."""
    return "\n".join(line for line in text.splitlines() if not _STEP.match(line)).strip()


def check(book: Runbook) -> Runbook:
    """As it is given; raises RunbookError."""
    for language, text in (("vi", book.vi), ("en", book.en)):
        if not text.strip() or len(text) > LONGEST:
            raise RunbookError(f"{language}: give 1 to {LONGEST:,} characters")
    vi, en = len(steps_of(book.vi)), len(steps_of(book.en))
    if vi != en:
        raise RunbookError(f"vi has {vi} steps and en has {en}: give as many in both")
    if vi > MOST_STEPS:
        raise RunbookError(f"give {MOST_STEPS} steps at most")
    if len(book.contacts) > MOST_CONTACTS:
        raise RunbookError(f"contacts: give {MOST_CONTACTS} at most")
    return book


def open_steps(alert: Alert, number: int) -> list[int]:
    """Which of so many steps nobody has ticked."""
    return [step for step in range(1, number + 1) if step not in alert.steps]


def demanded(severity: Severity, from_severity: str) -> bool:
    """Whether the site has an alert closed only with all steps ticked.

    Args:
        from_severity: at least; empty: it demands nothing.
    """
    if not from_severity:
        return False
    ranks: list[str] = list(SEVERITIES)
    return ranks.index(severity) >= ranks.index(from_severity)


def unsaid(alert: Alert, disposition: Disposition, comment: str) -> str:
    """What is lacking for it to be closed as nothing, without the steps that the site demands: so
    that nobody goes around them by a word. Empty: nothing, or it is not said to be nothing."""
    if disposition == "duplicate" and not alert.links:
        return "link the alert of which it is a duplicate, or tick the steps"
    if disposition in ("false", "test") and not comment.strip():
        return "say in a comment how you know that, or tick the steps"
    return ""


Look = Literal["picture", "chart", "source", "system", "parts"]
_LOOKS: dict[Look, Words] = {
    "picture": Words(
        "Xem ảnh bằng chứng và hình trực tiếp: sự việc còn không, có người bị nạn không?",
        "Look at the evidence and the live picture: is it still there, is anybody hurt?",
    ),
    "chart": Words(
        "Xem biểu đồ và các cảm biến lân cận: giá trị có hợp lý không?",
        "Look at the chart and at sensors near by: can the values be right?",
    ),
    "source": Words(
        "Xem những gì phụ thuộc vào nguồn này và nguồn mà nó phụ thuộc: cái nào hỏng trước?",
        "Look at what depends on it, and on what it depends: which failed first?",
    ),
    "system": Words(
        "Xem trạng thái hệ thống (cityops status): bộ phận nào không khỏe?",
        "Look at the state of the system (cityops status): which part is not well?",
    ),
    "parts": Words(
        "Xem các sự cố và số liệu dẫn đến cảnh báo này: còn đúng không?",
        "Look at the incidents and figures that led to it: do they still hold?",
    ),
}
_CALL = Words(
    "Báo cho người phụ trách; giao cảnh báo cho người xử lý.",
    "Tell whoever is responsible; assign the alert to who sees to it.",
)
_CLOSE = Words(
    "Khi đã xong, đóng cảnh báo và ghi rõ đó là gì.",
    "Once it is done, close the alert and say what it was.",
)


def _look(kind: Kind) -> Look:
    if kind.watches.in_pictures:
        return "picture"
    if kind.watches is Watches.READINGS:
        return "chart"
    if kind.watches is Watches.SOURCE:
        return "source"
    # What the system says by itself of the city is not about the system.
    return "system" if kind.category == "dataQuality" else "parts"


def default(kind: Kind) -> Runbook:
    """Of what the kind says itself: its response, and what it leads to."""
    parts = [_LOOKS[_look(kind)], kind.response, _CALL, _CLOSE]
    return Runbook(
        vi=_text(kind.name.vi, kind.consequence.vi, (part.vi for part in parts)),
        en=_text(kind.name.en, kind.consequence.en, (part.en for part in parts)),
    )


def _text(name: str, consequence: str, steps_: Iterable[str]) -> str:
    listed = "\n".join(f"- [ ] {' '.join(step.split())}" for step in steps_)
    return f"# {name}\n\n{consequence}\n\n{listed}\n"
