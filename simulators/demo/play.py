"""Plays an evening beside the running city: announced, told as its sources would, and at rest."""

import threading
from collections.abc import Callable, Sequence

import msgspec

from simulators.demo.evening import Evening, assets, readings, rules
from streams.configuration.log import append_missing, current, rest, wait_published
from streams.database import connect
from streams.events import SECOND, Change, Removed, Rests
from streams.kafka.access import CITY
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.stamps import StampClock
from streams.topics import READINGS

PART = "demo"


def announce(settings: Settings, evening: Evening, seed: int) -> int:
    """Makes its sources and rules known, and waits until they are published; how many sources.

    Raises:
        psycopg.OperationalError: no database answers.
        streams.configuration.check.InvalidChangeError: something of it cannot stand.
        streams.configuration.log.NotPublishedError: no gateway publishes it.
        streams.kafka.clients.BrokerAwayError: Kafka does not answer.
    """
    own = assets(evening, seed)
    wanted: list[Change] = [*own, *rules(evening, seed, current(settings))]
    wait_published(settings, append_missing(settings, wanted, PART))
    return len(own)


def play(
    settings: Settings,
    evening: Evening,
    seed: int,
    stopping: threading.Event,
    told: Callable[[float], None] = lambda _: None,
) -> int:
    """Tells all of it, until it is over or ``stopping`` is set; how many readings.

    Args:
        told: is told how many seconds have passed.

    Raises:
        streams.kafka.clients.BrokerAwayError: Kafka does not answer.
        streams.kafka.publisher.PublishError: Kafka did not accept a pack.
    """
    settings = msgspec.structs.replace(settings, kafka_user=settings.kafka_user or CITY)
    publisher = Publisher(settings, PART)
    sent = 0
    try:
        clock = StampClock.of(settings, PART)
        start, second = clock.now(), 0.0
        while second <= evening.lasts_s:
            now = max(clock.now(), start + round(second * SECOND))
            for name, draft in readings(evening, seed, second, now):
                pack = draft.stamped(name, *clock.stamp(name, now))
                publisher.publish(READINGS, pack, name)
                sent += len(draft.times)
            publisher.flush()
            told(second)
            second += evening.period_s
            wait = start + round(second * SECOND) - clock.now()
            if stopping.wait(max(wait, 0) / SECOND):
                break
    finally:
        publisher.close()
    return sent


def let_rest(settings: Settings, evening: Evening) -> int:
    """Says that nothing more is to come of its sources: what is open of them ends, and nobody
    misses them; how many that was new of."""
    ended: dict[str, Rests] = dict.fromkeys(_sources(settings, evening), "ended")
    with connect(settings, "control", autocommit=True) as connection:
        return rest(connection, ended, PART)


def remove(settings: Settings, evening: Evening) -> int:
    """Takes its rules and sources out of the configuration; how many sources there were.

    Raises: as ``announce``.
    """
    known = current(settings)
    own = [one for one in known.rules if one.startswith(evening.prefix)]
    wanted: list[Change] = [Removed("rule", one) for one in own]
    sources = _sources(settings, evening)
    wanted += [Removed("source", one) for one in _children_first(sources, settings)]
    if wanted:
        wait_published(settings, append_missing(settings, wanted, PART))
    return len(sources)


def _sources(settings: Settings, evening: Evening) -> list[str]:
    return [name for name in current(settings).sources if name.startswith(evening.prefix)]


def _children_first(names: Sequence[str], settings: Settings) -> list[str]:
    known = current(settings).sources
    return sorted(names, key=lambda one: (not known[one].parents, one))
