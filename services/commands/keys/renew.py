"""``cityops keys renew``: another key for a part that signs what it publishes."""

import time
from typing import Annotated

import typer

from services.commandline.output import CommandError, notes
from services.commandline.privileged import Why, given
from services.commandline.servers import no_kafka
from streams.kafka.access import SIGNERS
from streams.settings import load

TAKEN_SECONDS = 2.0
"""By then every part has seen that its key was renewed: they look once a second."""


def command(
    part: Annotated[str, typer.Argument(help=f"One of: {', '.join(SIGNERS)}.")],
    *,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="What the key before signs from now on is refused.")
    ] = False,
    reason: Why = "",
) -> None:
    """Give a part another key to sign frames and readings with; no part has to be restarted.

    The key before it still counts, so that nothing on its way is lost, and counts no more once the
    part is given yet another one. With --revoke, where it is known to others, it counts no more
    from two seconds later on. What lies in Kafka by then stays good.

    Example: cityops keys renew city
    """
    from deploy.broker.signatures import ends
    from streams.kafka import signing_keys
    from streams.kafka.clients import BrokerAwayError
    from streams.kafka.signing import required

    settings = load()
    if part not in SIGNERS:
        raise CommandError(f"no part {part!r} signs; those that do are {', '.join(SIGNERS)}", 2)
    try:
        until = ends(settings)
        if not required(settings):
            raise CommandError("nothing is signed here; see CITYOPS_INPUT_SIGNATURES")
        if not signing_keys.signing(settings, part).exists():
            raise CommandError(f"{part} has no key yet: run 'make up' first")
        given(settings, "key:revoke" if revoke else "key:renew", part, why=reason)
        key = signing_keys.renew(settings, part, until)
        if revoke:
            time.sleep(TAKEN_SECONDS)
            signing_keys.revoke(settings, part, ends(settings))
    except BrokerAwayError as error:
        raise no_kafka(error) from None
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from None
    said = "; those before it count no more" if revoke else ""
    notes.print(f"{part} signs with key {key.id} now{said}", highlight=False)
