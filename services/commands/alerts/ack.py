"""``cityops alerts ack``: acknowledges alerts."""

from services.commandline.alerts import Comment, Ids, Json, act


def command(ids: Ids, comment: Comment = "", as_json: Json = False) -> None:
    """Acknowledge alerts: someone has seen them.

    Example: cityops alerts ack 3f6c2a34 --comment "Crew sent"
    """
    act(ids, "acknowledge", comment, as_json=as_json)
