"""``cityops clock show``: whether the machine's clock is believed."""

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit


def command(
    as_json: JsonObject = False,
) -> None:
    """Show by how much the machine's clock is wrong, if it is; also `cityops clock` alone.

    Example: cityops clock show --json
    """
    with connected() as client:
        clock = client.get("/api/clock")
    if as_json:
        emit(clock, as_json=True)
        return
    console.print(f"event time: {clock['event_time']}", highlight=False)
    said = f"{clock['ahead']}, and not believed" if clock["ahead"] else "believed"
    console.print(f"this machine's clock: {clock['time']}: {said}", highlight=False)
