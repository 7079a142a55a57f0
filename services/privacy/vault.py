"""Pictures that alerts rest on, in the database: sealed, masked, and let go in time.

What is kept is ciphertext, in the table and in every copy of it; the keys are files of their own
(``services/privacy/keys.py``). A picture is sealed as it comes, and masked soon after: who raises
an alert does not wait for that.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import psycopg

from models.labels import CLASSES
from services.privacy.keys import ErasedError, KeyRing, Place
from services.privacy.masker import Masked, Masker
from services.privacy.masks import NOTHING, Seen
from streams import queries
from streams.cameras import pictures
from streams.events import BadMessage, Micros, Origin, from_datetime, to_datetime
from streams.sealing import SealError
from streams.settings import Settings

Connection = psycopg.Connection[Any]

SQL = {name: query.sql for name, query in queries.load(Path(__file__).parent / "sql").items()}
BATCH = 20
_SEEN = msgspec.json.Decoder(list[tuple[float, float, float, float, int]])

log = logging.getLogger(__name__)


class Row(NamedTuple):
    """A picture as it is kept, sealed."""

    origin: Origin
    seen: Seen
    original: bytes | None
    masked: bytes | None
    whole: str
    clear: bool = False
    """By an earlier release: ``original`` is not sealed."""


class Vault:
    """Args: keys: of the namespace; masker: for what is shown.

    Raises, in each method that opens or seals:
        OSError: the keys cannot be read or written.
    """

    def __init__(self, keys: KeyRing, masker: Masker) -> None:
        self.keys, self.masker = keys, masker

    @classmethod
    def from_settings(cls, settings: Settings) -> "Vault":
        return cls(KeyRing(settings), Masker.from_settings(settings))

    def keep(
        self, connection: Connection, place: Place, origin: Origin, jpeg: bytes, seen: Seen
    ) -> None:
        """Seals a picture; ``seen`` is what the evidence names."""
        sealed = self.keys.seal(place, "original", jpeg)
        row = {"origin": origin, "seen": _told(seen), "original": sealed}
        connection.execute(SQL["picture_add"], {**key_of(place), **row})

    def find(self, connection: Connection, place: Place) -> Row | None:
        """As it is kept; None: it is not."""
        found = connection.execute(SQL["picture_get"], key_of(place)).fetchone()
        if found is None:
            return self._former(connection, place)
        origin, seen, original, masked, whole = found
        return Row(
            origin,
            _seen(seen),
            None if original is None else bytes(original),
            None if masked is None else bytes(masked),
            whole or "",
        )

    def shown(self, place: Place, row: Row) -> Masked | None:
        """As people see it; None: nothing of it is left.

        Raises:
            ErasedError, SealError: it does not open any more.
            BadMessage: it is no picture.
        """
        if row.masked is not None:
            jpeg = self.keys.open(place, "masked", row.masked)
            return Masked(pictures.decode(jpeg), row.whole)
        original = self.original(place, row)
        return None if original is None else self.masker.mask(original, row.origin, row.seen)

    def original(self, place: Place, row: Row) -> bytes | None:
        """As the camera sent it; None: it is kept no longer. Raises as ``shown``."""
        if row.original is None or row.clear:
            return row.original
        return self.keys.open(place, "original", row.original)

    def count(self, connection: Connection) -> tuple[int, int, int, Micros | None]:
        """Pictures; those whose original is kept; those that wait to be masked; when the oldest was
        taken, None where there is none."""
        row = connection.execute(SQL["pictures_kept"]).fetchone()
        pictures, originals, waiting, oldest = row or (0, 0, 0, None)
        return pictures, originals, waiting, None if oldest is None else from_datetime(oldest)

    # --- in time ----------------------------------------------------------------------------------

    def mask_waiting(self, connection: Connection) -> int:
        """Masks what nobody has masked yet; how many pictures. Those wait for which there is no
        detector: one may be fetched."""
        # Nearly always none waits, and to say which detector there is takes reading about models.
        waiting = connection.execute(SQL["origins_waiting"]).fetchall()
        there = [origin for (origin,) in waiting if self.masker.model(origin)]
        if not there:
            return 0
        rows = connection.execute(
            SQL["pictures_waiting"], {"origins": there, "limit": BATCH}
        ).fetchall()
        for source, taken, sha256, origin, seen, original in rows:
            place = Place(source, from_datetime(taken), sha256)
            try:
                jpeg = self.keys.open(place, "original", bytes(original))
                masked = self.masker.mask(jpeg, origin, _seen(seen))
            except (ErasedError, SealError, BadMessage) as error:
                log.warning("a picture of %s can be shown to nobody: %s", source, error)
                connection.execute(SQL["picture_drop"], key_of(place))
                continue
            sealed = self.keys.seal(place, "masked", masked.jpeg())
            row = {"masked": sealed, "masked_whole": masked.whole}
            connection.execute(SQL["picture_masked"], {**key_of(place), **row})
        return len(rows)

    def seal_former(self, connection: Connection) -> int:
        """Seals what earlier releases kept in the clear, and drops it there; how many pictures."""
        there = [row[0] for row in connection.execute(SQL["clear_any"])]
        if not there:
            return 0
        named = connection.execute(SQL["clear_named"]).fetchall()
        with connection.transaction():
            for sha256, source, time, origin, boxes in named:
                found = connection.execute(SQL["clear_get"], {"sha256": sha256}).fetchone()
                if found is not None:
                    place = Place(source, time, sha256)
                    self.keep(connection, place, origin, bytes(found[0]), _former(boxes))
            connection.execute(SQL["clear_drop"], {"sha256s": there})
        return len(there)

    def prune(self, connection: Connection, settings: Settings, now: datetime) -> int:
        """Lets go of what is past its time, the newest evidence too; how many pictures.

        Args:
            now: event time, from which age is measured.
        """
        originals = now - timedelta(days=settings.original_retention_days)
        shown = now - timedelta(days=settings.picture_retention_days)
        connection.execute(SQL["originals_prune"], {"before": originals})
        dropped = connection.execute(SQL["pictures_prune"], {"before": shown}).rowcount
        dropped += connection.execute(SQL["unshown_prune"]).rowcount
        # With their keys, copies of the database lose them as well.
        self.keys.expire("original", originals.date())
        self.keys.expire("masked", shown.date())
        return dropped

    def _former(self, connection: Connection, place: Place) -> Row | None:
        """What an earlier release kept, and ``seal_former`` has not come to yet."""
        found = connection.execute(SQL["clear_get"], {"sha256": place.sha256}).fetchone()
        # Of what origin is not known here, so it is taken for real.
        return None if found is None else Row("live", NOTHING, bytes(found[0]), None, "", True)


def key_of(place: Place) -> dict[str, Any]:
    taken = to_datetime(place.time)
    return {"source": place.camera, "taken": taken, "sha256": place.sha256}


def _told(seen: Seen) -> str:
    boxes = zip(seen.boxes.tolist(), seen.classes.tolist(), strict=True)
    return msgspec.json.encode([[*box, kind] for box, kind in boxes]).decode()


def _seen(told: str) -> Seen:
    boxes = _SEEN.decode(told)
    edges = np.array([box[:4] for box in boxes], np.float64).reshape(-1, 4)
    return Seen(edges, np.array([box[4] for box in boxes], np.uint8))


class _FormerBox(msgspec.Struct):
    x0: float
    y0: float
    x1: float
    y1: float
    label: str


def _former(boxes: str | None) -> Seen:
    """From the evidence of an alert."""
    named = msgspec.json.decode(boxes or "[]", type=list[_FormerBox])
    edges = np.array([[b.x0, b.y0, b.x1, b.y1] for b in named], np.float64).reshape(-1, 4)
    kinds = [CLASSES.index(b.label) if b.label in CLASSES else 0 for b in named]
    return Seen(edges, np.array(kinds, np.uint8))
