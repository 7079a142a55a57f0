"""``cityops user area``: which wards somebody may see."""

from services.commandline.areas import Everywhere, NewWards, Wards, named, wanted, warn_of_empty
from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit
from services.commandline.users import Name, path


def command(
    name: Name,
    *,
    ward: Wards = None,
    new_ward: NewWards = None,
    everywhere: Everywhere = False,
    as_json: JsonObject = False,
) -> None:
    """Limit a user to wards, or lift that; what their teams may see is added.

    Example: cityops user area lan --ward 'Hồng Bàng' --ward 'Ngô Quyền'
    """
    body = wanted(ward, new_ward, everywhere=everywhere)
    with connected() as client:
        said = client.put(path(name, "area"), body)
        if new_ward:
            warn_of_empty(client, said["wards"])
    if as_json:
        emit(said, as_json=True)
        return
    by_teams = f" (with {', '.join(said['teams'])})" if said["teams"] else ""
    console.print(f"user {said['name']} sees: {named(said['wards'])}{by_teams}", highlight=False)
