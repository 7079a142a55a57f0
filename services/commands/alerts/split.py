"""``cityops alerts split``: takes an alert out of the one that it was made part of."""

from services.commandline.alerts import Comment, Id, Json, act


def command(id: Id, *, comment: Comment = "", as_json: Json = False) -> None:
    """Take an alert out of the one that somebody made it part of; --comment says why.

    Example: cityops alerts split 3f6c2a34 --comment "another lorry"
    """
    act([id], "split", comment, as_json=as_json)
