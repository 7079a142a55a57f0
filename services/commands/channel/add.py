"""``cityops channel add``: sets a channel, or changes one."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.notifications import ExerciseHours, SpokenIn, values_of
from services.commandline.output import CommandError, JsonObject, console, emit
from services.commandline.paths import path
from services.commandline.questions import password


def command(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    *,
    type: Annotated[str, typer.Option(help="smtp, webhook …: a folder of channels.")],
    set: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE of its type; repeatable.")
    ] = None,
    public: Annotated[
        bool,
        typer.Option("--public", help="Its readers are not known by name: only what is live goes."),
    ] = False,
    ward: Annotated[
        list[str] | None,
        typer.Option(help="Ward whose alerts it is told of; repeatable; default: everywhere."),
    ] = None,
    language: SpokenIn = "vi",
    exercise_hours: ExerciseHours = None,
    as_json: JsonObject = False,
) -> None:
    """Set a channel; passwords and addresses with tokens are asked for, and sealed.

    Example: cityops channel add mail --type smtp --set host=mail.vn --set sender=cityops@mail.vn
    """
    from services.notifier.channel import BadConfigurationError
    from services.notifier.registry import find

    configuration = values_of(set)
    try:
        channel = find(type)
        asked = channel.asks(configuration)
    except BadConfigurationError as error:
        raise CommandError(str(error), 2) from None
    for each in configuration:
        if each in channel.Secrets.__struct_fields__:
            raise CommandError(
                f"--set {each}=…: it is a secret; leave it out, and type it when it is asked for,"
                " or give it as a line of standard input",
                2,
            )
    body = {
        "type": type,
        "configuration": configuration,
        "secrets": {each: password(each) for each in asked} or None,
        "public": public,
        "wards": ward or None,
        "language": language,
        "exercise_hours": exercise_hours,
    }
    with connected() as client:
        said = client.put(path("/api/channels", name), body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"channel {said['name']} is set", highlight=False)
    if said["secret"]:
        console.print(f"secret: {said['secret']}", highlight=False, soft_wrap=True)
        console.print("not shown again; its receiver verifies by it", highlight=False)
