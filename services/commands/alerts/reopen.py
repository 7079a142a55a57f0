"""``cityops alerts reopen``: opens a closed alert again."""

from services.commandline.alerts import Id, Json, Reason, act


def command(id: Id, reason: Reason, as_json: Json = False) -> None:
    """Open a closed alert again.

    Example: cityops alerts reopen 3f6c2a34 --reason "It is still there"
    """
    act([id], "reopen", reason, as_json=as_json)
