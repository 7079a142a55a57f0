"""Keys to sign inputs with, made at the first start; and up to where unsigned messages count."""

from streams.configuration.log import topics_id
from streams.kafka import signing_keys
from streams.kafka.signing import required
from streams.kafka.signing_keys import Until
from streams.recordings import spans
from streams.settings import Settings
from streams.topics import INPUTS


def begin_signing(settings: Settings) -> None:
    """Before any part publishes, again at each start.

    What an earlier release has published, and nobody has read yet, is not lost: unsigned messages
    count up to where its topics end now, in every run, so that what is decided stays the same.

    Raises:
        BrokerAwayError: the broker does not answer.
        OSError: a file in the secrets folder cannot be read or written.
        ValueError: one is damaged.
    """
    if not required(settings):
        settings.secret(signing_keys.UNSIGNED).unlink(missing_ok=True)
        return
    topics, fixed = topics_id(settings), signing_keys.unsigned(settings)
    if fixed is None or fixed.topics != topics:
        now = ends(settings)
        signing_keys.bound(settings, now)
        until = now if fixed is None else {}
        signing_keys.fix_unsigned(settings, signing_keys.Unsigned(topics, until))
    signing_keys.make(settings)


def ends(settings: Settings) -> Until:
    """Where the next message of each input will lie. Raises BrokerAwayError."""
    return {
        f"{topic}/{number}": end
        for topic in INPUTS
        for number, (_, end) in spans.kept(settings, topic).items()
    }
