"""The life of one alarm, written down a second time, from ISA-18.2 and docs/alarm-life.md alone.

It knows nothing of transitions: plain facts that change in place. Whatever random commands do to
alerts, the two must agree.
"""

from dataclasses import dataclass, field

MINUTE = 60
HOUR = 60 * MINUTE
RANK = {"low": 1, "high": 3, "critical": 4}
LIMIT = {"low": 12 * HOUR, "high": 4 * HOUR, "critical": HOUR}
HOLD = 30 * MINUTE
SAME = 10 * MINUTE


@dataclass
class Model:
    """Times in seconds."""

    there: set[str] = field(default_factory=set)
    severity: str = ""
    subject: str = ""
    begins: list[int] = field(default_factory=list)
    """Of one subject, one after the other."""
    heard: int = 0
    seen: tuple[int, str] | None = None
    """When it was acknowledged, and how severe it was then."""
    closed: bool = False
    shelf: tuple[int, str] | None = None
    """Until when it is shelved, and how severe it was then."""
    quiet: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    """Kind and end of what suppresses it."""
    undo: str = ""
    count: int = 0
    part: str = ""
    """Of what it is part: how severe it was then."""
    opened: int = 0
    """When it was opened again."""

    @property
    def aside(self) -> bool:
        return not self.closed and bool(self.shelf or self.quiet)

    @property
    def state(self) -> str:
        if self.closed:
            return "resolved"
        kinds = {kind for kind, _ in self.quiet.values()}
        if kinds:
            return "out_of_service" if "out_of_service" in kinds else "suppressed"
        if self.shelf:
            return "shelved"
        if self.there:
            return "acknowledged" if self.seen else "unacknowledged"
        return "normal" if self.seen else "returned_unacknowledged"

    def pass_to(self, now: int) -> None:
        """Everything that time brings, the earliest first."""
        while not self.closed:
            ends = [(end, 0, name) for name, (_, end) in self.quiet.items() if end is not None]
            if self.shelf:
                ends.append((self.shelf[0], 1, ""))
            if self.seen and self.there and not self.aside:
                ends.append((max(self.seen[0], self.opened) + LIMIT[self.severity], 2, ""))
            ends = [one for one in ends if one[0] <= now]
            if not ends:
                return
            _, what, name = min(ends)
            self.undo = ""
            if what == 0:
                del self.quiet[name]
            elif what == 1:
                self.shelf = None
            if self.there and not self.aside:
                self.seen = None

    def takes(self, start: int) -> bool:
        """Whether what begins then is the same alert again; what it is part of stays open."""
        if self.part:
            return True
        if (self.there or self.aside) and not self.closed:
            return True
        return start - self.heard <= SAME

    def begin(self, name: str, now: int, start: int, severity: str, subject: str) -> None:
        others = self.there or subject != self.subject
        begins = [start] if others else [*self.begins, start][-3:]
        flaps = len(begins) == 3 and begins[2] - begins[0] <= 5 * MINUTE
        if self.part and RANK[severity] <= RANK[self.part]:
            pass
        elif self.closed:
            self.closed, self.seen, self.part = False, None, ""
        elif self.aside:
            if self.shelf and not self.quiet and RANK[severity] > RANK[self.shelf[1]]:
                self.shelf = self.seen = None
        elif self.seen:
            since, known = start - self.seen[0], self.seen[1]
            other = severity == "critical" and subject != self.subject
            if (
                RANK[severity] > RANK[known]
                or since > LIMIT[severity]
                or (not flaps and (other or since > HOLD))
            ):
                self.seen = None
        self.there.add(name)
        self.severity, self.subject, self.begins = severity, subject, begins
        self.heard, self.undo = max(self.heard, now), ""
        self.count += 1

    def end(self, name: str, now: int) -> None:
        self.there.discard(name)
        self.heard, self.undo = max(self.heard, now), ""

    def suppress(self, name: str, kind: str, end: int | None) -> None:
        if not self.closed:
            self.quiet[name] = kind, end
            self.undo = ""

    def restore(self, name: str) -> None:
        if not self.closed and self.quiet.pop(name, None):
            self.undo = ""
            if self.there and not self.aside:
                self.seen = None

    def do(self, action: str, now: int, minutes: int = 0) -> bool:
        """Whether it is done, or refused."""
        if action == "undo":
            return self._undo(now)
        if action == "comment":
            self.undo = "comment"
            return True
        if action == "reopen":
            if not self.closed or self.part:
                return False
            self.closed, self.opened = False, now
        elif action == "split":
            if not self.part:
                return False
            self.closed, self.opened, self.part = False, now, ""
        elif action == "unshelve":
            if not self.shelf:
                return False
            self._unshelve()
        elif self.closed:
            return False
        elif action == "acknowledge":
            if self.seen:
                return False
            self.seen = now, self.severity
        elif action == "shelve":
            if self.shelf or not 5 <= minutes <= 12 * 60:
                return False
            self.shelf = now + minutes * MINUTE, self.severity
        elif action == "merge":
            if RANK[self.severity] > RANK["high"]:
                return False
            self.closed, self.shelf, self.quiet, self.part = True, None, {}, self.severity
        elif action == "resolve":
            self.seen = self.seen or (now, self.severity)
            self.closed, self.shelf, self.quiet = True, None, {}
        self.undo = action
        return True

    def _unshelve(self) -> None:
        self.shelf = None
        if self.there and not self.aside:
            self.seen = None

    def _undo(self, now: int) -> bool:
        if self.undo == "acknowledge":
            self.seen = None
        elif self.undo == "resolve":
            self.closed, self.opened = False, now
        elif self.undo == "merge":
            self.closed, self.opened, self.part = False, now, ""
        elif self.undo == "shelve":
            self._unshelve()
        else:
            return False
        self.undo = "undo"
        return True
