"""Collections of assets that come in several requests, as one is larger than a body may be.

In memory only: what is begun and not ended is forgotten, and nothing has been changed by it.
"""

import threading
import time
from typing import Any, NamedTuple

from services.api.problems import ProblemError
from streams.configuration.geojson import Described, insist_on_few, read

MOST_PARTS = 64
MOST_AT_ONCE = 2
KEPT_SECONDS = 300.0


class Part(NamedTuple):
    """Which part of which upload a request is."""

    upload: str
    of: int
    number: int
    """From 1."""


class _Begun(NamedTuple):
    part: Part
    """The last that has come."""
    described: list[Described]
    since: float


class Uploads:
    """One for each user, and few at once; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[str, _Begun] = {}

    def add(self, user: str, part: Part, collection: Any) -> list[Described] | None:
        """All that has come of the upload, once this is the last of its parts; None: it is not.

        A first part takes the place of what the user had begun before.

        Raises:
            streams.configuration.geojson.GeoJsonError: the part cannot be read.
            ProblemError: it is not the part that is to come, or too many people upload now.
        """
        now = time.monotonic()
        with self._lock:
            self._begun = {
                who: one for who, one in self._begun.items() if now - one.since < KEPT_SECONDS
            }
            begun = self._begun.pop(user, None)
            if part.number == 1:
                begun = _Begun(part._replace(number=0), [], now)
            if begun is None or begun.part._replace(number=begun.part.number + 1) != part:
                at = f"part {part.number} of {part.of}"
                raise ProblemError(409, "no_upload", f"{at} is not what is to come: begin again")
            if part.number < part.of and len(self._begun) >= MOST_AT_ONCE:
                raise ProblemError(503, "busy", "others upload assets now: try again in a minute")
        come = [*begun.described, *read(collection, first=len(begun.described))]
        insist_on_few(len(come))
        if part.number == part.of:
            return come
        with self._lock:
            self._begun[user] = _Begun(part, come, begun.since)
        return None
