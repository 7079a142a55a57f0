"""``cityops alerts undo``: takes back what one did last."""

from services.commandline.alerts import Comment, Id, Json, act


def command(id: Id, comment: Comment = "", as_json: Json = False) -> None:
    """Take back what you did to an alert last, where nothing has happened to it since.

    Example: cityops alerts undo 3f6c2a34
    """
    act([id], "undo", comment, as_json=as_json)
