"""``cityops alerts resolve``: closes an alert."""

from services.commandline.alerts import Comment, Id, Json, act


def command(id: Id, comment: Comment = "", as_json: Json = False) -> None:
    """Resolve an alert; while it is still active, a comment must say why.

    Example: cityops alerts resolve 3f6c2a34 --comment "Towed away"
    """
    act(id, "resolve", comment, as_json=as_json)
