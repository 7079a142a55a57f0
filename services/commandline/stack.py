"""The parts of the local stack, as they are judged."""

from typing import TYPE_CHECKING, Any

from streams.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streams.events import Heartbeat


def judged(settings: Settings) -> tuple[list[dict[str, Any]], "dict[str, Heartbeat]"]:
    """One row a part, and the newest heartbeat of each by its name."""
    import msgspec

    from deploy.local.health import broker_answers, judge
    from streams.kafka.clients import BrokerAwayError
    from streams.kafka.heartbeat import read_heartbeats

    heartbeats: dict[str, Heartbeat] = {}
    unread = ""
    try:
        if broker_answers(settings.bootstrap):
            heartbeats = read_heartbeats(settings)
        else:
            unread = f"nothing listens on {settings.bootstrap}"
    except BrokerAwayError:
        unread = f"{settings.bootstrap} accepts connections but does not answer"
    except KeyError:
        unread = ""  # the topic of heartbeats is not there yet
    rows: list[dict[str, Any]] = msgspec.to_builtins(judge(settings, heartbeats, unread))
    return rows, heartbeats


def clock_in_doubt(heartbeats: "Mapping[str, Heartbeat]") -> str:
    """One line: by how much the machine's clock is wrong; empty: the gateway believes it."""
    from streams.clock import spelled
    from streams.kafka.heartbeat import clock_ahead

    ahead = clock_ahead(heartbeats)
    return f"clock: {spelled(ahead)}, and not believed: see 'cityops clock'" if ahead else ""
