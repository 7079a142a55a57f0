"""Names and topics for one test after another: what a test did not touch, or was made meanwhile,
the next one takes."""

from uuid import uuid4

import msgspec

from streams.kafka.broker import create_topics, delete_topics, limits, log_bytes
from streams.settings import Settings
from streams.topics import physical


class Namespaces:
    """On one broker; topics are most of what a test costs that publishes nothing, and making them
    is most of what a test waits for that does.
    """

    def __init__(self) -> None:
        self._untouched: list[Settings] = []

    def take(self, settings: Settings) -> Settings:
        """With a namespace whose topics are there, and empty."""
        if self._untouched:
            return msgspec.structs.replace(settings, namespace=self._untouched.pop().namespace)
        return self._made(settings)

    def stock(self, settings: Settings) -> None:
        """Makes one for the next test, unless there is one; may run beside a test."""
        if not self._untouched:
            self._untouched.append(self._made(settings))

    @staticmethod
    def _made(settings: Settings) -> Settings:
        found = msgspec.structs.replace(settings, namespace=f"test{uuid4().hex[:8]}")
        create_topics(found)
        return found

    def give_back(self, settings: Settings) -> None:
        sizes = log_bytes(settings)
        prefix = physical(settings.namespace, "")
        there = {name: size for name, size in sizes.items() if name.startswith(prefix)}
        made = {physical(settings.namespace, topic) for topic in limits(settings)}
        if there.keys() == made and not any(there.values()):
            self._untouched.append(settings)
        else:
            delete_topics(settings)
