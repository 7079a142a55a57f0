"""Asks an address again and again, and hands over what it says: the readings to Kafka, the rest to
the dead letters.
"""

import asyncio
import hashlib
import logging
import random
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor

from services.notifier.connecting import Connector
from services.poller.answers import rows_of
from services.poller.fetching import FetchError, Known, fetch
from services.poller.mapping import Address
from services.receiver import packs
from services.receiver.check import Checked, checked
from services.receiver.following import Following
from services.receiver.handing import UNPUBLISHABLE, hand_over
from services.receiver.letters import Letters
from services.receiver.outlet import Outlet
from services.receiver.rows import Refused
from services.web.problems import ProblemError
from streams.events import DeadLetter
from streams.stamps import StampClock

PART = "poller"
LONGEST_SECONDS = 3_600.0
"""After failures: between two questions, unless the period is longer."""
RETRY_SECONDS = 1.0
_TOKEN = re.compile(r"[!-~]+")

log = logging.getLogger(__name__)


class Asking:
    """Of one address; in the event loop, but the question itself."""

    def __init__(
        self,
        address: Address,
        connector: Connector,
        following: Following,
        outlet: Outlet,
        clock: StampClock,
        *,
        letters: Letters,
        counts: Counter[str],
        token: Callable[[str], str],
        threads: Executor,
    ) -> None:
        """Args:
        threads: in which is waited for answers.
        """
        self.address = address
        self._threads = threads
        self._connector, self._token = connector, token
        self._following, self._outlet, self._clock = following, outlet, clock
        self._letters, self._counts = letters, counts
        self._known, self._hash = Known(), b""
        self._failures = 0
        self.problem = ""
        """Why its last answer is of no use; empty: it is."""

    async def run(self) -> None:
        """For ever."""
        # Not all at once, also where many have the same period.
        await asyncio.sleep(random.random() * min(self.address.period, 5.0))
        while True:
            try:
                wait = await self.ask()
            except Exception:  # of ours: the address is not given up for it
                log.exception("a fault while an answer of %s was taken", self.address.host)
                self._counts["faults"] += 1
                wait = self._failed("a fault of the poller: its log says more")
            await asyncio.sleep(wait)

    async def ask(self) -> float:
        """Asks once; in how many seconds to ask again."""
        try:
            loop = asyncio.get_running_loop()
            body, known = await loop.run_in_executor(self._threads, self._fetch)
        except (FetchError, OSError) as error:
            wait = error.wait_seconds if isinstance(error, FetchError) else 0.0
            return self._failed(str(error), wait)
        self._failures, self.problem = 0, ""
        self._counts["answers"] += 1
        digest = hashlib.sha256(body or b"").digest()
        if body is not None and not (digest == self._hash and self.address.time):
            await self._hand_over(body)
            self._hash = digest
        # Only now: what Kafka does not have is not "as it was".
        self._known = known
        return self.address.period

    def _fetch(self) -> tuple[bytes | None, Known]:
        token = self._token(self.address.token) if self.address.token else ""
        if self.address.token and not _TOKEN.fullmatch(token):
            why = "give one line of ASCII without spaces"
            raise FetchError(f"the secret polled-{self.address.token} is no token: {why}")
        return fetch(self._connector, self.address.url, self._known, token)

    def _failed(self, why: str, wait: float = 0.0) -> float:
        """In how many seconds to ask again."""
        self._counts["failed"] += 1
        self._failures += 1
        self.problem = f"{self.address.host}: {why}"
        log.warning("%s", self.problem)
        longest = max(LONGEST_SECONDS, self.address.period)
        later = self.address.period * 2.0 ** min(self._failures, 20)
        return min(max(later, wait), longest)

    async def _hand_over(self, body: bytes) -> None:
        while (known := self._following.known) is None:
            await asyncio.sleep(RETRY_SECONDS)
        now = await asyncio.to_thread(self._clock.now)
        try:
            rows = await asyncio.to_thread(rows_of, self.address, body)
            covers = self.address.covers
            found = await asyncio.to_thread(checked, rows, covers, known, now, "address")
        except ProblemError as problem:
            found = Checked([], [Refused(-1, problem.reason, problem.detail)])
        groups = packs.grouped(found.readings)
        stamps = [await asyncio.to_thread(self._clock.stamp, PART) for _ in groups]
        published = packs.packed(groups, stamps)
        # Without its query, where some have a key.
        whence = "url", self.address.url.partition("?")[0]
        letter = self._letters.of(found.refused, known, now, whence, body)

        def spoilt(why: str) -> DeadLetter | None:
            refused = [Refused(-1, UNPUBLISHABLE, why)]
            return self._letters.of(refused, known, now, whence, body)

        if await hand_over(self._outlet, published, letter, spoilt) == "spoilt":
            self._counts.update(refused=len(found.readings) + len(found.refused))
            return
        self._counts.update(accepted=len(found.readings), refused=len(found.refused))
