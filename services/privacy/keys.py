"""Keys of pictures: one for each camera, day and purpose, in files that are not the database's.

    keys/live/2026-11-29.json    of a day (UTC): camera and purpose to the keys, the newest first

Each is sealed by the wrapping key in the secrets folder. What a key has sealed is gone, wherever
copies of it are, once the key is. Whenever one is destroyed the others are wrapped anew and the
wrapping key is replaced, so that copies of this folder open nothing either (decision 0055).
"""

import base64
import hashlib
import re
import secrets
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.events import Micros, to_datetime
from streams.sealing import Seal, SealError
from streams.secrets import write_secret
from streams.settings import Settings

Purpose = Literal["original", "masked"]
PURPOSES: tuple[Purpose, ...] = ("original", "masked")
_ID_BYTES, _NONCE_BYTES = 16, 12
_WRAPPING = "pictures"
_NUMBERED = re.compile(rf"{_WRAPPING}-(\d{{1,9}})")


class ErasedError(Exception):
    """The key is gone, and so is what it has sealed."""

    def __init__(self) -> None:
        super().__init__("erased, or kept no longer: its key is gone")


class Place(NamedTuple):
    """Where a picture belongs."""

    camera: str
    time: Micros
    sha256: str
    """Of the original."""

    @property
    def day(self) -> date:
        """UTC."""
        return day_of(self.time)


def day_of(time: Micros) -> date:
    return to_datetime(time).date()


class _Key(NamedTuple):
    id: bytes
    cipher: AESGCM


_Day = dict[str, list[str]]
"""Name of camera and purpose to its keys, wrapped."""


