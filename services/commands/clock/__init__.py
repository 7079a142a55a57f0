"""The machine's clock: whether it is believed; take it over."""

from typing import Any

from typer.core import TyperGroup


class GROUP(TyperGroup):
    """Without a command it shows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["show"])
