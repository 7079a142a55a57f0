"""Whether the audit log is what was written: each line, the chain, its ends and its anchors."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from services.audit.anchors import Anchor, Anchored
from services.audit.chain import FORM, HASH_BYTES, Head, Line, hash_of
from services.audit.log import CUT

Fault = Literal[
    "changed", "missing", "moved", "cut", "rewritten", "replaced", "unanchored", "unreadable"
]
MOST = 20
"""Findings that are told; the first of them says where to look."""


class Finding(NamedTuple):
    fault: Fault
    line: int
    """Its sequence; 0: no single one."""
    said: str
    """In a sentence."""


class Verdict(NamedTuple):
    findings: list[Finding]
    first: int
    """Sequence of the oldest line; 0: there is none."""
    last: int
    anchors: int
    """Of this log, that its lines were compared with."""
    damaged_anchors: int
    head: Head
    """The newest line that an anchor confirms and before which none says otherwise."""
    restores: list[Anchor]
    """What somebody has said of lines that are gone."""

    @property
    def restorable(self) -> bool:
        """Whether a restore of the database explains all that is found."""
        return {one.fault for one in self.findings} <= {"cut", "rewritten", "replaced"}

    @property
    def whole(self) -> bool:
        return not self.findings

    @property
    def said(self) -> str:
        """In one line."""
        if self.findings:
            more = len(self.findings) - 1
            return self.findings[0].said + (f" (and {more} more findings)" if more else "")
        if not self.last:
            return "the audit log is empty"
        lost = [
            f"; {one.by} says that lines after {one.sequence:,} were lost by a restore ({one.time})"
            for one in self.restores
        ]
        return (
            f"the audit log is whole: lines {self.first:,} to {self.last:,}, as"
            f" {self.anchors:,} anchors outside the database have them{''.join(lost)}"
        )


def verify(lines: Iterable[Line], anchored: Anchored) -> Verdict:
    """Args:
    lines: every line that is stored, in order.
    anchored: read before them, so that no anchor is of a line that came later.
    """
    check = _Check(anchored)
    for line in lines:
        check.take(line)
    return check.verdict()


class _Check:
    """Looks at line after line."""

    def __init__(self, anchored: Anchored) -> None:
        self._anchored = anchored
        self._findings: list[Finding] = []
        self._first: Line | None = None
        self._before: Line | None = None
        self._log = ""
        self._cut = ""
        """Which log it is, as a line about a cut says."""
        self._hashes: dict[int, str] = {}
        """Of lines that some anchor names."""
        self._named = {one.sequence for one in anchored.anchors}

    def take(self, line: Line) -> None:
        before, self._before = self._before, line
        if before is None:
            self._first = line
        elif line.sequence != before.sequence + 1:
            self._gap(before.sequence + 1, line.sequence - 1)
        elif line.previous != before.hash:
            said = f"line {line.sequence:,} does not follow line {before.sequence:,}"
            self._find("moved", line.sequence, f"{said}: one of them is not what was written")
        if line.form != FORM:
            said = f"line {line.sequence:,} has a form that this release does not know"
            self._find("unreadable", line.sequence, said)
        elif line.hash != hash_of(line.previous, line.sequence, line.entry):
            self._find("changed", line.sequence, f"line {line.sequence:,} was changed")
        if line.entry.action == CUT:
            self._cut = line.entry.subject
        if line.sequence in self._named:
            self._hashes[line.sequence] = line.hash.hex()

    def _gap(self, first: int, last: int) -> None:
        if last < first:
            self._find("moved", first, f"line {first:,} stands there more than once")
            return
        one = first == last
        lines = f"line {first:,} is" if one else f"lines {first:,} to {last:,} are"
        self._find("missing", first, f"{lines} missing")

    def _find(self, fault: Fault, line: int, said: str) -> None:
        if len(self._findings) < MOST:
            self._findings.append(Finding(fault, line, said))

    def verdict(self) -> Verdict:
        first, last = self._first, self._before
        log = "" if first is None else first.previous.hex() if first.sequence == 1 else self._cut
        self._start(log)
        named = [one for one in self._anchored.anchors if one.log == log]
        restores = [one for one in named if one.event == "restore"]
        own = [one for one in named if not _lost(one, restores)]
        self._heads(own, last.sequence if last else 0, first.sequence if first else 1)
        self._others(log)
        if last and not own and not self._findings:
            said = "the lines follow each other, but no anchor outside the database confirms them"
            self._find("unanchored", 0, said)
        return Verdict(
            self._findings,
            first.sequence if first else 0,
            last.sequence if last else 0,
            len(own),
            self._anchored.damaged,
            self._confirmed(log, own, first.sequence if first else 1),
            restores,
        )

    def _confirmed(self, log: str, own: list[Anchor], first: int) -> Head:
        known = [one for one in own if one.sequence in self._hashes]
        wrong = min((one.sequence for one in known if self._differs(one)), default=None)
        right = [one for one in known if wrong is None or one.sequence < wrong]
        newest = max(right, key=lambda one: one.sequence, default=None)
        if newest is None:
            return Head(log, first - 1, bytes(HASH_BYTES))
        return Head(log, newest.sequence, bytes.fromhex(newest.hash))

    def _start(self, log: str) -> None:
        """Whether the oldest lines were removed by retention, and no others."""
        first = self._first
        if first is None or first.sequence == 1:
            return
        gone = first.sequence - 1
        cuts = [one for one in self._anchored.anchors if one.event == "cut" and one.log == log]
        if not any(one.sequence == gone and one.hash == first.previous.hex() for one in cuts):
            said = f"lines up to {gone:,} are missing, and not because they were too old"
            self._find("missing", 1, said)

    def _heads(self, own: list[Anchor], last: int, first: int) -> None:
        wrong = next(
            (one for one in _in_order(own) if first <= one.sequence <= last and self._differs(one)),
            None,
        )
        if wrong is not None and not any(
            each.line <= wrong.sequence and each.fault != "rewritten" for each in self._findings
        ):
            right = max(
                (one.sequence for one in own if one.sequence < wrong.sequence), default=first - 1
            )
            said = (
                f"lines {right + 1:,} to {wrong.sequence:,} were written anew after"
                f" {wrong.time}, when line {wrong.sequence:,} was another"
            )
            self._find("rewritten", right + 1, said)
        newest = max(own, key=lambda one: one.sequence, default=None)
        if newest is not None and newest.sequence > last:
            lines = f"{last + 1:,} to {newest.sequence:,}"
            said = f"the end is cut off: lines {lines} stood there at {newest.time}"
            self._find("cut", last + 1, said)

    def _differs(self, one: Anchor) -> bool:
        return self._hashes.get(one.sequence, one.hash) != one.hash

    def _others(self, log: str) -> None:
        """Logs that were there before this one: somebody must have reset them."""
        ended: dict[str, tuple[int, bool, str]] = {}
        for one in self._anchored.anchors:
            most, reset, time = ended.get(one.log, (0, False, ""))
            ended[one.log] = (max(most, one.sequence), reset or one.event == "reset", one.time)
        for name, (most, reset, time) in ended.items():
            if name != log and not reset:
                said = f"another log, of {most:,} lines, stood there at {time}, and is gone"
                self._find("replaced", 0, said)


def _lost(one: Anchor, restores: Iterable[Anchor]) -> bool:
    """Whether the line is one of which somebody has said that a restore has lost it."""
    return any(one.sequence > each.sequence and one.time < each.time for each in restores)


def _in_order(anchors: Iterable[Anchor]) -> Iterator[Anchor]:
    return iter(sorted(anchors, key=lambda one: one.sequence))
