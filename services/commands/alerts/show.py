"""``cityops alerts show``: everything known about one alert."""

from collections.abc import Iterable
from typing import Any

from services.commandline.alerts import FLAPS, MAY_BE_MISSING, NOT_HEARD, Id, Json, absolute, quiet
from services.commandline.connection import connected
from services.commandline.listing import short
from services.commandline.output import console, emit, headed
from services.commandline.paths import path
from services.commandline.since import local


def command(id: Id, as_json: Json = False) -> None:
    """Show one alert: why it was raised, what to do, its evidence and its timeline.

    Example: cityops alerts show 3f6c2a34
    """
    with connected() as client:
        alert = absolute(client.get(path("/api/alerts", id)), client)
    if as_json:
        emit(alert, as_json=True)
        return
    names, evidence = alert["names"], alert["evidence"] or {}
    where = names["source_en"] + (f" · {names['zone_en']}" if names["zone_en"] else "")
    lines = {
        "alert": alert["id"],
        "what": f"{names['kind_en']} ({names['kind_vi']}), {alert['severity']}",
        "priority": _priority(alert["priority"]),
        "where": f"{where} ({alert['source']}), {alert['origin']}",
        "state": f"merged into {alert['merged_into']}" if alert["merged_into"] else alert["state"],
        "began": local(alert["event_time"]),
        "latest": f"{local(alert['latest_time'])}, occurrence {alert['count']}",
        "ended": local(alert["ended"]),
        **({"quiet": _below(quiet(alert))} if quiet(alert) else {}),
        **({"sees to": alert["assigned_to"]} if alert["assigned_to"] else {}),
        **({"was": alert["disposition"]} if alert["disposition"] else {}),
        **({"linked": _below(alert["links"])} if alert["links"] else {}),
        **_unknown(alert),
        **_flapping(alert),
        **_stalled(alert),
        **_linked(alert),
        **_rationale(alert),
        **_runbook(alert["runbook"]),
        "model": f"{evidence.get('model', '')} {evidence.get('version', '')}".strip() or "–",
        "picture": _below(_pictures(alert["exhibits"])) or "–",
    }
    for name, value in lines.items():
        console.print(headed(f"{name:8}", value), soft_wrap=True)
    console.print()
    emit(
        [_line(line) for line in alert["timeline"]],
        as_json=False,
        columns=("time", "what happened", "by", "comment"),
        folded=("what happened", "comment"),
    )


def _priority(given: dict[str, Any]) -> str:
    """With the row that gave it, and what it looked at that is nowhere else."""
    if given["row"] is None:
        return f"{given['level']}, by its severity"
    much = f", {given['dependents']} depend on it" if given["dependents"] else ""
    return f"{given['level']}: {given['row']!r} of table {given['table']}{much}"


def _linked(alert: dict[str, Any]) -> dict[str, str]:
    """What it is a consequence of, and what is a consequence of it."""
    cause, found = alert["cause"], alert["consequences"]
    event = bool(found) and all(one["why"] in ("near", "road") for one in found)
    what = "others of the same event" if event else "consequences"
    said = {"cause of": f"{len(found)} {what}:\n         " + _below(map(_other, found))}
    return ({"explained": f"by {_other(cause)}"} if cause else {}) | (said if found else {})


def _other(one: dict[str, Any]) -> str:
    names = one["names"]
    ended = f" until {local(one['ended'])}" if one["ended"] else ""
    where = names["source_en"] or one["source"]
    how = f" ({one['how']['en']})" if one["how"] else ""
    since = f"since {local(one['since'])}{ended}"
    return f"{short(one['id'])} {names['kind_en']}, {where}{how}, {since}"


def _unknown(alert: dict[str, Any]) -> dict[str, str]:
    since = alert["unknown_since"]
    return {"unknown": f"since {local(since)}: {NOT_HEARD}"} if since else {}


def _flapping(alert: dict[str, Any]) -> dict[str, str]:
    since = alert["flapping_since"]
    return {"flaps": f"since {local(since)}: {FLAPS}"} if since else {}


def _stalled(alert: dict[str, Any]) -> dict[str, str]:
    since = alert["stalled_since"]
    if not since:
        return {}
    return {"caution": f"event time stalled at {local(since)}: {MAY_BE_MISSING}"}


def _rationale(alert: dict[str, Any]) -> dict[str, str]:
    """What is known of why it was raised and what is to be done, in both languages."""
    own = alert["rationale"] or {}
    told = {
        "why": [own.get("why")],
        "also": [member["why"] for member in alert["members"]],
        "do": [own.get("response")],
        "cause": [own.get("cause")],
        "leads to": [own.get("consequence")],
    }
    said = {name: [words for words in found if words] for name, found in told.items()}
    return {
        name: _below(text for words in found for text in (words["en"], words["vi"]))
        for name, found in said.items()
        if found
    }


def _runbook(book: dict[str, Any] | None) -> dict[str, str]:
    """Its steps, with who did them, and whom to call."""
    if not book:
        return {}
    steps = [
        f"{step['number']} [{'x' if step['done_by'] else ' '}] {step['words']['en']}"
        + (f" ({step['done_by']}, {local(step['done_at'])})" if step["done_by"] else "")
        for step in book["steps"]
    ]
    calls = [f"{one['name']} {one['phone']} {one['note']}".rstrip() for one in book["contacts"]]
    return {"runbook": _below(steps), **({"call": _below(calls)} if calls else {})}


def _below(lines: Iterable[str]) -> str:
    """One below the other, beside the name of the first."""
    return "\n         ".join(lines)


def _pictures(exhibits: list[dict[str, Any]]) -> list[str]:
    """One line for each source that proves the alert."""
    return [str(each["picture"] or each["missing"] or "–") for each in exhibits]


def _line(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "time": local(line["time"]),
        "what happened": _happened(line),
        "by": line["actor"] or "the streams",
        "comment": line["comment"] or "",
    }


def _explained(line: dict[str, Any]) -> str:
    if line["why"] in ("outlasts", "off"):
        return {"outlasts": "outlasts its cause: an alert of its own again"}.get(
            line["why"], "an alert of its own again: nothing is explained any more"
        )
    joined = line["why"] in ("near", "road")
    what = "part of the same event as" if joined else "a consequence of"
    return f"{what} {short(line['into'])}" if line["into"] else f"{what} another"


def _happened(line: dict[str, Any]) -> str:
    happened: str = line["kind"]
    if line["manner"] in ("flapping", "held", "past"):
        happened += f", {line['manner']}"
    if line["because"]:
        happened += f" ({line['because']})"
    if line["step"]:
        happened += f" {line['step']} {'done' if line['done'] else 'not done after all'}"
    if line["disposition"]:
        happened += f" as {line['disposition']}"
    if line["to"]:
        happened += f" to {line['to']}"
    elif line["kind"] == "assigned":
        happened += " to nobody"
    if line["suppression"]:
        happened += f" by {line['suppression']['by']}: {line['suppression']['reason']}"
    if line["since"]:
        happened += f" since {local(line['since'])}"
    if line["until"]:
        happened += f" until {local(line['until'])}"
    if line["unseen"]:
        happened += " unseen, as of its last proof"
    if line["scenery"]:
        happened += " as scenery: what proved it never moved"
    if line["kind"] == "explained":
        happened = _explained(line)
    return happened + (", event time stalled" if line["stalled_since"] else "")
