"""``cityops camera list``: every camera."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = (
    "id", "rests", "origin", "fps", "loop", "model", "zones", "ward", "name_en", "name_vi",
    "verified", "address",
)  # fmt: skip
SPARE = ("ward", "name_vi", "loop", "name_en", "zones", "model", "fps", "origin", "rests")


def command(
    as_json: JsonArray = False,
) -> None:
    """List cameras, with addresses but without credentials.

    One that rests is switched off, or its recording has ended: nobody misses it.

    One without a ward is city-wide: nobody sees it who is limited to wards.

    Example: cityops camera list --json
    """
    with connected() as client:
        cameras = client.get("/api/cameras")
    emit(
        cameras,
        as_json=as_json,
        columns=COLUMNS,
        folded=("zones", "ward", "name_en", "name_vi", "address"),
        spare=SPARE,
        empty="no camera",
    )
