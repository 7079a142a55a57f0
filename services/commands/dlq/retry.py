"""``cityops dlq retry``: sends a dead letter again."""

from services.commandline.dead_letters import Id, fetch
from services.commandline.output import CommandError, notes
from services.commandline.privileged import Why, given
from services.commandline.servers import no_kafka
from streams.settings import load


def command(id: Id, *, reason: Why = "") -> None:
    """Send a dead letter's original message again, unchanged, to the topic it came from.

    For messages that are usable now: their source has been added, or a new version reads them.
    Refused while what is in the topic, or comes of it, has not been read and would be deleted.

    Example: cityops dlq retry 2:17
    """
    from streams.events import UNTRUSTED
    from streams.kafka.clients import BrokerAwayError
    from streams.kafka.publisher import Publisher, PublishError
    from streams.refusing import refused, refused_now, why
    from streams.topics import OUTSIDE

    settings = load()
    letter = fetch(settings, id).letter
    if letter.reason == "oversized":
        raise CommandError(f"{id} was too large: it cannot be sent again")
    if letter.topic in OUTSIDE:
        raise CommandError(f"{id} was never in a topic: whoever sent it has to send it again")
    if _is_marked(letter.headers):
        raise CommandError(f"{id} came from one of our own stages: sent again, it would be dropped")
    if letter.reason in UNTRUSTED:
        raise CommandError(f"{id} was not signed by who may: sent again, it would be refused again")
    try:
        full = refused_now(settings)
        if (letter.topic, letter.partition) in refused(full, settings.partitions):
            raise CommandError(f"{id}: {why(full, letter.topic, settings.partitions)}")
        given(settings, "letter:retry", id, why=reason)
        publisher = Publisher(settings, "dlq")
        publisher.publish_raw(letter.topic, letter.partition, list(letter.headers), letter.value)
        publisher.close()
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except PublishError as error:
        raise CommandError(str(error)) from None
    notes.print(f"sent {id} to {letter.topic}/{letter.partition} again", highlight=False)


def _is_marked(headers: tuple[tuple[str, bytes], ...]) -> bool:
    from streams.events import BadMessage, Mark

    for name, value in headers:
        if name == "ce_mark":
            try:
                Mark.parse(value.decode(errors="replace"))
            except BadMessage:
                continue
            return True
    return False
