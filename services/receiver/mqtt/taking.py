"""What becomes of one message: it is acknowledged once Kafka has what is in it, or why it is
refused.
"""

import asyncio
import hashlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Sequence

from services.receiver import packs
from services.receiver.following import Following
from services.receiver.handing import UNPUBLISHABLE, hand_over
from services.receiver.letters import Letters
from services.receiver.mqtt.mapping import Subscription
from services.receiver.mqtt.messages import Found, Message, found_in, mapped, without_time
from services.receiver.outlet import Outlet
from services.receiver.rows import Refused
from streams.events import DeadLetter, Readings
from streams.stamps import StampClock

PART = "mqtt"
RETRY_SECONDS = 1.0
REMEMBERED = 10_000
"""Messages without times, which nothing else would know if they came again."""

log = logging.getLogger(__name__)


class Taking:
    """Everything in one event loop."""

    def __init__(
        self,
        subscriptions: Sequence[Subscription],
        following: Following,
        outlet: Outlet,
        clock: StampClock,
    ) -> None:
        self._subscriptions = subscriptions
        self._following, self._outlet, self._clock = following, outlet, clock
        self._before: OrderedDict[bytes, None] = OrderedDict()
        self.counts = Counter[str]()
        self._letters = Letters(PART, self.counts)
        self._arriving = asyncio.Lock()
        """Who came first is told first when that was: threads would answer in any order."""

    @property
    def problem(self) -> str:
        return self._following.problem or self._outlet.problem

    async def take(self, message: Message) -> bool:
        """Whether it is done with, and can be acknowledged: else nobody sends it again, and it is
        lost, which is counted. Waits for Kafka as long as it takes where the broker keeps it.
        """
        if message.copy:
            self.counts["copies"] += 1
            return True
        self.counts["messages"] += 1
        found = mapped(self._subscriptions, message.topic)
        if found is None:  # of a subscription that was in the file before
            self.counts["unmapped"] += 1
            return True
        if not message.payload:  # that is how what the broker retains is taken away
            self.counts["empty"] += 1
            return True
        digest = hashlib.sha256(f"{message.topic}\0".encode() + message.payload).digest()
        if message.again and digest in self._before:
            self.counts["repeated"] += 1
            return True
        while (known := self._following.known) is None:
            if message.qos == 0:
                return self._lost()
            await asyncio.sleep(RETRY_SECONDS)
        async with self._arriving:
            now = await asyncio.to_thread(self._clock.now)
        what = await asyncio.to_thread(found_in, message, *found, known, now)
        published = await asyncio.to_thread(self._packed, what)
        whence = "mqtt_topic", message.topic
        letter = self._letters.of(what.refused, known, now, whence, message.payload)

        def spoilt(why: str) -> DeadLetter | None:
            refused = [Refused(-1, UNPUBLISHABLE, why)]
            return self._letters.of(refused, known, now, whence, message.payload)

        patient = message.qos > 0
        became = await hand_over(self._outlet, published, letter, spoilt, patient=patient)
        if became == "away":
            return self._lost()
        if became == "spoilt":
            self.counts.update(refused=len(what.readings) + len(what.refused))
            return True
        if without_time(what.readings):
            self._before[digest] = None
            while len(self._before) > REMEMBERED:
                self._before.popitem(last=False)
        self.counts.update(
            accepted=len(what.readings), refused=len(what.refused), retained=what.left_out
        )
        return True

    def _lost(self) -> bool:
        self.counts["lost"] += 1
        return False

    def _packed(self, found: Found) -> list[Readings]:
        """Stamped once: what is sent again is known by its stamps."""
        groups = packs.grouped(found.readings)
        return packs.packed(groups, [self._clock.stamp(PART) for _ in groups])
