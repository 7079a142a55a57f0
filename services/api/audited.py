"""What of each route goes into the audit log; every route has its line here, or in ``UNRECORDED``.

A refusal is recorded whatever was asked for: that somebody tried what they may not.
"""

from typing import Literal, NamedTuple

Sort = Literal["change", "order", "view"]
"""``change``: its line is written with it, in one transaction, or it is not done. ``order``: it is
not done in a transaction of ours, so its line comes first. ``view``: its line is on disk before
the answer goes out, and many alike become one."""


class Rule(NamedTuple):
    sort: Sort
    action: str
    """``noun:verb``"""
    subject: str = ""
    """Which part of the path, or field of the body, says what it is done to; empty: none."""
    tells: tuple[str, ...] = ()
    """Fields of the body whose values are told; of all others only that they were given."""


_AREA = ("wards", "new_wards", "everywhere")

RULES: dict[tuple[str, str], Rule] = {
    ("POST", "/api/session"): Rule("change", "session:begin"),
    ("GET", "/api/session/provider/callback"): Rule("change", "session:begin"),
    ("DELETE", "/api/session"): Rule("change", "session:end"),
    ("PUT", "/api/session/password"): Rule("change", "password:change"),
    ("POST", "/api/session/factor"): Rule("change", "factor:begin"),
    ("PUT", "/api/session/factor"): Rule("change", "factor:confirm"),
    ("POST", "/api/session/factor/remove"): Rule("change", "factor:remove"),
    ("DELETE", "/api/sessions/{id}"): Rule("change", "session:end", "id"),
    ("POST", "/api/tokens"): Rule("change", "token:add", "label", ("scopes", "wards", "days")),
    ("DELETE", "/api/tokens/{id}"): Rule("change", "token:end", "id"),
    ("POST", "/api/push/devices"): Rule("change", "device:add", "name", ("channel",)),
    ("DELETE", "/api/push/devices/{id}"): Rule("change", "device:remove", "id"),
    ("POST", "/api/push/devices/{id}/test"): Rule("change", "device:test", "id"),
    ("POST", "/api/users"): Rule("change", "user:add", "name", ("role", "wards", "new_wards")),
    ("POST", "/api/users/{name}/reset"): Rule("change", "user:reset", "name"),
    ("PUT", "/api/users/{name}/role"): Rule("change", "user:role", "name", ("role",)),
    ("POST", "/api/users/{name}/disable"): Rule("change", "user:disable", "name"),
    ("POST", "/api/users/{name}/enable"): Rule("change", "user:enable", "name"),
    ("GET", "/api/users/{name}/sessions"): Rule("view", "sessions:view", "name"),
    ("DELETE", "/api/users/{name}/sessions"): Rule("change", "sessions:end", "name"),
    ("PUT", "/api/users/{name}/area"): Rule("change", "user:area", "name", _AREA),
    ("PUT", "/api/users/{name}/sql"): Rule("change", "user:sql", "name"),
    ("DELETE", "/api/users/{name}/sql"): Rule("change", "user:nosql", "name"),
    ("PUT", "/api/teams/{name}"): Rule("change", "team:put", "name", _AREA),
    ("DELETE", "/api/teams/{name}"): Rule("change", "team:remove", "name"),
    ("PUT", "/api/teams/{name}/members/{user}"): Rule("change", "team:join", "user"),
    ("DELETE", "/api/teams/{name}/members/{user}"): Rule("change", "team:leave", "user"),
    ("PUT", "/api/roles/{name}"): Rule("change", "role:put", "name", ("permissions",)),
    ("PUT", "/api/roles/{name}/factor"): Rule("change", "role:factor", "name", ("required",)),
    ("DELETE", "/api/roles/{name}"): Rule("change", "role:remove", "name"),
    ("POST", "/api/acknowledge"): Rule("change", "alert:acknowledge"),  # says itself which
    ("POST", "/api/alerts/{id}/acknowledge"): Rule("change", "alert:acknowledge", "id"),
    ("POST", "/api/alerts/{id}/resolve"): Rule("change", "alert:resolve", "id", ("disposition",)),
    ("POST", "/api/alerts/{id}/comment"): Rule("change", "alert:comment", "id"),
    ("POST", "/api/alerts/{id}/shelve"): Rule("change", "alert:shelve", "id", ("minutes",)),
    ("POST", "/api/alerts/{id}/unshelve"): Rule("change", "alert:unshelve", "id"),
    ("POST", "/api/alerts/{id}/reopen"): Rule("change", "alert:reopen", "id"),
    ("POST", "/api/alerts/{id}/assign"): Rule("change", "alert:assign", "id", ("to",)),
    ("POST", "/api/alerts/{id}/step"): Rule("change", "alert:step", "id", ("step", "done")),
    ("POST", "/api/alerts/{id}/link"): Rule("change", "alert:link", "id", ("other",)),
    ("POST", "/api/alerts/{id}/merge"): Rule("change", "alert:merge", "id", ("other",)),
    ("POST", "/api/alerts/{id}/split"): Rule("change", "alert:split", "id"),
    ("POST", "/api/alerts/{id}/unlink"): Rule("change", "alert:unlink", "id", ("other",)),
    ("POST", "/api/alerts/{id}/undo"): Rule("change", "alert:undo", "id"),
    ("POST", "/api/alerts/bulk"): Rule("change", "alert:bulk"),  # says itself what, and of which
    ("POST", "/api/suppressions"): Rule(
        "change", "suppression:begin", "subject", ("kind", "scope", "begin", "until")
    ),
    ("POST", "/api/suppressions/{id}/end"): Rule("change", "suppression:end", "id"),
    ("GET", "/api/alerts/{id}/picture"): Rule("view", "evidence:view", "id"),
    ("GET", "/api/cameras/{id}/picture"): Rule("view", "picture:view", "id"),
    ("GET", "/api/wall"): Rule("view", "picture:view"),  # says itself of which camera
    ("POST", "/api/alerts/{id}/original"): Rule("order", "evidence:original", "id"),
    ("POST", "/api/cameras/{id}/original"): Rule("order", "picture:original", "id"),
    ("POST", "/api/privacy/erasures"): Rule(
        "order", "pictures:erase", "source", ("since", "until")
    ),
    ("GET", "/api/privacy/erasures"): Rule("view", "erasures:view"),
    ("POST", "/api/cameras"): Rule("change", "camera:put", "id", ("model", "verified")),
    ("DELETE", "/api/cameras/{id}"): Rule("change", "camera:remove", "id"),
    ("POST", "/api/cameras/{id}/view"): Rule("change", "camera:accept-view", "id"),
    ("POST", "/api/cameras/{camera}/scenery/{id}"): Rule(
        "change", "scenery:say", "id", ("confirmed",)
    ),
    ("DELETE", "/api/cameras/{camera}/scenery/{id}"): Rule("change", "scenery:forget", "id"),
    ("POST", "/api/zones"): Rule("change", "zone:put", "id", ("source",)),
    ("DELETE", "/api/zones/{id}"): Rule("change", "zone:remove", "id"),
    ("POST", "/api/rules"): Rule("change", "rule:put", "id", ("kind", "severity")),
    ("DELETE", "/api/rules/{id}"): Rule("change", "rule:remove", "id"),
    ("POST", "/api/feeds/{id}/rules"): Rule("change", "feed:watch", "id"),
    ("POST", "/api/masks"): Rule("change", "mask:put", "id", ("source",)),
    ("DELETE", "/api/masks/{id}"): Rule("change", "mask:remove", "id"),
    ("POST", "/api/assets/import"): Rule("change", "assets:import"),
    ("GET", "/api/assets/geojson"): Rule("view", "assets:export"),
    ("POST", "/api/history"): Rule("change", "history:import"),  # says itself of which sources
    ("POST", "/api/sources"): Rule("change", "source:put", "id", ("kind",)),
    ("DELETE", "/api/sources/{id}"): Rule("change", "source:remove", "id"),
    ("POST", "/api/source-keys"): Rule(
        "change", "keys:add", "label", ("sources", "gateways", "rate", "daily", "days")
    ),
    ("DELETE", "/api/source-keys/{id}"): Rule("change", "keys:revoke", "id"),
    ("PUT", "/api/channels/{name}"): Rule(
        "change", "channel:put", "name", ("type", "public", "wards", "exercise_hours")
    ),
    ("DELETE", "/api/channels/{name}"): Rule("change", "channel:remove", "name"),
    ("POST", "/api/channels/{name}/test"): Rule("change", "channel:test", "name"),
    ("PUT", "/api/contacts/{user}/{channel}"): Rule(
        "change", "contact:put", "user", ("language", "rank", "exercise_hours")
    ),
    ("DELETE", "/api/contacts/{user}/{channel}"): Rule("change", "contact:remove", "user"),
    ("GET", "/api/contacts"): Rule("view", "contacts:view"),
    ("PUT", "/api/rotations/{name}"): Rule(
        "change",
        "rotation:put",
        "name",
        ("people", "start", "hours", "holidays", "holiday_people"),
    ),
    ("DELETE", "/api/rotations/{name}"): Rule("change", "rotation:remove", "name"),
    ("POST", "/api/rotations/{name}/overrides"): Rule(
        "change", "override:add", "name", ("user", "since", "until")
    ),
    ("DELETE", "/api/rotations/{name}/overrides/{id}"): Rule("change", "override:remove", "id"),
    ("PUT", "/api/policies/{name}"): Rule(
        "change", "policy:put", "name", ("severity", "priority", "kinds", "wards", "fallback")
    ),
    ("DELETE", "/api/policies/{name}"): Rule("change", "policy:remove", "name"),
    ("PUT", "/api/stations/{name}"): Rule("change", "station:put", "name", ("channel", "ward")),
    ("DELETE", "/api/stations/{name}"): Rule("change", "station:remove", "name"),
    ("POST", "/api/warnings"): Rule("change", "warning:propose", "alert", ("channel",)),
    ("POST", "/api/warnings/{id}/confirm"): Rule("change", "warning:confirm", "id"),
    ("POST", "/api/warnings/{id}/withdraw"): Rule("change", "warning:withdraw", "id"),
    **{
        ("POST", f"/api/shifts/{action}"): Rule("change", f"shift:{action}", "area")
        for action in ("begin", "end", "note", "offer", "accept")
    },
    ("PUT", "/api/priority"): Rule("change", "priority:put"),
    ("PUT", "/api/runbooks/{kind}"): Rule("change", "runbook:put", "kind"),
    ("POST", "/api/commands"): Rule("change", "command:give"),  # says itself which
    ("GET", "/api/audit"): Rule("view", "audit:read"),
    # Not as views are: none of two alike is the other, as each has its filters and its rows.
    ("GET", "/api/exports/alerts.csv"): Rule("order", "alerts:export"),
    ("GET", "/api/exports/dispositions.csv"): Rule("order", "dispositions:export"),
    ("GET", "/api/exports/incidents.csv"): Rule("order", "incidents:export"),
    ("GET", "/api/exports/readings.csv"): Rule("order", "readings:export"),
    ("POST", "/api/clock/accept"): Rule("order", "clock:accept", "", ("ahead_seconds",)),
}

