"""``cityops camera list``: every camera."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("id", "name_vi", "name_en", "origin", "model", "fps", "loop", "address", "zones")


def command(
    as_json: JsonArray = False,
) -> None:
    """List cameras, with addresses but without credentials.

    Example: cityops camera list --json
    """
    with connected() as client:
        cameras = client.get("/api/cameras")
    emit(cameras, as_json=as_json, columns=COLUMNS, empty="no camera")
