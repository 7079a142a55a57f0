"""``cityops alerts unshelve``: takes alerts back from the shelf."""

from services.commandline.alerts import Comment, Ids, Json, act


def command(ids: Ids, comment: Comment = "", as_json: Json = False) -> None:
    """Take alerts from the shelf; what is still there asks to be acknowledged.

    Example: cityops alerts unshelve 3f6c2a34
    """
    act(ids, "unshelve", comment, as_json=as_json)
