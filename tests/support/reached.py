"""The broker, for a client that a test makes without the product's factory."""

from typing import Any

import msgspec

from streams.kafka.access import OWNER, access
from streams.settings import Settings


def reached(settings: Settings) -> dict[str, Any]:
    """Options of kafka-python; where there are accounts as the owner, who may do anything."""
    owner = msgspec.structs.replace(settings, kafka_user=OWNER)
    return {"bootstrap_servers": settings.bootstrap, **access(owner).options()}
