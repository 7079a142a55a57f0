"""``cityops camera list``: every camera."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("id", "origin", "fps", "loop", "model", "zones", "name_en", "name_vi", "address")
SPARE = ("name_vi", "loop", "name_en", "zones", "model", "fps", "origin")


def command(
    as_json: JsonArray = False,
) -> None:
    """List cameras, with addresses but without credentials.

    Example: cityops camera list --json
    """
    with connected() as client:
        cameras = client.get("/api/cameras")
    emit(
        cameras,
        as_json=as_json,
        columns=COLUMNS,
        folded=("zones", "name_en", "name_vi", "address"),
        spare=SPARE,
        empty="no camera",
    )
