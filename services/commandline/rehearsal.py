"""Who is told in a rehearsal: two people, their team, turns, and a policy for one ward.

All of it is named as of the demonstration, accepts exercises for an hour, and is taken away by
``take_down``. The people are accounts like others, which only signed links act for: nobody knows
their passwords, and they see one ward.
"""

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from services.commandline.areas import team
from services.commandline.output import CommandError
from services.commandline.paths import path

if TYPE_CHECKING:
    from services.api.client import Client
    from streams.settings import Settings

LAN, MINH = "demo.lan", "demo.minh"
PEOPLE = {LAN: "vi", MINH: "en"}
"""To the language that they are told in."""
ADDRESSES = {f"{name}@night.example": name for name in PEOPLE}
CHANNEL = ROTATION = POLICY = "demo-night"
TEAM = "Demo night"
SENDER = "cityops@night.example"
HOURS = 1.0
"""For which they accept exercises."""
STEPS = ((0, f"rotation:{ROTATION}"), (2, f"user:{MINH}"), (4, f"team:{TEAM}"))
"""Minutes, and who is told then."""


def set_up(client: "Client", settings: "Settings", ward: str, start: str) -> None:
    """Makes it all, or says it anew.

    Args:
        ward: the one in which all of the rehearsal lies.
        start: RFC 3339, of Lan's turn.

    Raises:
        CommandError: somebody else has one of these names.
        ClientError: it may not be done, or the service is away.
    """
    there = {one["name"]: one for one in client.get("/api/users")}
    for name in PEOPLE:
        _person(client, settings, name, there.get(name), ward)
    client.put(team(TEAM), {"wards": [ward]})
    configuration = {
        "host": "127.0.0.1",
        "port": settings.rehearsal_port,
        "security": "none",
        "sender": SENDER,
    }
    client.put(path("/api/channels", CHANNEL), {"type": "smtp", "configuration": configuration})
    for address, name in ADDRESSES.items():
        client.put(team(TEAM, "members", name))
        contact = {"address": address, "language": PEOPLE[name], "exercise_hours": HOURS}
        client.put(path("/api/contacts", name, CHANNEL), contact)
    client.put(
        path("/api/rotations", ROTATION), {"people": [*PEOPLE], "start": start, "hours": 168}
    )
    steps = [{"after": after, "tell": [who]} for after, who in STEPS]
    policy = {"severity": "high", "wards": [ward], "steps": steps}
    client.put(path("/api/policies", POLICY), policy)


def take_down(client: "Client") -> int:
    """Takes all of it away; how much there was. Accounts stay, disabled, as what they did does.

    Raises:
        ClientError: it may not be done, or the service is away.
    """
    from services.api.client import ClientError

    gone = 0
    for each in (
        path("/api/policies", POLICY),
        path("/api/rotations", ROTATION),
        path("/api/channels", CHANNEL),
        team(TEAM),
    ):
        try:
            client.delete(each)
            gone += 1
        except ClientError as error:
            if error.status != 404:
                raise
    for one in client.get("/api/users"):
        if one["name"] in PEOPLE and not one["disabled"]:
            client.post(path("/api/users", one["name"], "disable"))
            gone += 1
    return gone


def acknowledge(client: "Client", token: str) -> str:
    """Presses the button of a message's link; empty where that was well, else what was answered.

    Raises:
        ClientError: the service is away.
    """
    from services.api.client import ClientError

    try:
        client.page("/api/acknowledge?" + urlencode({"t": token}))
    except ClientError as error:
        if error.away:
            raise
        return f"HTTP {error.status}"
    return ""


def _person(
    client: "Client",
    settings: "Settings",
    name: str,
    known: dict[str, Any] | None,
    ward: str,
) -> None:
    """An account that is used by links only: its password is known to nobody."""
    if known is None:
        body = {"name": name, "role": "operator", "new_wards": [ward]}
        said = client.post("/api/users", body)
    else:
        if known["own_wards"] != [ward] or known["role"] != "operator":
            raise CommandError(f"there is another user {name!r}: this rehearsal needs the name")
        if known["disabled"]:
            client.post(path("/api/users", name, "enable"))
        said = client.post(path("/api/users", name, "reset"))
    from services.api.client import Client

    # Links act for nobody who has yet to choose a password.
    with Client(settings, token="") as nobody:
        session = nobody.post("/api/session", {"name": name, "password": said["password"]})
    with Client(settings, token=session["token"]) as own:
        new = {"old": said["password"], "new": secrets.token_urlsafe(32)}
        session = own.put("/api/session/password", new)
    with Client(settings, token=session["token"]) as own:
        own.delete("/api/session")
