"""What people get of each route who are limited to an area: every route has its line here.

``FILTERED``: only what is inside; what is outside is as if it were not there. ``PLACELESS``: all of
it, as it says nothing of a place. ``CITYWIDE``: nothing, and so it is with whatever has no line.
"""

FILTERED = frozenset(
    {
        ("GET", "/api/accounts"),
        ("GET", "/api/alerts"),
        ("GET", "/api/alerts/{id}"),
        ("POST", "/api/alerts/{id}/acknowledge"),
        ("POST", "/api/alerts/{id}/resolve"),
        ("POST", "/api/alerts/{id}/comment"),
        ("POST", "/api/alerts/{id}/shelve"),
        ("POST", "/api/alerts/{id}/unshelve"),
        ("POST", "/api/alerts/{id}/reopen"),
        ("POST", "/api/alerts/{id}/assign"),
        ("POST", "/api/alerts/{id}/link"),
        ("POST", "/api/alerts/{id}/unlink"),
        ("POST", "/api/alerts/{id}/undo"),
        ("POST", "/api/alerts/bulk"),
        ("GET", "/api/alerts/{id}/picture"),
        ("POST", "/api/alerts/{id}/original"),
        ("GET", "/api/assets"),
        ("GET", "/api/assets/geojson"),
        ("GET", "/api/assets/{id}"),
        ("GET", "/api/cameras"),
        ("GET", "/api/cameras/{id}/picture"),
        ("POST", "/api/cameras/{id}/original"),
        ("GET", "/api/corrections"),
        ("GET", "/api/drift"),
        ("GET", "/api/events"),
        ("GET", "/api/exports/alerts.csv"),
        ("GET", "/api/exports/incidents.csv"),
        ("GET", "/api/exports/readings.csv"),
        ("GET", "/api/incidents"),
        ("GET", "/api/incidents/{id}/explanation"),
        ("GET", "/api/masks"),
        ("GET", "/api/privacy/erasures"),
        ("POST", "/api/privacy/erasures"),
        ("GET", "/api/rules"),
        ("GET", "/api/scenery"),
        ("GET", "/api/sources"),
        ("GET", "/api/status"),
        ("GET", "/api/unjudged"),
        ("GET", "/api/unjudged/hours"),
        ("GET", "/api/wards"),
        ("GET", "/api/zones"),
    }
)

PLACELESS: dict[tuple[str, str], str] = {
    **dict.fromkeys(
        [
            ("GET", "/api/session"),
            ("PUT", "/api/session"),
            ("DELETE", "/api/session"),
            ("PUT", "/api/session/password"),
            ("GET", "/api/session/factor"),
            ("POST", "/api/session/factor"),
            ("PUT", "/api/session/factor"),
            ("POST", "/api/session/factor/remove"),
            ("GET", "/api/sessions"),
            ("DELETE", "/api/sessions/{id}"),
            ("GET", "/api/tokens"),
            ("POST", "/api/tokens"),
            ("DELETE", "/api/tokens/{id}"),
        ],
        "somebody's own",
    ),
    **dict.fromkeys(
        [
            ("GET", "/api/teams"),
            ("PUT", "/api/teams/{name}"),
            ("DELETE", "/api/teams/{name}"),
            ("PUT", "/api/teams/{name}/members/{user}"),
            ("DELETE", "/api/teams/{name}/members/{user}"),
            ("PUT", "/api/users/{name}/area"),
            ("PUT", "/api/users/{name}/sql"),
            ("DELETE", "/api/users/{name}/sql"),
            ("GET", "/api/users"),
            ("POST", "/api/users"),
            ("POST", "/api/users/{name}/reset"),
            ("PUT", "/api/users/{name}/role"),
            ("POST", "/api/users/{name}/disable"),
            ("POST", "/api/users/{name}/enable"),
            ("GET", "/api/users/{name}/sessions"),
            ("DELETE", "/api/users/{name}/sessions"),
            ("GET", "/api/roles"),
            ("GET", "/api/oncall"),
        ],
        "people; nobody lays hands on who may see more than they",
    ),
    ("POST", "/api/commands"): "only says that one gives a command",
    ("GET", "/api/catalogue"): "kinds and feeds, in words",
    ("GET", "/api/clock"): "the machine's clock",
    ("GET", "/api/privacy"): "how long is kept what; numbers of the whole city",
}

CITYWIDE: dict[tuple[str, str], str] = {
    ("GET", "/api/audit"): "its lines name cameras and alerts of every ward",
    **dict.fromkeys(
        [
            ("PUT", "/api/roles/{name}"),
            ("PUT", "/api/roles/{name}/factor"),
            ("DELETE", "/api/roles/{name}"),
        ],
        "what people of every ward may",
    ),
    **dict.fromkeys(
        [
            ("POST", "/api/cameras"),
            ("DELETE", "/api/cameras/{id}"),
            ("POST", "/api/cameras/{id}/view"),
            ("POST", "/api/cameras/{camera}/scenery/{id}"),
            ("DELETE", "/api/cameras/{camera}/scenery/{id}"),
            ("POST", "/api/zones"),
            ("DELETE", "/api/zones/{id}"),
            ("POST", "/api/rules"),
            ("DELETE", "/api/rules/{id}"),
            ("POST", "/api/feeds/{id}/rules"),
            ("POST", "/api/masks"),
            ("DELETE", "/api/masks/{id}"),
            ("POST", "/api/assets/import"),
            ("POST", "/api/history"),
            ("POST", "/api/sources"),
            ("DELETE", "/api/sources/{id}"),
            ("GET", "/api/source-keys"),
            ("POST", "/api/source-keys"),
            ("DELETE", "/api/source-keys/{id}"),
        ],
        "rules and parents reach over wards, and errors name what is there",
    ),
    **dict.fromkeys(
        [
            ("GET", "/api/channels"),
            ("PUT", "/api/channels/{name}"),
            ("DELETE", "/api/channels/{name}"),
            ("POST", "/api/channels/{name}/test"),
            ("GET", "/api/contacts"),
            ("PUT", "/api/contacts/{user}/{channel}"),
            ("DELETE", "/api/contacts/{user}/{channel}"),
            ("GET", "/api/notifications"),
            ("GET", "/api/policies"),
            ("PUT", "/api/policies/{name}"),
            ("DELETE", "/api/policies/{name}"),
            ("GET", "/api/rotations"),
            ("PUT", "/api/rotations/{name}"),
            ("DELETE", "/api/rotations/{name}"),
            ("POST", "/api/rotations/{name}/overrides"),
            ("DELETE", "/api/rotations/{name}/overrides/{id}"),
        ],
        "people of every ward are told by them",
    ),
    **dict.fromkeys(
        [
            ("GET", "/api/suppressions"),
            ("POST", "/api/suppressions"),
            ("POST", "/api/suppressions/{id}/end"),
        ],
        "names what is anywhere in the city; each alert says what suppresses it",
    ),
    ("POST", "/api/clock/accept"): "event time is the whole city's",
}


def is_open(method: str, path: str) -> bool:
    """Args:
    path: as the route has it.
    """
    asked = ("GET" if method == "HEAD" else method), path
    return asked in FILTERED or asked in PLACELESS
