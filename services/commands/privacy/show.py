"""``cityops privacy show``: how long what shows people is kept, and what masks them."""

from typing import Any

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit
from services.commandline.since import local

WORDS = {
    "frames": "frames in Kafka, in the clear",
    "originals": "evidence as cameras sent it, sealed",
    "pictures": "evidence as people see it, masked and sealed",
    "dead_letters": "messages that could not be used, frames among them",
    "boxes": "boxes in Kafka: where somebody was, not who",
    "detections": "the same in the database",
    "incidents_sent": "incidents in Kafka",
    "messages": "messages to people",
    "incidents": "incidents in the database",
    "alerts": "alerts, and what people did",
    "erasures": "orders to erase",
    "recordings": "recordings (folders that somebody made)",
}


def command(as_json: JsonObject = False) -> None:
    """Show how long pictures of people are kept, and what masks them.

    Example: cityops privacy show --json
    """
    with connected() as client:
        found: dict[str, Any] = client.get("/api/privacy")
    if as_json:
        emit(found, as_json=True)
        return
    rows = [
        {"what": WORDS.get(one["what"], one["what"]), "kept": _kept(one)} for one in found["kept"]
    ]
    emit(rows, as_json=False, columns=("what", "kept"))
    masking = found["masking"]["real"] or "nothing is there: they are masked whole"
    oldest = f", the oldest of {local(found['oldest_at'])}" if found["oldest_at"] else ""
    console.print(
        f"people in real pictures are found by: {masking}\n"
        f"pictures of the evidence: {found['pictures']}, of {found['originals']} the original"
        f"{oldest}",
        highlight=False,
        markup=False,
    )


def _kept(one: dict[str, Any]) -> str:
    days = "until removed" if one["days"] is None else f"{one['days']} d"
    return days + (f", {one['bytes'] / 2**30:.2g} GiB at most" if one["bytes"] else "")
