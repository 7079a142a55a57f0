"""Browsers and telephones in which somebody has turned web push on, and when that ends.

It outlives a session that runs out, as nobody is signed in who sleeps. Whoever is signed out by
somebody is told there no more: by themselves in that browser, by another person who signs in in it,
and everywhere when all of their sessions are ended, they choose another password, or are disabled.
"""

from typing import NamedTuple

from services.alerts.store import Connection
from services.api.auth import not_signed_in
from services.api.problems import ProblemError
from services.api.queries import SQL
from services.notifier import stored
from services.notifier.channel import BadConfigurationError
from services.notifier.channels.web_push.channel import Configuration
from services.notifier.channels.web_push.subscription import Subscription
from services.notifier.registry import turned_on
from services.notifier.stored import StoredChannel
from streams.secrets import hash_of
from streams.settings import Settings

MOST = 8
"""Devices that one person has at a time."""
TEST_SECONDS = 10.0
"""Between two tests of a device."""


class Turning(NamedTuple):
    """What somebody asks for in a browser."""

    user: str
    session: str
    channel: StoredChannel
    name: str
    language: str
    browser: str
    """The cookie by which it is known."""
    subscription: Subscription


def channels(connection: Connection) -> list[StoredChannel]:
    """Those that can be turned on, by name: not those that are public, as who reads them would be
    known by name."""
    return [
        one
        for one in stored.channels(connection).values()
        if turned_on(one.type) and not one.public
    ]


def no_channel(name: str) -> ProblemError:
    return ProblemError(404, "no_channel", f"there is no channel {name!r} to turn on")


def turn_on(connection: Connection, settings: Settings, asked: Turning) -> None:
    """From now on its user is told there, before their other addresses unless somebody has said
    otherwise; within a transaction. What the browser was turned on for before, by whoever, is over.

    Raises:
        ProblemError
    """
    given = asked.subscription
    try:
        host = given.check(Configuration(**asked.channel.configuration).services)
    except BadConfigurationError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    name, channel = asked.user, asked.channel.name
    # Whoever ends the session ends what is turned on, and must not miss what is about to be.
    if connection.execute(SQL["device_session"], {"session": asked.session}).fetchone() is None:
        raise not_signed_in()
    connection.execute(SQL["devices_lock"])
    if connection.execute(SQL["device_channel"], {"channel": channel}).fetchone() is None:
        raise no_channel(channel)  # it was removed meanwhile
    connection.execute(SQL["devices_of_browser_drop"], {"browser": hash_of(asked.browser)})
    connection.execute(SQL["device_drop"], {"id": given.id, "user": None})
    count, ended = connection.execute(SQL["devices_count"], {"user": name}).fetchone() or (0, 0)
    if count - ended >= MOST:
        raise ProblemError(409, "too_many", f"you have {MOST} devices: remove one first")
    if count >= MOST:  # what has ended is in nobody's way
        connection.execute(SQL["devices_ended_drop"], {"user": name})
    row = {
        "id": given.id,
        "user": name,
        "channel": channel,
        "name": asked.name,
        "host": host,
        "address": stored.seal_address(settings, given.written()),
        "browser": hash_of(asked.browser),
    }
    connection.execute(SQL["device_put"], row)
    contact = {
        "user": name,
        "channel": channel,
        "address": stored.seal_address(settings, name),
        "language": asked.language,
        "least": stored.RANKS[0],
    }
    connection.execute(SQL["contact_first"], contact)


def changed(connection: Connection, before: StoredChannel, after: StoredChannel) -> None:
    """A channel is set anew. With another pair of keys, or as another type, none of its devices is
    good any more: their owners see why, and turn them on again."""
    keys = [
        Configuration(**one.configuration).public_key if turned_on(one.type) else ""
        for one in (before, after)
    ]
    if keys[0] != keys[1]:
        asked = {"channel": after.name, "detail": "the channel has another key: turn it on again"}
        connection.execute(SQL["devices_of_channel_end"], asked)


def drop(connection: Connection, user: str, id: str) -> bool:
    """False: they have none such."""
    return bool(connection.execute(SQL["device_drop"], {"id": id, "user": user}).rowcount)


def begin_test(connection: Connection, user: str, id: str) -> str:
    """The channel of a device that is about to be tried out.

    Raises:
        ProblemError: there is none such, it is no more, or was tried out just now.
    """
    asked = {"id": id, "user": user, "seconds": TEST_SECONDS}
    row = connection.execute(SQL["device_test"], asked).fetchone()
    if row is None:
        raise ProblemError(404, "no_device", "you have no such device")
    channel, ended, early = row
    if ended:
        raise ProblemError(409, "ended", "it is no more: turn it on again in that browser")
    if early:
        wait = {"Retry-After": str(int(TEST_SECONDS))}
        said = f"a device is tried out once in {TEST_SECONDS:.0f} seconds"
        raise ProblemError(429, "too_often", said, headers=wait)
    return str(channel)


def signed_out(connection: Connection, browser: str) -> None:
    """Whoever has it, nobody is told in that browser any more; empty: it has no cookie."""
    if browser:
        connection.execute(SQL["devices_of_browser_drop"], {"browser": hash_of(browser)})


def others_out(connection: Connection, browser: str, user: str) -> None:
    """Somebody has signed in in a browser: nobody else is told there any more."""
    if browser:
        asked = {"browser": hash_of(browser), "user": user}
        connection.execute(SQL["devices_of_others_drop"], asked)
