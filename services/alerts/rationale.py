"""Why an alert was raised and what is to be done about it, as ISA-18.2 (clause 8) asks."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from services.alerts.alert import Alert
from services.alerts.area import Area
from services.alerts.store import SQL, Connection
from services.alerts.words import Language, number
from services.oncall.deciding import Facts
from streams.events import Micros, Rule, from_datetime, to_datetime
from streams.kinds.kind import SUBJECT, Kind
from streams.kinds.registry import UnknownKindError, find
from streams.words import Words

_RULE = msgspec.json.Decoder(Rule)
_BLANK = re.compile(r"\{(\w+)\}")


class Rationale(NamedTuple):
    """What is known of one kind that an alert is about."""

    kind: Kind
    rule: str
    why: Words | None
    """With the values of its rule when it was proven; None: not all of them are known."""
    cause: Words
    response: Words


def of(connection: Connection, alert: Alert) -> Rationale | None:
    """Of its latest occurrence; None where its kind is gone."""
    return _known(connection, alert.kind, alert.rule, alert.decided_at, alert.subject)


def of_members(connection: Connection, alert: Alert, area: Area = None) -> list[Rationale]:
    """Of what became part of its latest occurrence, said once; without kinds that are gone, and
    what somebody who is limited to an area may not see.
    """
    since = {"alert": alert.id, "since": to_datetime(alert.decided_at)}
    found: list[Rationale] = []
    for kind, rule, proven, subject, source in connection.execute(
        SQL["members_since"], since
    ).fetchall():
        if area is not None and alert.wards.get(source, "") not in area:
            continue
        one = _known(connection, kind, rule, from_datetime(proven), subject)
        if one is not None and one not in found:
            found.append(one)
    return found


def _known(
    connection: Connection, kind: str, rule: str, proven: Micros, subject: str
) -> Rationale | None:
    try:
        known = find(kind)
    except UnknownKindError:
        return None
    return told(known, rule, rule_at(connection, rule, proven), subject)


def told(kind: Kind, id: str, rule: Rule | None, subject: str) -> Rationale:
    """Of an incident of that subject, by the rule of that id as it was then."""
    return Rationale(
        kind,
        id,
        why(kind, rule, subject),
        kind.cause_of.get(subject, kind.cause),
        kind.response_of.get(subject, kind.response),
    )


def of_facts(connection: Connection, facts: Facts) -> Words | None:
    """Why, in one sentence; None: its kind is not known here, or not all of its values are."""
    try:
        kind = find(facts.kind)
    except UnknownKindError:
        return None
    return why(kind, rule_at(connection, facts.rule, facts.decided_at), facts.subject)


def limit_of(connection: Connection, alert: Alert, source: str) -> float | None:
    """The limit by which the alert's own source is judged; None: its kind has none, or that rule
    is not known."""
    try:
        kind = find(alert.kind)
    except UnknownKindError:
        return None
    if not kind.beyond or source != alert.source:
        return None
    rule = rule_at(connection, alert.rule, alert.decided_at)
    return None if rule is None else _written(kind, rule).get("limit")


def rule_at(connection: Connection, id: str, time: Micros) -> Rule | None:
    """The rule as configured at ``time``, even if removed since; None: there was never one.

    If the rule is newer than what it judged, its first version. The stages apply a change seconds
    later, when the gateway has published it: for what was proven in between, the values that had
    just been configured are shown.
    """
    wanted = {"id": id, "time": to_datetime(time)}
    row = connection.execute(SQL["rule_at"], wanted).fetchone()
    return None if row is None else _RULE.decode(row[0])


def why(kind: Kind, rule: Rule | None, subject: str = "") -> Words | None:
    """The kind's sentence with the rule's values; None where they are not all known.

    No default of today stands in for a value of then, and a rule that was accepted by another
    version of the kind, or by another kind, may have meant something else.
    """
    values: dict[str, float | Words] = {SUBJECT: kind.subject_of(subject)}
    values |= {} if rule is None else _written(kind, rule)
    usual = kind.why_at_once if values.get("hold_seconds") == 0 else None
    said = kind.why_of.get(subject, usual or kind.why)
    if any(name not in values for text in said for name in _BLANK.findall(text)):
        return None
    return Words(_filled(said.vi, values, "vi"), _filled(said.en, values, "en"))


def _written(kind: Kind, rule: Rule) -> dict[str, float]:
    """The parameters that the rule itself gives, by their names of now."""
    if rule.kind not in (kind.id, *kind.formerly) or max(rule.version, 1) != kind.version:
        return {}
    return {
        name: rule.parameters[spelled]
        for name, parameter in kind.parameters.items()
        for spelled in (*parameter.formerly, name)
        if spelled in rule.parameters
    }


def _filled(text: str, values: Mapping[str, float | Words], language: Language) -> str:
    def filled(value: float | Words) -> str:
        return getattr(value, language) if isinstance(value, Words) else number(value, language)

    return _BLANK.sub(lambda blank: filled(values[blank[1]]), text)
