"""``cityops shift end``: somebody is off shift."""

from services.commandline.output import JsonObject
from services.commandline.shifts import Area, act


def command(area: Area = "", as_json: JsonObject = False) -> None:
    """Say that you are off shift, and hand nothing over.

    Example: cityops shift end
    """
    act("end", area, as_json=as_json)
