"""``cityops down``: stops the local stack."""

from services.commandline.output import CommandError, notes
from streams.settings import load


def command() -> None:
    """Stop every process of the local stack; the data stays.

    Example: cityops down
    """
    from deploy.local import stack
    from deploy.local.errors import StackError

    try:
        ran = stack.stop(load())
    except StackError as error:
        raise CommandError(str(error)) from None
    notes.print("stopped" if ran else "nothing was running")
