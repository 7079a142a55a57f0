"""The query that computes an indicator's period anew from the readings that are stored."""

from typing import NamedTuple

from psycopg import sql

from streams.events import Micros, to_datetime
from streams.indicators.indicator import MOST_WEIGHT, THOUSANDTHS, Formula, Indicator
from streams.indicators.series import lateness
from streams.indicators.summing import age, sources_of

_COMPARES = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<"}


class Asked(NamedTuple):
    """Of which period, of the readings of which origin."""

    origin: str
    start: Micros
    end: Micros
    computed_at: Micros
    """When it was said: of one that says how things stand, when it was so."""
    running: bool = False
    """Whether it was not over then."""


def query(indicator: Indicator, asked: Asked) -> sql.Composed:
    """Answers with one row: numerator, denominator, readings, sources.

    Values count as windows keep them (float4), in thousandths, the half rounded to the even one:
    what ``streams.indicators.summing`` adds up. What came late since then is in it, too.
    """
    formula = indicator.formula
    assert formula
    if formula.cases:
        return _of_cases(indicator, asked)
    since, until = asked.start, asked.end
    passed = asked.computed_at - lateness(indicator)
    if formula.is_level:  # also where its closing is said later: how things stood at its end
        passed = min(passed, asked.end - lateness(indicator))
        since, until = passed - age(formula), passed
    elif asked.running:
        until = min(until, passed)
    parts = {
        "of": _of(indicator, formula, asked.origin, since, until),
        "value": _thousandths("r.value"),
        "holds": _holds(formula),
        "number": sql.Literal(formula.readings),
    }
    if formula.by:
        parts |= {"by": sql.Literal(formula.by), "weight": _weight("w.value")}
    return sql.SQL(_text(formula)).format(**parts)


def _of_cases(indicator: Indicator, asked: Asked) -> sql.Composed:
    """Of what events have added; what had been said by then of a period that was running."""
    text = (
        "SELECT coalesce(sum(h.in_time), 0) AS numerator, coalesce(sum(h.ended), 0) AS denominator,"
        "\n    coalesce(sum(h.ended), 0) AS readings, count(DISTINCT h.source) AS sources\n"
        "FROM case_hours AS h\nJOIN assets AS a ON a.id = h.source\n"
        "WHERE a.type = ANY({types}) AND h.origin = {origin}\n"
        "  AND h.time >= {since} AND h.time < {until}"
    )
    running = sql.SQL("\n  AND h.said <= {}").format(sql.Literal(to_datetime(asked.computed_at)))
    return sql.SQL(text).format(
        types=sql.Literal(list(sources_of(indicator))),
        origin=sql.Literal(asked.origin),
        since=sql.Literal(to_datetime(asked.start)),
        until=sql.Literal(to_datetime(asked.end)),
    ) + (running if asked.running else sql.Composed([]))


def _text(formula: Formula) -> str:
    if formula.share:
        return (
            "SELECT count(*) FILTER (WHERE {holds}) AS numerator, count(*) AS denominator,\n"
            "    count(*) AS readings, count(DISTINCT r.source) AS sources\n{of}"
        )
    if formula.by:
        return (
            "SELECT coalesce(sum({value} * {weight}), 0) AS numerator,\n"
            "    coalesce(sum({weight}), 0) AS denominator,\n"
            "    count(*) AS readings, count(DISTINCT r.source) AS sources\n{of}"
        )
    if formula.mean:
        return (
            "SELECT coalesce(sum({value}), 0) AS numerator, count(*) AS denominator,\n"
            "    count(*) AS readings, count(DISTINCT r.source) AS sources\n{of}"
        )
    newest = (
        "WITH newest AS (\n    SELECT r.source, {value} AS value, {holds} AS holds,\n"
        "        row_number() OVER (PARTITION BY r.source ORDER BY r.time DESC) AS place\n"
        "    {of}\n      AND NOT r.late\n)\n"
    )
    if formula.total:
        return newest + (
            "SELECT coalesce(sum(value), 0) AS numerator, count(*) AS denominator,\n"
            "    count(*) AS readings, count(*) AS sources\nFROM newest WHERE place = 1"
        )
    return newest + (
        "SELECT count(*) FILTER (WHERE all_hold) AS numerator, count(*) AS denominator,\n"
        "    count(*) AS readings, count(*) AS sources\n"
        "FROM (\n    SELECT source, bool_and(holds) AND count(*) = {number} AS all_hold\n"
        "    FROM newest WHERE place <= {number} GROUP BY source\n) AS places"
    )


def _of(
    indicator: Indicator, formula: Formula, origin: str, since: Micros, until: Micros
) -> sql.Composed:
    """Which readings: FROM and WHERE."""
    joined = (
        "JOIN readings AS w ON w.source = r.source AND w.time = r.time AND w.origin = r.origin\n"
        "    AND w.metric = {by} AND w.value IS NOT NULL\n"
        if formula.by
        else ""
    )
    text = (
        "FROM readings AS r\n" + joined + "JOIN assets AS a ON a.id = r.source\n"
        "WHERE r.metric = {metric} AND a.type = ANY({types}) AND r.origin = {origin}\n"
        "  AND r.time >= {since} AND r.time < {until} AND r.value IS NOT NULL"
    )
    return sql.SQL(text).format(
        by=sql.Literal(formula.by),
        metric=sql.Literal(formula.metric),
        types=sql.Literal(list(sources_of(indicator))),
        origin=sql.Literal(origin),
        since=sql.Literal(to_datetime(since)),
        until=sql.Literal(to_datetime(until)),
    )


def _thousandths(column: str) -> sql.Composed:
    return sql.SQL("round({}::float4::float8 * {})::int8").format(
        sql.SQL(column), sql.Literal(THOUSANDTHS)
    )


def _weight(column: str) -> sql.Composed:
    return sql.SQL("round(least(greatest({}::float4::float8, 0), {}))::int8").format(
        sql.SQL(column), sql.Literal(MOST_WEIGHT)
    )


def _holds(formula: Formula) -> sql.Composed:
    limit = formula.limit
    if limit is None:
        return sql.Composed([sql.SQL("true")])
    return sql.SQL("r.value::float4 {} {}::float4").format(
        sql.SQL(_COMPARES[limit.name]), sql.Literal(limit.value)
    )
