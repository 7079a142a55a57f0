"""What commands there are: every module of a package is one, every package in it a group."""

import math
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Finite(TyperCommand):
    """A command none of whose numbers is infinite, or none: click takes "nan" and "1e999"."""

    def parse_args(self, context: Any, args: list[str]) -> list[str]:
        left = super().parse_args(context, args)
        for each in self.params:
            if any(map(_endless, _several(context.params.get(each.name or "")))):
                hint = f"'{each.opts[0]}'"
                raise typer.BadParameter("give a finite number", context, param_hint=hint)
        return left


def _several(given: Any) -> Any:
    return given if isinstance(given, list | tuple) else (given,)


def _endless(given: Any) -> bool:
    return isinstance(given, float) and not math.isfinite(given)


def mount(app: typer.Typer, package: ModuleType, only: str = "") -> None:
    """Hangs each command of ``package`` under ``app``, by the name of its module.

    A module's function ``command`` is the command: its docstring is the help, its first line the
    summary. The docstring of a package is its group's help; it may define ``GROUP``, a class that
    reads the group's arguments. What a command needs is imported when it runs.

    Args:
        only: the command or group that is left when all others are passed over; where there is
            none of that name, or none is given, all are hung up.

    Raises:
        AttributeError: a module has no function ``command``.
    """
    there = {found.name.replace("_", "-"): found for found in iter_modules(package.__path__)}
    for name, found in there.items():
        if only in there and name != only:
            continue
        module = import_module(f"{package.__name__}.{found.name}")
        if found.ispkg:
            cls = getattr(module, "GROUP", TyperGroup)
            group = typer.Typer(cls=cls, no_args_is_help=True, help=module.__doc__)
            mount(group, module)
            app.add_typer(group, name=name)
        else:
            app.command(name, cls=Finite)(module.command)
