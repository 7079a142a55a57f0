"""Names that lists are filtered by: one that nothing has, or had, is a slip of the keyboard."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from services.commandline.output import CommandError

if TYPE_CHECKING:
    from services.api.client import Client

_HELP = {
    "kind": "`cityops catalogue` has them all",
    "metric": "`cityops catalogue` has them all",
    "source": "`cityops source list` has them all",
}


def check(client: "Client", path: str, rows: str, filters: dict[str, list[str] | None]) -> None:
    """Goes on where each name is known or something in the list has it, as what was removed may.

    Args:
        path, rows: of the list, and under which name an answer has its rows.
        filters: by name, as the list takes them; those that are no names are left alone.

    Raises:
        CommandError: there is nothing of that name.
    """
    for what in sorted(_HELP.keys() & filters.keys()):
        for name in filters[what] or ():
            if not client.get(path, **{what: name}, limit=1)[rows]:
                insist(client, {what: [name]})


def insist(client: "Client", filters: dict[str, list[str] | None]) -> None:
    """Where nothing was found by them; raises as ``check``."""
    for what in sorted(_HELP.keys() & filters.keys()):
        for name in filters[what] or ():
            known = _known(client, what)
            if known is not None and name not in known:
                raise CommandError(f"there is no {what} {name!r}: {_HELP[what]}")


def _known(client: "Client", what: str) -> Collection[str] | None:
    """None where whoever asks may not know."""
    from services.api.client import ClientError

    try:
        return _all(client, what)
    except ClientError as error:
        if error.status == 403:
            return None
        raise


def _all(client: "Client", what: str) -> Collection[str]:
    if what == "source":
        return {source["id"] for source in client.get("/api/sources")["sources"]}
    catalogue: dict[str, Any] = client.get("/api/catalogue")
    if what == "kind":
        return {name for kind in catalogue["kinds"] for name in (kind["id"], *kind["formerly"])}
    return {metric["name"] for feed in catalogue["feeds"] for metric in feed["metrics"]}
