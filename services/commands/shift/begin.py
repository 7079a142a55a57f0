"""``cityops shift begin``: somebody is on shift."""

from services.commandline.output import JsonObject
from services.commandline.shifts import Area, act


def command(area: Area = "", as_json: JsonObject = False) -> None:
    """Say that you are on shift, in the name that cityops signin gave you.

    Example: cityops shift begin --area 'Hồng Bàng'
    """
    act("begin", area, as_json=as_json)
