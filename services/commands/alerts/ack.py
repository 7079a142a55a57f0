"""``cityops alerts ack``: acknowledges an alert."""

from services.commandline.alerts import Comment, Id, Json, act


def command(id: Id, comment: Comment = "", as_json: Json = False) -> None:
    """Acknowledge an alert: someone has seen it.

    Example: cityops alerts ack 3f6c2a34 --comment "Crew sent"
    """
    act(id, "acknowledge", comment, as_json=as_json)