class KeyRing:
    """Safe to share between threads; one process of a namespace at a time writes.

    Raises, here and in each method:
        OSError: the folder cannot be read or written.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.folder = settings.state_dir / "keys" / settings.namespace
        self._open: dict[tuple[date, str], tuple[_Key, ...]] = {}
        self._lock = threading.RLock()

    def seal(self, place: Place, purpose: Purpose, picture: bytes) -> bytes:
        """The key's id, a nonce and the picture by AES-256-GCM; it opens in that place only."""
        with self._lock:
            day, name = place.day, _name(place.camera, purpose)
            key = (self._keys(day, name) or self._add(day, name))[0]
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return key.id + nonce + key.cipher.encrypt(nonce, picture, _of(place, purpose))

    def open(self, place: Place, purpose: Purpose, sealed: bytes) -> bytes:
        """
        Raises:
            ErasedError: its key is gone.
            SealError: it is another picture's, or damaged.
        """
        with self._lock:
            keys = self._keys(place.day, _name(place.camera, purpose))
        number, rest = sealed[:_ID_BYTES], sealed[_ID_BYTES:]
        for key in keys:
            if key.id == number:
                nonce, ciphered = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
                try:
                    return key.cipher.decrypt(nonce, ciphered, _of(place, purpose))
                except InvalidTag:
                    raise SealError("it is of another place, or damaged") from None
        raise ErasedError

    def renew(self, camera: str, day: date) -> None:
        """From now on other keys seal; the former ones open until they are dropped."""
        with self._lock:
            for purpose in PURPOSES:
                if self._keys(day, _name(camera, purpose)):
                    self._add(day, _name(camera, purpose))

    def drop_former(self, camera: str, day: date) -> None:
        """Keeps of each purpose the newest key: what is not sealed by that is gone."""
        with self._lock:
            names = {_name(camera, purpose) for purpose in PURPOSES}
            kept = self._read(day)
            self._write(day, {n: keys[:1] if n in names else keys for n, keys in kept.items()})
            self._wrap_anew()

    def destroy(self, camera: str, days: Iterable[date]) -> int:
        """How many of the camera's days had keys: all its pictures of them are gone."""
        names = {_name(camera, purpose) for purpose in PURPOSES}
        with self._lock:
            return self._drop({day: names & self._read(day).keys() for day in days})

    def expire(self, purpose: Purpose, before: date) -> int:
        """Destroys that purpose's keys of all cameras, of days before this one; of how many."""
        with self._lock:
            old = (day for day in self.days() if day < before)
            return self._drop(
                {day: {n for n in self._read(day) if n.endswith(f".{purpose}")} for day in old}
            )

    def days(self, camera: str | None = None) -> list[date]:
        """Of which there are keys, of a camera or any."""
        found = sorted(date.fromisoformat(path.stem) for path in self.folder.glob("*.json"))
        if camera is None:
            return found
        names = {_name(camera, purpose) for purpose in PURPOSES}
        return [day for day in found if names & self._read(day).keys()]

    # --- files ------------------------------------------------------------------------------------

    def _path(self, day: date) -> Path:
        return self.folder / f"{day.isoformat()}.json"

    def _read(self, day: date) -> _Day:
        try:
            return _DAY.decode(self._path(day).read_bytes())
        except FileNotFoundError:
            return {}

    def _write(self, day: date, keys: _Day) -> None:
        self._open.clear()
        if keys:
            write_secret(self._path(day), msgspec.json.encode(keys).decode())
        else:
            self._path(day).unlink(missing_ok=True)

    def _keys(self, day: date, name: str) -> tuple[_Key, ...]:
        """The newest first; none where they are gone."""
        if (day, name) not in self._open:
            seals = self._seals()
            found = (_unwrapped(line, seals) for line in self._read(day).get(name, ()))
            keys = tuple(_key(material) for material in found if material)
            if not keys:
                return ()
            self._open[day, name] = keys
        return self._open[day, name]

    def _add(self, day: date, name: str) -> tuple[_Key, ...]:
        new = secrets.token_bytes(_ID_BYTES) + AESGCM.generate_key(bit_length=256)
        there = self._read(day)
        seal = (self._seals() or [self._wrapping(1)])[0]
        self._write(day, {**there, name: [_wrapped(new, seal), *there.get(name, ())]})
        return self._keys(day, name)

    def _drop(self, names: dict[date, set[str]]) -> int:
        """How many days had any of them."""
        dropped = 0
        for day, those in names.items():
            if those:
                left = {n: keys for n, keys in self._read(day).items() if n not in those}
                self._write(day, left)
                dropped += 1
        if dropped:
            self._wrap_anew()
        return dropped

    # --- the wrapping key -------------------------------------------------------------------------

    def _numbers(self) -> list[int]:
        """Of the wrapping keys that are there, the newest last; there is more than one only where
        wrapping anew was interrupted."""
        folder = self._settings.secret(_WRAPPING).parent
        names = (path.name for path in folder.glob(f"{_WRAPPING}-*"))
        return sorted(int(found[1]) for name in names if (found := _NUMBERED.fullmatch(name)))

    def _wrapping(self, number: int) -> Seal:
        return Seal(self._settings, f"{_WRAPPING}-{number}")

    def _seals(self) -> list[Seal]:
        """The newest first."""
        return [self._wrapping(number) for number in reversed(self._numbers())]

    def _wrap_anew(self) -> None:
        """With a key that is new; the former is destroyed."""
        former, seals = self._numbers(), self._seals()
        fresh = self._wrapping((former or [0])[-1] + 1)
        for day in self.days():
            anew: _Day = {}
            for name, lines in self._read(day).items():
                keys = (_unwrapped(line, seals) for line in lines)
                anew[name] = [_wrapped(key, fresh) for key in keys if key]
            self._write(day, {name: lines for name, lines in anew.items() if lines})
        for number in former:
            self._settings.secret(f"{_WRAPPING}-{number}").unlink(missing_ok=True)


_DAY = msgspec.json.Decoder(_Day)


def _name(camera: str, purpose: Purpose) -> str:
    # A camera may be called anything; and a copy of the folder names none.
    return f"{hashlib.sha256(camera.encode()).hexdigest()[:32]}.{purpose}"


def _wrapped(key: bytes, seal: Seal) -> str:
    return seal.close(base64.b64encode(key).decode()).decode()


def _unwrapped(wrapped: str, seals: list[Seal]) -> bytes | None:
    """None where it was wrapped by a key that is gone: the file is a copy of former days."""
    for seal in seals:
        with suppress(SealError):
            return base64.b64decode(seal.open(wrapped.encode()))
    return None


def _key(material: bytes) -> _Key:
    return _Key(material[:_ID_BYTES], AESGCM(material[_ID_BYTES:]))


def _of(place: Place, purpose: Purpose) -> bytes:
    """What a sealed picture is bound to: in another place it does not open."""
    return "\n".join([purpose, place.camera, str(place.time), place.sha256]).encode()
