"""Keeps the audit log going beside the service: what was spooled goes to the database, its head to
the anchors, what is too old away.

Changes write their line themselves, in their own transaction. Everything else is on disk before it
is answered, and in the database about a second later; acts alike are counted in between.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
from psycopg_pool import PoolTimeout

from services.audit import keeping, log
from services.audit.anchors import Anchors, anchor, folder_of
from services.audit.chain import Head
from services.audit.entry import Entry, tidied
from services.audit.heralds import Heralds
from services.audit.log import Connection
from services.audit.repeats import Repeats
from services.audit.spool import Spool, UnrecordedError
from streams.events import Micros
from streams.settings import Settings

LOOK_SECONDS = 1.0
TELL_SECONDS = 60.0
"""How often the log and the webhook are told."""
CUT_SECONDS = 3600.0
JOIN_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Recorder:
    """Of one process, with a thread of its own; ``note`` may be called from any."""

    def __init__(
        self,
        settings: Settings,
        connection: Callable[[], AbstractContextManager[Connection]],
        now: Callable[[], Micros],
    ) -> None:
        """``connection``: one in autocommit; ``now``: event time as it should be."""
        folder = folder_of(settings)
        self._connection, self._now = connection, now
        self._days = settings.audit_retention_days
        self._anchors, self._spool = Anchors(folder), Spool(folder)
        self._heralds = Heralds(settings)
        self._repeats, self._counting = Repeats(), threading.Lock()
        self._lost = 0
        """Lines that could be kept nowhere, and that no line tells yet."""
        self._anchored: Head | None = None
        self._told: Head | None = None
        self._tell_at, self._cut_at = 0.0, 0.0
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self.problem = ""
        """What is wrong with it, in a sentence; empty: nothing."""

    @property
    def said(self) -> str:
        """What is wrong, for who reads the status; empty: nothing."""
        webhook = self._heralds.problem
        found = (self.problem, f"its webhook is not told ({webhook})" if webhook else "")
        said = "; ".join(filter(None, found))
        return f"audit log: {said}" if said else ""

    def start(self) -> None:
        self._thread.start()
        self._own("start")

    def close(self) -> None:
        """What is counted is written."""
        if self._thread.is_alive():
            self._own("stop")
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(JOIN_SECONDS)

    def note(self, entry: Entry) -> None:
        """Keeps a line, or counts it with others alike; on disk when it returns.

        Raises:
            UnrecordedError: it can be kept nowhere. It is counted as lost.
        """
        with self._counting:
            line = self._repeats.take(entry, time.monotonic())
        if line is not None:
            self._keep(line)
            self._wake.set()

    def changed(self) -> None:
        """The log has a line more: its head is to be anchored."""
        self._wake.set()

    def _own(self, verb: str) -> None:
        now = self._now()
        line = Entry(time=now, last=now, means="system", action=f"audit:{verb}")
        with contextlib.suppress(UnrecordedError):  # the loss is said
            self._keep(line)

    def _keep(self, entry: Entry) -> None:
        try:
            self._spool.add(tidied(entry))
        except UnrecordedError:
            with self._counting:
                self._lost += entry.times
            raise

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            self._step()
            self._stop.wait(LOOK_SECONDS / 5)  # many acts become one transaction
        self._flush(float("inf"))
        self._step()

    def _step(self) -> None:
        try:
            self._flush(time.monotonic())
            self._move()
            self._anchor()
            self._cut()
            self.problem = ""
        except (psycopg.Error, PoolTimeout) as error:
            self._fail(f"the database does not take it: {_first_line(error)}")
        except OSError as error:
            self._fail(f"its folder cannot be written: {error}")
        except Exception as error:
            logger.exception("audit log")
            self._fail(f"a fault: {type(error).__name__}")

    def _fail(self, said: str) -> None:
        if not self.problem:
            logger.warning("audit log: %s", said)
        self.problem = said

    def _flush(self, steady: float) -> None:
        with self._counting:
            lines = self._repeats.due(steady)
        for line in lines:
            try:
                self._keep(line)
            except UnrecordedError as error:
                self._fail(str(error))

    def _move(self) -> None:
        while True:
            taken = self._spool.take()
            with self._counting:
                lost, self._lost = self._lost, 0
            entries = taken.entries
            if lost + taken.damaged:
                entries = [*entries, self._losses(lost, taken.damaged)]
            if not entries:
                self._spool.drop(taken.files)
                return
            try:
                with self._connection() as connection, connection.transaction():
                    log.append(connection, entries)
            except BaseException:
                with self._counting:
                    self._lost += lost
                raise
            self._spool.drop(taken.files)

    def _losses(self, lost: int, damaged: int) -> Entry:
        said = f"{lost} could not be kept, {damaged} were damaged on disk"
        now = self._now()
        return Entry(
            time=now,
            last=now,
            times=max(1, lost + damaged),
            means="system",
            action="audit:lose",
            outcome="failed",
            reason="lost",
            detail=said,
        )

    def _anchor(self) -> None:
        with self._connection() as connection:
            head = log.newest(connection)
        if not head.sequence:
            return
        if head != self._anchored:
            self._anchors.add(anchor(head, self._now()))
            self._anchored = head
        if head != self._told and (self._stop.is_set() or time.monotonic() >= self._tell_at):
            self._tell_at = time.monotonic() + TELL_SECONDS
            self._heralds.tell(anchor(head, self._now()))
            self._told = head

    def _cut(self) -> None:
        if self._stop.is_set() or time.monotonic() < self._cut_at:
            return
        self._cut_at = time.monotonic() + CUT_SECONDS
        with self._connection() as connection:
            if keeping.cut(connection, self._anchors, self._now(), self._days):
                self._wake.set()


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
