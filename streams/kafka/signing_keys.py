"""The keys that inputs are signed with, in the secrets folder: one part reads each file.

``signing-NAME`` holds a signer's keys, the newest first; ``verifying-NAME`` what one verifier has
to know of all whose messages it reads. The latter follow from the former.
"""

import fcntl
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from streams.kafka.access import SIGNERS
from streams.kafka.signers import VERIFIERS
from streams.secrets import write_secret
from streams.settings import Settings

RETIRED_KEPT = 20
"""Keys that sign no more; what they have signed is still verified, for recordings of it."""
UNSIGNED = "unsigned-inputs"

Until = dict[str, int]
"""``topic/partition`` (logical topic) to the first offset at which it does not hold any more."""


class Key(msgspec.Struct, frozen=True):
    """What a signature is made with."""

    id: str
    secret: bytes
    until: Until | None = None
    """None: it holds for whatever comes."""


class Unsigned(msgspec.Struct, frozen=True):
    """Up to where messages without a signature count: earlier releases did not sign."""

    topics: str
    """Identifiers of those that the offsets are of; others were made by a release that signs."""
    until: Until


class Verifying(msgspec.Struct, frozen=True):
    """What a verifier knows."""

    keys: dict[str, tuple[Key, ...]]
    """By signer, the newest first."""
    unsigned: Until


def signing(settings: Settings, signer: str) -> Path:
    return settings.secret(f"signing-{signer}")


def verifying(settings: Settings, account: str) -> Path:
    return settings.secret(f"verifying-{account}")


def keys_of(path: Path) -> tuple[Key, ...]:
    """A signer's keys, the newest first.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is none of these.
    """
    try:
        found = msgspec.json.decode(path.read_bytes(), type=tuple[Key, ...])
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not found:
        raise ValueError(f"{path} holds no key")
    return found


def verifying_of(path: Path) -> Verifying:
    """Raises OSError and ValueError as ``keys_of``."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Verifying)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None


def unsigned(settings: Settings) -> Unsigned | None:
    """What was fixed when this installation began to sign; None: it has not. Raises OSError."""
    try:
        return msgspec.json.decode(settings.secret(UNSIGNED).read_bytes(), type=Unsigned)
    except FileNotFoundError:
        return None


def fix_unsigned(settings: Settings, fixed: Unsigned) -> None:
    """From these offsets on everything has to be signed. Raises OSError."""
    write_secret(settings.secret(UNSIGNED), msgspec.json.encode(fixed).decode())


def make(settings: Settings) -> None:
    """A key for each signer that has none, and what follows for verifiers.

    Raises:
        OSError: a file cannot be read or written.
        ValueError: one is damaged.
    """
    with _alone(settings):
        for signer in SIGNERS:
            if not signing(settings, signer).exists():
                _write(signing(settings, signer), (new_key(),))
        hand_out(settings)


def new_key() -> Key:
    return Key(secrets.token_hex(4), secrets.token_bytes(32))


def hand_out(settings: Settings, instead: Mapping[str, tuple[Key, ...]] | None = None) -> None:
    """Tells verifiers of all keys; files that say so already stay. Raises as ``make``.

    Args:
        instead: keys of signers that do not have them yet.
    """
    keys = {signer: keys_of(signing(settings, signer)) for signer in SIGNERS} | dict(instead or {})
    fixed = unsigned(settings)
    for account, signers in VERIFIERS.items():
        known = Verifying(
            {signer: keys[signer] for signer in signers}, fixed.until if fixed else {}
        )
        path, text = verifying(settings, account), msgspec.json.encode(known).decode()
        if not path.exists() or path.read_text().strip() != text:
            write_secret(path, text)


def renew(settings: Settings, signer: str, until: Until) -> Key:
    """A new key; the one before it holds on, those before that only ``until``.

    Verifiers are told first, so that nothing is signed with what they do not know; whoever is
    interrupted may just begin again. Raises as ``make``.
    """
    with _alone(settings):
        newest, *older = keys_of(signing(settings, signer))
        key = new_key()
        keys = (key, newest, *(_ended(each, until) for each in older))[: 2 + RETIRED_KEPT]
        _tell(settings, signer, keys)
    return key


def revoke(settings: Settings, signer: str, until: Until) -> None:
    """All keys but the newest hold only ``until``. Raises as ``make``."""
    with _alone(settings):
        newest, *older = keys_of(signing(settings, signer))
        _tell(settings, signer, (newest, *(_ended(each, until) for each in older)))


def bound(settings: Settings, ends: Until) -> None:
    """Keys that hold up to an offset hold no further than the topics go now.

    Offsets of topics made anew begin again, and a revoked key would count again. ``make`` is to
    follow, which tells verifiers. Raises as ``make``.
    """
    with _alone(settings):
        for path in (signing(settings, signer) for signer in SIGNERS):
            if path.exists():
                keys = keys_of(path)
                if keys != (less := tuple(_within(each, ends) for each in keys)):
                    _write(path, less)


def _within(key: Key, ends: Until) -> Key:
    if key.until is None:
        return key
    until = {place: min(offset, ends.get(place, 0)) for place, offset in key.until.items()}
    return msgspec.structs.replace(key, until=until)


def _tell(settings: Settings, signer: str, keys: tuple[Key, ...]) -> None:
    hand_out(settings, {signer: keys})
    _write(signing(settings, signer), keys)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One process at a time: the file of a verifier is of all signers, and the last would win."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    with (settings.state_dir / "signing.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _ended(key: Key, until: Until) -> Key:
    return key if key.until is not None else msgspec.structs.replace(key, until=until)


def _write(path: Path, keys: tuple[Key, ...]) -> None:
    write_secret(path, msgspec.json.encode(keys).decode())
