"""The connection to the MQTT broker: it is kept, and what comes is acknowledged when it is done."""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from models.files import read_file
from services.receiver.mqtt.mapping import Subscription, asked_for, includes, is_copy, numbers
from services.receiver.mqtt.messages import MOST_BYTES, Message
from services.receiver.mqtt.taking import Taking
from streams.settings import Settings

KEEPALIVE_SECONDS = 30
SESSION_SECONDS = 86_400
"""For so long the broker keeps what it could not deliver."""
MOST_OPEN = 200
"""Messages that are not acknowledged yet; of those that nobody sends again no more are waiting."""
FIRST_SECONDS, LONGEST_SECONDS = 1, 60
"""Between attempts to connect, twice as long each time."""
REFUSED = 128
"""Reason codes from here on are errors."""
LONGEST_PASSWORD = 2**16 - 1
"""As MQTT has it."""
HEADROOM = 2**16
"""Of a packet, beside its payload."""

log = logging.getLogger(__name__)


class LineError(ValueError):
    """The settings, or a file that they name, cannot be used; one line that says what to do."""


def certificates(settings: Settings) -> ssl.SSLContext | None:
    """By which the broker is known; None: it is spoken to in the clear. Raises LineError."""
    if urlsplit(settings.mqtt_broker).scheme != "mqtts":
        return None
    try:
        return ssl.create_default_context(cafile=settings.mqtt_ca or None)
    except (OSError, ValueError) as error:  # of which ssl.SSLError is one
        why = getattr(error, "strerror", None) or type(error).__name__
        raise LineError(
            f"CITYOPS_MQTT_CA={settings.mqtt_ca!r}: give a file with certificates (PEM): {why}"
        ) from None


