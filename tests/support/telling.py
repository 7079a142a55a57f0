"""The ``score`` stage with a gateway that tells of things one by one; what accounts say of it."""

from collections.abc import Iterable
from typing import Any, Self

from streams.accounts.ledger import Ledger
from streams.events import SECOND, Event, Micros, Tick
from streams.stage import Position
from streams.stages.score import Score
from streams.topics import READINGS
from tests.support.loops import Driver, controls
from tests.support.measured import Row, pack


class Telling(Driver):
    """Time goes on as far as it is told; ``reloads``: the state goes through its stored form after
    each event."""

    def __init__(self, gateway: str, changes: Iterable[Any], start: Micros, step: Micros) -> None:
        """``step``: from tick to tick, where none is given."""
        super().__init__(Score({}, 1))
        self.gateway, self.now, self.step = gateway, start, step
        self.sequence, self.reloads = 0, False
        self.ledger = Ledger()
        self.feed(*controls(changes, time=start), Tick(start))

    def feed(self, *events: Event) -> Self:
        for event in events:
            result = self.stage.step(self.state, event, Position(READINGS, 0, self.offset))
            self.state.update(result.changes)
            self.outputs += result.outputs
            self.ledger.add(result.accounts)
            self.offset += 1
            if self.reloads:
                self.reload()
        return self

    def send(self, *rows: Row) -> Self:
        self.sequence += 1
        return self.feed(pack(self.gateway, rows, self.sequence, self.now + self.sequence))

    def back(self, by: Micros) -> Self:
        """Event time goes back: what it was meanwhile was wrong."""
        last, self.now = self.now, self.now - by
        return self.feed(Tick(self.now, wrong_since=self.now + SECOND, wrong_until=last))

    def until(self, time: Micros, step: Micros = 0) -> Self:
        while self.now < time:
            self.now = min(self.now + (step or self.step), time)
            self.feed(Tick(self.now))
        return self

    def balanced(self) -> bool:
        sums = self.ledger.sums
        return sums.received == sums.known + self.stage.waiting(self.state)
