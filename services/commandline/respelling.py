"""``cityops replay DIR`` as it was spelled before it was a group of commands, for scripts."""

import shlex
from collections.abc import Sequence
from typing import Any

from typer.core import TyperGroup

from services.commandline.output import notes


class OldReplay(TyperGroup):
    """Reads the old spelling as the new one, and says so in one line on standard error."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and self._is_old(args[0]):
            args = respelled(args)
            new = shlex.join(["cityops", "replay", *args])
            notes.print(f"note: use instead: {new}", highlight=False, soft_wrap=True)
        return super().parse_args(ctx, args)

    def _is_old(self, word: str) -> bool:
        """A folder, or an option of one of the commands, stands where a command would."""
        if word in self.commands or word == "--help":
            return False
        known = {"--compare", "--remove"}
        for command in self.commands.values():
            known.update(option for parameter in command.params for option in parameter.opts)
        return not word.startswith("-") or word.partition("=")[0] in known


def respelled(words: Sequence[str]) -> list[str]:
    """The new spelling of what stood behind ``cityops replay``."""
    rest = list(words)
    for place, word in enumerate(rest):
        if word == "--compare":
            names = rest[place + 1 : place + 3]
            return ["compare", *rest[:place], *rest[place + 3 :], *names]
    if "--remove" in rest:
        return ["remove", *(word for word in rest if word != "--remove")]
    return ["run", *rest]
