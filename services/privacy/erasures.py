"""Pictures of a camera and time are erased: the order, what it reaches, and what it does not.

First it is on record, so that nothing it names is kept any more; then the keys go, with which every
copy of the database loses them; then the frames leave Kafka. An order that was interrupted is given
again: what is erased already is passed over.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from services.privacy.keys import PURPOSES, ErasedError, Place, day_of
from services.privacy.vault import SQL, Connection, Vault, key_of
from streams.events import Micros, from_datetime, to_datetime
from streams.kafka import erasing
from streams.kafka.clients import BrokerAwayError
from streams.sealing import SealError
from streams.settings import Settings


class Order(msgspec.Struct, frozen=True):
    camera: str
    after: Micros
    until: Micros
    """Before which."""


class Reached(msgspec.Struct, frozen=True):
    """What an order has erased. Days are of UTC."""

    pictures: int
    """Of the evidence."""
    days: tuple[str, ...]
    """Whose keys were destroyed whole."""
    parts: tuple[str, ...]
    """Of which the rest was sealed anew."""
    frames: int
    """Messages with the camera's frames that left Kafka."""
    frames_left: int
    """The same that are still there, as not everybody has read them: give the order again."""
    dead_letters: int
    """Frames that could not be used."""
    others: int
    """Other messages that left Kafka with them."""
    away: str = ""
    """Why nothing left Kafka: give the order again; empty: it answered."""


class Given(msgspec.Struct, frozen=True):
    """An order as it is on record."""

    id: int
    order: Order
    actor: str
    reason: str
    ordered_at: Micros
    reached: Reached | None
    """None: it was interrupted."""


def erase(
    connection: Connection,
    vault: Vault,
    settings: Settings,
    order: Order,
    *,
    actor: str,
    reason: str,
    read: Mapping[int, int],
) -> Given:
    """Carries out an order.

    Args:
        connection: in autocommit.
        read: of the topic of frames, partition to the first message that not everybody has read.

    Raises:
        OSError: the keys cannot be written.
    """
    span = {"after": to_datetime(order.after), "until": to_datetime(order.until)}
    who = {"source": order.camera, "actor": actor, "reason": reason}
    row = connection.execute(SQL["erasure_add"], {**span, **who}).fetchone()
    number = row[0] if row else 0
    pictures, days, parts = _pictures(connection, vault, order)
    frames, letters, away = erasing.Erased(), erasing.Erased(), ""
    try:
        frames = erasing.frames(settings, order.camera, order.after, order.until, read)
        letters = erasing.dead_letters(settings, order.camera, order.after, order.until)
    except BrokerAwayError as error:
        away = str(error)
    reached = Reached(
        pictures,
        tuple(day.isoformat() for day in days),
        tuple(day.isoformat() for day in parts),
        frames.frames,
        frames.left,
        letters.frames,
        frames.others + letters.others,
        away,
    )
    said = msgspec.json.encode(reached).decode()
    connection.execute(SQL["erasure_reached"], {"id": number, "reached": said})
    return next(given for given in orders(connection) if given.id == number)


def orders(connection: Connection, limit: int = 200) -> list[Given]:
    """The newest first."""
    rows = connection.execute(SQL["erasures_list"], {"limit": limit})
    return [
        Given(
            number,
            Order(source, from_datetime(after), from_datetime(until)),
            actor,
            reason,
            from_datetime(ordered_at),
            msgspec.json.decode(reached, type=Reached) if reached else None,
        )
        for number, source, after, until, actor, reason, ordered_at, reached in rows
    ]


def _pictures(
    connection: Connection, vault: Vault, order: Order
) -> tuple[int, list[date], list[date]]:
    """How many pictures; days erased whole; days of which the rest was sealed anew."""
    first, last = day_of(order.after), day_of(order.until - 1)
    touched = [day for day in vault.keys.days(order.camera) if first <= day <= last]
    parts = [day for day in touched if not _is_whole(day, order)]
    days = [day for day in touched if day not in parts]
    for day in parts:
        vault.keys.renew(order.camera, day)
        with connection.transaction():
            _seal_anew(connection, vault, order, day)
    span = {"after": to_datetime(order.after), "until": to_datetime(order.until)}
    dropped = connection.execute(SQL["pictures_erase"], {"source": order.camera, **span}).rowcount
    for day in parts:
        vault.keys.drop_former(order.camera, day)
    vault.keys.destroy(order.camera, days)
    return dropped, days, parts


def _is_whole(day: date, order: Order) -> bool:
    first, last = _span(day)
    return order.after <= from_datetime(first) and from_datetime(last) <= order.until


def _span(day: date) -> tuple[datetime, datetime]:
    first = datetime.combine(day, time(), UTC)
    return first, first + timedelta(days=1)


def _seal_anew(connection: Connection, vault: Vault, order: Order, day: date) -> None:
    """What the order does not name."""
    first, last = _span(day)
    of_day = {"source": order.camera, "first": first, "last": last}
    for taken, sha256, *sealed in connection.execute(SQL["pictures_of_day"], of_day).fetchall():
        place = Place(order.camera, from_datetime(taken), sha256)
        if order.after <= place.time < order.until:
            continue
        anew: dict[str, bytes | None] = {}
        for purpose, old in zip(PURPOSES, sealed, strict=True):
            anew[purpose] = None
            if old is not None:
                try:
                    opened = vault.keys.open(place, purpose, bytes(old))
                except (ErasedError, SealError):
                    continue  # nobody could open it before either
                anew[purpose] = vault.keys.seal(place, purpose, opened)
        connection.execute(SQL["picture_sealed"], {**key_of(place), **anew})
