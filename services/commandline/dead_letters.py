"""What the commands about dead letters share: one of them, by its id and as a row."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.output import CommandError
from services.commandline.servers import no_kafka
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.kafka.dead_letters import Found

Id = Annotated[str, typer.Argument(help="As `cityops dlq list` prints it: PARTITION:OFFSET.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def fetch(settings: Settings, id: str) -> "Found":
    """Raises CommandError: the id is none, there is no such letter, or no Kafka."""
    from streams.kafka import dead_letters
    from streams.kafka.clients import BrokerAwayError

    try:
        partition, offset = map(int, id.split(":"))
    except ValueError:
        raise CommandError(f"{id!r} is not PARTITION:OFFSET: see 'cityops dlq list'") from None
    try:
        return dead_letters.fetch(settings, partition, offset)
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except LookupError as error:
        raise CommandError(f"no dead letter {id}: {error}") from None


def row(found: "Found") -> dict[str, Any]:
    """As it is listed, with what ``--json`` has besides."""
    from streams.events import to_rfc3339

    letter = found.letter
    return {
        "id": found.id,
        "reason": letter.reason,
        "detail": letter.detail,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "time": to_rfc3339(found.time),
        "bytes": len(letter.value),
        "header_bytes": sum(len(name) + len(value) for name, value in letter.headers),
        "stage": found.mark.stage if found.mark else None,
        "place": f"{letter.topic}/{letter.partition}/{letter.offset}",
        "source": shown(letter.sources),
        "sources": list(letter.sources),
        "gateway": letter.gateway,
        "account": letter.account,
        "left_out": letter.left_out,
    }


def shown(sources: Sequence[str]) -> str:
    """The one, or the first and how many more."""
    more = f" +{len(sources) - 1}" if len(sources) > 1 else ""
    return f"{sources[0]}{more}" if sources else ""