UNRECORDED: dict[tuple[str, str], str] = {
    ("PUT", "/api/session"): "says only that somebody is there",
    **dict.fromkeys(
        [
            ("GET", "/api/session"),
            ("GET", "/api/session/factor"),
            ("GET", "/api/sessions"),
            ("GET", "/api/tokens"),
            ("GET", "/api/push"),
        ],
        "shows somebody what is their own",
    ),
    **dict.fromkeys(
        [
            ("GET", "/api/session/provider"),
            ("GET", "/api/session/provider/begin"),
            ("GET", "/api/session/provider/end"),
        ],
        "of everybody: sends a browser elsewhere, and changes nothing",
    ),
    **dict.fromkeys(
        [
            ("GET", "/api/users"),
            ("GET", "/api/roles"),
            ("GET", "/api/teams"),
            ("GET", "/api/oncall"),
            ("GET", "/api/oncall/calendar"),
            ("GET", "/api/rotations"),
            ("GET", "/api/shifts"),
            ("GET", "/api/shifts/document"),
        ],
        "names of colleagues",
    ),
    ("GET", "/api/acknowledge"): "shows a page with a button, and changes nothing",
    ("GET", "/api/wards"): "names of places that are no secret",
    **dict.fromkeys(
        [
            ("GET", "/api/accounts"),
            ("GET", "/api/alerts"),
            ("GET", "/api/alerts/{id}"),
            ("GET", "/api/assets"),
            ("GET", "/api/assets/{id}"),
            ("GET", "/api/cameras"),
            ("GET", "/api/cap"),
            ("GET", "/api/cap/{id}"),
            ("GET", "/api/catalogue"),
            ("GET", "/api/channels"),
            ("GET", "/api/clock"),
            ("GET", "/api/corrections"),
            ("GET", "/api/drift"),
            ("GET", "/api/events"),
            ("GET", "/api/incidents"),
            ("GET", "/api/incidents/{id}/explanation"),
            ("GET", "/api/indicators"),
            ("GET", "/api/indicators/{id}"),
            ("GET", "/api/indicators/{id}/cases"),
            ("GET", "/api/indicators/{id}/computed"),
            ("GET", "/api/load"),
            ("GET", "/api/load/precision"),
            ("GET", "/api/masks"),
            ("GET", "/api/measured"),
            ("GET", "/api/measured/{id}"),
            ("GET", "/api/notifications"),
            ("GET", "/api/policies"),
            ("GET", "/api/priority"),
            ("GET", "/api/privacy"),
            ("GET", "/api/quality"),
            ("GET", "/api/rules"),
            ("GET", "/api/runbooks"),
            ("GET", "/api/runbooks/{kind}"),
            ("GET", "/api/scenery"),
            ("GET", "/api/source-keys"),
            ("GET", "/api/sources"),
            ("GET", "/api/stations"),
            ("GET", "/api/suppressions"),
            ("GET", "/api/status"),
            ("GET", "/api/unjudged"),
            ("GET", "/api/unjudged/hours"),
            ("GET", "/api/warnings"),
            ("GET", "/api/zones"),
        ],
        "shows events and configuration, and no person's picture",
    ),
}
"""Method and path, and why nothing but a refusal is recorded."""


def rule_of(method: str, path: str) -> Rule | None:
    """Args:
    path: as the route has it.

    None: nothing is recorded but a refusal. What nobody has thought of is.
    """
    asked = method, path
    if asked in UNRECORDED or method in ("HEAD", "OPTIONS"):
        return None
    return RULES.get(asked) or Rule("view", f"{method.lower()}:{path}")
