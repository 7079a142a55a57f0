"""``cityops down``: stops the local stack."""

from services.commandline.output import CommandError, notes
from services.commandline.privileged import Why, given
from streams.settings import load


def command(reason: Why = "") -> None:
    """Stop every process of the local stack; the data stays.

    Example: cityops down
    """
    from deploy.local import stack
    from deploy.local.errors import StackError

    settings = load()
    given(settings, "stack:stop", settings.namespace, why=reason)
    try:
        ran = stack.stop(settings)
    except StackError as error:
        raise CommandError(str(error)) from None
    notes.print("stopped" if ran else "nothing was running")