def password(settings: Settings) -> str:
    """Empty: none. Raises LineError."""
    file = settings.secret("mqtt-password")
    try:
        found = read_file(file, LONGEST_PASSWORD).decode().strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise LineError(f"the secret mqtt-password cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LineError("the secret mqtt-password is no text in UTF-8: write it again") from None
    return found


class Line:
    """paho runs its own thread; what it hears goes on in the event loop.

    Raises:
        LineError
    """

    def __init__(
        self,
        settings: Settings,
        subscriptions: Sequence[Subscription],
        taking: Taking,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._subscriptions, self._taking, self._loop = subscriptions, taking, loop
        address = urlsplit(settings.mqtt_broker)
        self._host = address.hostname or ""
        self._port = address.port or (8883 if address.scheme == "mqtts" else 1883)
        self.problem = "it has not reached the MQTT broker yet"
        """Why nothing comes; empty: it is connected, and subscribed."""
        self._line = 0
        """How many connections have ended: what came by an earlier one cannot be acknowledged."""
        self._tasks = set[asyncio.Task[None]]()
        self._last: asyncio.Task[None] | None = None
        """The latest that is to be acknowledged, which is done in the order in which they came."""
        self._asked: dict[int, Subscription] = {}
        self._granted: list[Subscription] = []
        """Or asked for; in their order in the file."""
        self._refused = set[str]()
        self._numbers = numbers(subscriptions)
        self._numbered = False
        """Whether the broker takes them; one that does not ends the line."""
        self._newer = settings.mqtt_version == "5"
        name = f"cityops-{settings.namespace}"
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            clean_session=None if self._newer else False,
            protocol=MQTTProtocolVersion.MQTTv5 if self._newer else MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if settings.mqtt_user:
            self._client.username_pw_set(settings.mqtt_user, password(settings) or None)
        if (context := certificates(settings)) is not None:
            self._client.tls_set_context(context)
        self._client.reconnect_delay_set(FIRST_SECONDS, LONGEST_SECONDS)
        self._client.on_connect = self._connected
        self._client.on_connect_fail = self._failed
        self._client.on_disconnect = self._disconnected
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._came

    @property
    def detail(self) -> str:
        return self.problem or f"{self._host}:{self._port}, {len(self._subscriptions)} topics"

    def open(self) -> None:
        """Returns at once; connects when it can."""
        more: dict[str, Any] = {}
        if self._newer:
            asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            asked.SessionExpiryInterval = SESSION_SECONDS
            asked.ReceiveMaximum = MOST_OPEN
            asked.MaximumPacketSize = MOST_BYTES + HEADROOM
            more = {"clean_start": False, "properties": asked}
        self._client.connect_async(self._host, self._port, KEEPALIVE_SECONDS, **more)
        self._client.loop_start()

    async def close(self) -> None:
        """What is not done by then is sent again by the broker."""
        await asyncio.to_thread(self._end)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _end(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    # --- called by paho, in its thread --------------------------------------------------------

    def _connected(self, client: Any, _: Any, __: Any, reason: Any, told: Any) -> None:
        if reason.is_failure:
            self.problem = f"the MQTT broker refuses: {reason}"
            log.warning("%s", self.problem)
            return
        self.problem, self._asked = "it is not subscribed yet", {}
        self._granted, self._refused = [], set()
        self._numbered = bool(getattr(told, "SubscriptionIdentifierAvailable", self._newer))
        self._ask(client, self._subscriptions)
        log.info("connected to %s:%s", self._host, self._port)

    def _ask(self, client: Any, subscriptions: Sequence[Subscription]) -> None:
        before, self._granted = self._granted, asked_for(subscriptions)
        for one in self._granted:
            if one in before:
                continue
            given: Any = one.topic, one.qos
            named: Properties | None = None
            if self._newer:
                # What is retained comes when a subscription is new, not at each connection.
                new = SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
                given = one.topic, SubscribeOptions(one.qos, retainHandling=new)
            if self._numbered:
                named = Properties(PacketTypes.SUBSCRIBE)  # type: ignore[no-untyped-call]
                named.SubscriptionIdentifier = self._numbers[one.topic]
            _, number = client.subscribe(given, properties=named)
            self._asked[number] = one

    def _subscribed(self, client: Any, __: Any, number: int, reasons: Any, ___: Any) -> None:
        one = self._asked.pop(number, None)
        if one is not None and any(reason.value >= REFUSED for reason in reasons):
            # What lies within it may be granted.
            self._refused.add(one.topic)
            self._ask(client, [o for o in self._subscriptions if o.topic not in self._refused])
            self.problem = f"the MQTT broker refuses topic {one.topic!r}: {reasons[0]}"
            log.warning("%s", self.problem)
            return
        # A session that the broker has kept may have those within it, from an earlier file, or
        # release. Not before it is granted: until then what they bring comes by no other way.
        wide = "" if one is None else one.topic
        for narrow in self._subscriptions:
            if narrow.topic != wide and includes(wide, narrow.topic):
                client.unsubscribe(narrow.topic)
        if not self._asked and self.problem == "it is not subscribed yet":
            self.problem = ""

    def _failed(self, _: Any, __: Any) -> None:
        self.problem = f"no MQTT broker answers at {self._host}:{self._port}"

    def _disconnected(self, _: Any, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        self._line += 1
        if not self.problem.startswith("the MQTT broker refuses"):
            self.problem = f"the MQTT broker at {self._host}:{self._port} is away: {reason}"
        log.warning("%s", self.problem)

    def _came(self, _: Any, __: Any, one: paho.MQTTMessage) -> None:
        try:
            topic = one.topic
        except UnicodeDecodeError:  # which a broker should not pass on
            topic = ""
        told = getattr(one.properties, "SubscriptionIdentifier", ())
        copy = is_copy(self._granted, self._numbers, topic, told)
        message = Message(topic, bytes(one.payload), one.qos, one.retain, one.dup, copy)
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._begin, message, one.mid, self._line)

    # --- in the event loop --------------------------------------------------------------------

    def _begin(self, message: Message, number: int, line: int) -> None:
        if message.qos == 0 and len(self._tasks) >= MOST_OPEN:
            self._taking.counts["lost"] += 1
            return
        task = self._loop.create_task(self._take(message, number, line, self._last))
        if message.qos:
            self._last = task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(
        self, message: Message, number: int, line: int, before: asyncio.Task[None] | None
    ) -> None:
        try:
            done = await self._taking.take(message)
        except Exception:
            # Sent again, it would do the same again: it is said, and not asked for any more.
            log.exception("a fault while a message of %r was taken", message.topic)
            self._taking.counts["faults"] += 1
            done = True
        if not done or not message.qos:
            return
        if before is not None:
            await asyncio.wait([before])
        if line == self._line:
            self._client.ack(number, message.qos)
