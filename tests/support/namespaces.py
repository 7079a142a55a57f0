"""Names and topics for one test after another: what a test did not touch the next one takes."""

from uuid import uuid4

import msgspec

from streams.kafka.broker import create_topics, delete_topics, limits, log_bytes
from streams.settings import Settings
from streams.topics import physical


class Namespaces:
    """On one broker; topics are most of what a test costs that publishes nothing."""

    def __init__(self) -> None:
        self._untouched: list[Settings] = []

    def take(self, settings: Settings) -> Settings:
        """With a namespace whose topics are there, and empty."""
        if self._untouched:
            return msgspec.structs.replace(settings, namespace=self._untouched.pop().namespace)
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
