"""``cityops user sql``: somebody asks the database itself, and sees what they may see."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit
from services.commandline.users import Name, path
from streams.settings import load


def command(
    name: Name,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Let them in no more.")] = False,
    as_json: JsonObject = False,
) -> None:
    """Give a user a database account of their own, which shows the rows of their wards only.

    On the machine that administers the database. Their file has the password: hand it over.

    Example: cityops user sql lan
    """
    import psycopg

    from deploy.database import analyst, personal

    settings = load()
    with connected() as client:
        asked = path(name, "sql")
        role = str((client.delete(asked) if remove else client.put(asked)).get("role", ""))
    try:
        if remove:
            personal.drop(settings, role)
            file = None
        else:
            file = personal.make(settings, role)
    except (psycopg.Error, OSError) as error:
        said = str(error).strip().splitlines()[0]
        raise CommandError(f"the database's role {role!r}: {said}") from None
    if as_json:
        emit({"role": role, "file": str(file) if file else None}, as_json=True)
    elif file is None:
        console.print(f"user {name} has no account at the database any more", highlight=False)
    else:
        console.print(
            f"user {name} asks by: {analyst.asking(file, 'psql')}", highlight=False, soft_wrap=True
        )
