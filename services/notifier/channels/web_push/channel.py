"""Pushes to somebody's browsers and telephones: RFC 8030, by RFC 8291 encrypted, by 8292 signed.

Not tried against a real push service: against a receiver of our own only, which decrypts and checks
as the RFCs say. A recipient's address is their name here: their devices are those that they have
turned it on in. A message is there once one of them has it; a device that fails for now is tried
once more. ``Topic`` is the idempotency key: what a push service still holds of it is replaced, and
what has come twice is shown once.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from services.notifier.channel import (
    BadConfigurationError,
    Device,
    FailedError,
    RefusedError,
    Way,
    Written,
)
from services.notifier.channels.web_push.encryption import encrypt
from services.notifier.channels.web_push.notice import notice, topic, urgent
from services.notifier.channels.web_push.subscription import Subscription, within
from services.notifier.channels.web_push.vapid import Pair, authorization, pair
from services.notifier.posting import exchange, judge
from streams.stamps import wall_clock

ADDRESSED = True
PUBLIC = False
FOLLOWS = False
DEVICES = True
"""Where people are reached they say themselves, in each browser."""
SERVICES = (
    "fcm.googleapis.com updates.push.services.mozilla.com web.push.apple.com notify.windows.com"
)
"""Of Chrome and Android, Firefox, Safari and iOS, Edge."""
TTL_SECONDS = 8 * 3600
"""For which a push service keeps it for a telephone that is off: as long as its links are good."""
GONE = frozenset({404, 410})
"""The push service says that a device is none any more (RFC 8030, 7.3)."""
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    contact: str = ""
    """``mailto:`` or ``https:`` of who is to be told where something is wrong; push services have
    it."""
    services: str = SERVICES
    """Hosts to which messages may go, with their subdomains, between spaces."""
    public_key: str = ""
    """Which browsers are told; made."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    private_key: str = ""
    """Made when it is empty; with another one every device has to be turned on again."""

    def __repr__(self) -> str:
        return "Secrets(…)"


class GoneError(RefusedError):
    """There is no such device any more."""


def asks(_: dict[str, str]) -> tuple[str, ...]:
    return ()


def check(configuration: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    contact = configuration.contact
    scheme, _, rest = contact.partition(":")
    if scheme not in ("mailto", "https") or not rest or not contact.isascii() or " " in contact:
        raise BadConfigurationError("contact: give mailto:NAME@HOST, or an https address")
    services = configuration.services.split()
    if not services or not all(map(_HOST.fullmatch, services)):
        raise BadConfigurationError(f"services: give names of hosts, such as {SERVICES}")
    try:
        keys = pair(secrets.private_key)
    except ValueError:
        raise BadConfigurationError("private_key: give base64url of 32 bytes") from None
    made = Configuration(contact=contact, services=" ".join(services), public_key=keys.public)
    return made, Secrets(private_key=keys.private)


def keeps(_before: Configuration, _after: Configuration) -> bool:
    """The key is sent nowhere."""
    return True


def check_address(address: str) -> str:
    """A person's name; with ``/`` and its id, one of their devices."""
    if not address.strip() or not address.isprintable():
        raise BadConfigurationError("address: give the name of a user who has turned it on")
    return address.strip()


def send(way: Way, written: Written) -> None:
    person, _, only = way.address.partition("/")
    devices = [one for one in way.devices.of(person) if only in ("", one.id)]
    if not devices:
        raise RefusedError("no device of theirs is turned on")
    missing = [one for one in devices if one.taken != way.key]
    outcomes = _all(way, missing, notice(written, way.key), urgent(written)) if missing else []
    again, said, wait = False, "", 0.0
    for one, outcome in zip(missing, outcomes, strict=True):
        if outcome is None:
            way.devices.took(one.id, way.key)
        elif isinstance(outcome, GoneError):
            way.devices.ended(one.id, str(outcome))
        else:
            # Of one that is refused no other try is asked for.
            again = again or (isinstance(outcome, FailedError) and one.failed != way.key)
            way.devices.failed(one.id, way.key, str(outcome))
        if isinstance(outcome, FailedError):  # of several the longest
            wait = max(wait, outcome.wait_seconds)
        said = said or ("" if outcome is None else str(outcome))
    if again:
        raise FailedError(said, wait)
    if None in outcomes or len(missing) < len(devices):
        return
    if any(isinstance(outcome, FailedError) for outcome in outcomes):
        raise FailedError(said, wait)
    raise RefusedError(f"no device of theirs has it: {said}")


def _all(
    way: Way, devices: Sequence[Device], body: bytes, urgent: bool
) -> list[FailedError | RefusedError | None]:
    """To each at once: one that is slow holds up no other; None: it has it."""

    def one(device: Device) -> FailedError | RefusedError | None:
        try:
            _push(way, device, body, urgent)
        except (FailedError, RefusedError) as error:
            return error
        except BadConfigurationError as error:
            return RefusedError(str(error))
        return None

    with ThreadPoolExecutor(len(devices), thread_name_prefix="pushing") as pool:
        return list(pool.map(one, devices))


def _push(way: Way, device: Device, body: bytes, urgent: bool) -> None:
    where: Configuration = way.configuration
    if not device.address:
        raise RefusedError("it was sealed with a key that is not here: turn it on again")
    there = Subscription.read(device.address)
    if not within(there.endpoint, where.services):
        raise RefusedError("it is at no push service that the channel names")
    keys = Pair(way.secrets.private_key, where.public_key)
    headers = {
        "Authorization": authorization(keys, there.endpoint, where.contact, wall_clock()),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL_SECONDS),
        "Topic": topic(way.key),
        "Urgency": "high" if urgent else "normal",
    }
    encrypted = encrypt(body, there.key, there.secret)
    answer = exchange(way.connector, there.endpoint, encrypted, headers, most=0)
    if answer.status in GONE:
        raise GoneError(f"the push service says that it is no more ({answer.status})")
    judge(answer)
