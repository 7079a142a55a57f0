"""Where cameras' pictures come from: the table, in which whole addresses are sealed.

The gateway reads it, and whoever adds a camera writes it. Connections must be in autocommit.
"""

from typing import Any, NamedTuple

import psycopg

from streams.configuration.address import without_credentials
from streams.configuration.log import remove_credentials
from streams.sealing import CAMERA_ADDRESSES, Seal, SealError
from streams.settings import Settings

Connection = psycopg.Connection[Any]

DEFAULT_FPS = 5.0
_SHOWN = "source, address, fps, loop, verified"


class CameraAddress(NamedTuple):
    """Where a camera's pictures come from, credentials included; never printed, never logged."""

    source: str
    address: str
    """Empty: it was sealed with a key that is not here."""
    fps: float = DEFAULT_FPS
    loop: bool = False
    verified: bool = True
    """False: its certificate is not looked at."""

    def __repr__(self) -> str:
        return f"CameraAddress({self.source!r}, …)"


def put(connection: Connection, settings: Settings, camera: CameraAddress, public: str) -> None:
    """Stores it, or what has changed of it; ``public`` is what people may see of its address."""
    sealed = (
        Seal(settings, CAMERA_ADDRESSES).close(camera.address) if public != camera.address else None
    )
    connection.execute(
        "INSERT INTO camera_addresses (source, address, fps, loop, verified, sealed)"
        " VALUES (%s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (source) DO UPDATE SET address = excluded.address, fps = excluded.fps,"
        " loop = excluded.loop, verified = excluded.verified, sealed = excluded.sealed",
        (*camera._replace(address=public), sealed),
    )


def remove(connection: Connection, camera: str) -> None:
    """Forgets it, with its credentials."""
    connection.execute("DELETE FROM camera_addresses WHERE source = %s", (camera,))


def shown(connection: Connection) -> dict[str, CameraAddress]:
    """Of the cameras that the gateway reads, without credentials."""
    rows = connection.execute(f"SELECT {_SHOWN} FROM camera_addresses")
    return {row[0]: CameraAddress(*row) for row in rows}


def addresses(connection: Connection, settings: Settings) -> dict[str, CameraAddress]:
    """Of the cameras that the gateway reads, credentials included."""
    rows = connection.execute(f"SELECT {_SHOWN}, sealed FROM camera_addresses")
    found = {}
    for *public, sealed in rows:
        camera = CameraAddress(*public)
        if sealed is not None:
            camera = camera._replace(address=_opened(settings, sealed))
        found[camera.source] = camera
    return found


def _opened(settings: Settings, sealed: bytes) -> str:
    try:
        return Seal(settings, CAMERA_ADDRESSES).open(sealed)
    except SealError:
        return ""


def seal_stored(connection: Connection, settings: Settings) -> int:
    """Seals what an earlier release has stored in the clear, and takes it out of the control log.

    What was in the clear is no longer in the tables' files afterwards; it may be in backups, in the
    database's own log of the last changes until that is written over, and, where it stood in odd
    places of an address, in Kafka's topics until those messages are too old to be kept. Returns how
    many rows had any.
    """
    with connection.transaction():
        rows = connection.execute(
            f"SELECT {_SHOWN} FROM camera_addresses WHERE sealed IS NULL FOR UPDATE"
        ).fetchall()
        cameras = [CameraAddress(*row) for row in rows]
        open_ones = [one for one in cameras if without_credentials(one.address) != one.address]
        for camera in open_ones:
            put(connection, settings, camera, without_credentials(camera.address))
    cleaned = remove_credentials(connection)
    if open_ones:
        connection.execute("VACUUM FULL camera_addresses")
    if cleaned:
        connection.execute("VACUUM FULL control_log")
    return len(open_ones) + cleaned
