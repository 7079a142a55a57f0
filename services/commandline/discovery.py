"""What commands there are: every module of a package is one, every package in it a group."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import typer
from typer.core import TyperGroup


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
            app.command(name)(module.command)
