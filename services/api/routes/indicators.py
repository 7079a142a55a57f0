"""``/api/indicators``: the figures by which the city is judged, and how each is computed anew."""

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.api.areas import here, sources_here
from services.api.asked import now_of
from services.api.auth import may, pool_of
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.routes.sources import configured
from services.api.times import first_of_hours, moment_of
from services.history.indicators import Asked, query
from streams.events import IndicatorState, Origin, from_datetime, to_datetime, to_rfc3339
from streams.indicators.catalogue import all_indicators
from streams.indicators.indicator import THOUSANDTHS, Indicator, PeriodName, Says
from streams.indicators.summing import sources_of

router = APIRouter(tags=["indicators"], prefix="/api/indicators")

LISTED = 13
MAX_PERIODS = 400
MAX_HOURS = 31 * 24
ORIGINS: tuple[Origin, ...] = get_args(Origin)


class PeriodBody(BaseModel):
    start: str
    end: str
    computed_at: str = Field(description="Event time at which it was computed last")
    state: IndicatorState
    revision: int = Field(description="0 until it closes; each restatement one more")
    numerator: int
    denominator: int
    readings: int = Field(description="That are in it; of how things stand: sources")
    unplaced: int = Field(
        description="Readings that came so late that nobody knows whether they had come before:"
        " they are not in it"
    )
    value: float | None = Field(description="In the indicator's unit; null: nothing was measured")
    low: float | None = Field(description="What it is to be at the period's end, at least")
    high: float | None = Field(description="The same, at most; null: nobody can tell yet")
    met: bool | None = Field(description="Whether it is as good as the target; null: no value")


class SeriesBody(BaseModel):
    origin: Origin
    periods: list[PeriodBody] = Field(description="The latest first")
    trend: float | None = Field(
        description="By how much the last period that is over differs from the one before"
    )


class IndicatorBody(BaseModel):
    id: str
    name_vi: str
    name_en: str
    unit_vi: str
    unit_en: str
    direction: str = Field(description="up or down: where it gets better")
    period: PeriodName
    target: float | None = Field(description="Itself still good; null: nobody has set one")
    says: Says = Field(description="Who set the target")
    responsible_vi: str
    responsible_en: str
    legal_vi: str
    legal_en: str
    needs_vi: str | None = Field(description="What it lacks to be computed; null: it is")
    needs_en: str | None
    series: list[SeriesBody]


class IndicatorList(BaseModel):
    indicators: list[IndicatorBody]


class ComputedBody(BaseModel):
    """A period, and the same computed anew from what is stored now."""

    said: list[PeriodBody] = Field(description="The last 1000 that were said of it, in order")
    sql: str = Field(description="The query; analysts may ask it themselves")
    numerator: int
    denominator: int
    readings: int
    sources: int = Field(description="That these readings are of")
    value: float | None
    same: bool = Field(
        description="Whether it is what was said last; else something has come late since, or is"
        " not placed"
    )


class CasesBody(BaseModel):
    """What became of cases, or happened, in one hour, at one source or of one kind."""

    hour: str | None = Field(description="Its start, where it is by hour")
    source: str | None = Field(description="Where it is by source")
    name_vi: str | None
    name_en: str | None
    procedure: int | None = Field(description="Where it is by procedure; 0: nobody said")
    begun: int
    forwarded: int
    ended: int
    in_time: int = Field(description="Of those that ended: in time; or done, and not failed")
    amount: int = Field(description="What these come to, in đồng, where anything is paid")
    value: float | None = Field(description="In the indicator's unit; null: none ended")


class CasesList(BaseModel):
    origin: Origin
    since: str
    until: str
    rows: list[CasesBody]


@router.get("", dependencies=[may(Permission.SOURCES_READ)], responses=answers(401))
def list_indicators(request: Request) -> IndicatorList:
    """Every indicator of the catalogue with its last periods; also those not computed, and why."""
    catalogue = all_indicators()
    found = _series(request, list(catalogue), ORIGINS, LISTED, None)
    return IndicatorList(
        indicators=[_body(each, found.get(each.id, {})) for each in catalogue.values()]
    )


@router.get(
    "/{id}", dependencies=[may(Permission.SOURCES_READ)], responses=answers(400, 401, 404, 422)
)
def get_indicator(
    id: str,
    request: Request,
    *,
    periods: Annotated[int, Query(ge=1, le=MAX_PERIODS)] = 48,
    until: Annotated[str | None, Query(description="Periods that began by then")] = None,
) -> IndicatorBody:
    """One indicator with so many periods."""
    indicator = _known(id)
    before = moment_of("until", until)
    return _body(indicator, _series(request, [id], ORIGINS, periods, before).get(id, {}))


@router.get(
    "/{id}/computed",
    dependencies=[may(Permission.SOURCES_READ)],
    responses=answers(400, 401, 404, 422),
)
def compute_indicator(
    id: str,
    request: Request,
    *,
    origin: Origin = "live",
    start: Annotated[str | None, Query(description="Of the period; none: the latest")] = None,
) -> ComputedBody:
    """A period computed anew from the readings that are stored, by a query that is told."""
    indicator = _known(id)
    if indicator.formula is None:
        raise ProblemError(404, "not_computed", f"{id} is not computed: {_needs(indicator)}")
    moment = moment_of("start", start)
    with pool_of(request).connection() as connection:
        if moment is None:
            newest = _asked(connection, [id], [origin], 1, None)
            if not newest:
                raise ProblemError(404, "no_period", f"{id} has no period of origin {origin}")
            moment = newest[0][2]
        wanted = {"indicator": id, "origin": origin, "time": moment}
        rows = connection.execute(SQL["indicator_revisions"], wanted).fetchall()
        if not rows:
            raise ProblemError(404, "no_period", f"{id} has no period that begins then")
        begin, end, computed_at = map(from_datetime, rows[-1][:3])
        asked = query(indicator, Asked(origin, begin, end, computed_at, rows[-1][3] == "running"))
        text = asked.as_string(connection)
        answer = connection.execute(asked).fetchone()
    assert answer
    numerator, denominator, readings, sources = map(int, answer)
    value = indicator.formula.value(numerator, denominator)
    return ComputedBody(
        said=[_period(indicator, row) for row in rows],
        sql=text,
        numerator=numerator,
        denominator=denominator,
        readings=readings,
        sources=sources,
        value=None if value is None else value / THOUSANDTHS,
        same=(numerator, denominator) == (rows[-1][5], rows[-1][6]),
    )


@router.get(
    "/{id}/cases",
    dependencies=[may(Permission.SOURCES_READ)],
    responses=answers(400, 401, 404, 422),
)
def list_cases(
    id: str,
    request: Request,
    *,
    by: Literal["hour", "source", "procedure"] = "hour",
    origin: Origin = "live",
    hours: Annotated[int, Query(ge=1, le=MAX_HOURS, description="Before the end")] = 24,
    until: Annotated[
        str | None, Query(description="Its end, in an hour that counts whole; none: now")
    ] = None,
) -> CasesList:
    """What an indicator that is made of events comes to by hour, source or kind, of one's wards."""
    indicator = _known(id)
    if indicator.formula is None or not indicator.formula.cases:
        raise ProblemError(404, "no_cases", f"{id} is not made of cases that are told one by one")
    known = here(request, configured(request)).sources
    end = moment_of("until", until) or to_datetime(now_of(request.app.state))
    begin = first_of_hours(end, hours)
    wanted: dict[str, Any] = {"by": by, "origin": origin, "since": begin, "until": end}
    wanted["types"] = list(sources_of(indicator))
    with pool_of(request).connection() as connection:
        wanted["sources"] = sources_here(request, connection, None)
        found = connection.execute(SQL["indicator_cases"], wanted).fetchall()
    rows = []
    for hour, source, procedure, begun, forwarded, ended, in_time, amount in found:
        value = indicator.formula.value(in_time, ended)
        there = known.get(source) if source else None
        rows.append(
            CasesBody(
                hour=to_rfc3339(from_datetime(hour)) if hour else None,
                source=source,
                name_vi=there.name_vi if there else source,
                name_en=there.name_en if there else source,
                procedure=procedure,
                begun=begun,
                forwarded=forwarded,
                ended=ended,
                in_time=in_time,
                amount=amount,
                value=None if value is None else value / THOUSANDTHS,
            )
        )
    return CasesList(
        origin=origin,
        since=to_rfc3339(from_datetime(begin)),
        until=to_rfc3339(from_datetime(end)),
        rows=rows,
    )


def _known(id: str) -> Indicator:
    found = all_indicators().get(id)
    if found is None:
        raise ProblemError(404, "no_indicator", f"there is no indicator {id!r}")
    return found


def _needs(indicator: Indicator) -> str:
    return f"it needs {indicator.needs.en}" if indicator.needs else ""


def _asked(
    connection: Any,
    ids: list[str],
    origins: "tuple[Origin, ...] | list[Origin]",
    limit: int,
    before: datetime | None,
) -> list[Any]:
    wanted = {"indicators": ids, "origins": list(origins), "limit": limit, "before": before}
    rows: list[Any] = connection.execute(SQL["indicators_newest"], wanted).fetchall()
    return rows


def _series(
    request: Request,
    ids: list[str],
    origins: tuple[Origin, ...],
    limit: int,
    before: datetime | None,
) -> dict[str, dict[Origin, list[Any]]]:
    """Rows of the last periods by indicator and origin."""
    with pool_of(request).connection() as connection:
        rows = _asked(connection, ids, origins, limit, before)
    found: dict[str, dict[Origin, list[Any]]] = {}
    for name, origin, *row in rows:
        found.setdefault(name, {}).setdefault(origin, []).append(row)
    return found


def _body(indicator: Indicator, found: dict[Origin, list[Any]]) -> IndicatorBody:
    series = []
    for origin in sorted(found, key=ORIGINS.index):
        periods = [_period(indicator, row) for row in found[origin]]
        over = [
            each.value for each in periods if each.state != "running" and each.value is not None
        ]
        trend = round(over[0] - over[1], 3) if len(over) > 1 else None
        series.append(SeriesBody(origin=origin, periods=periods, trend=trend))
    return IndicatorBody(
        id=indicator.id,
        name_vi=indicator.name.vi,
        name_en=indicator.name.en,
        unit_vi=indicator.unit.vi,
        unit_en=indicator.unit.en,
        direction=indicator.direction,
        period=indicator.period,
        target=indicator.target,
        says=indicator.says,
        responsible_vi=indicator.responsible.vi,
        responsible_en=indicator.responsible.en,
        legal_vi=indicator.legal.vi,
        legal_en=indicator.legal.en,
        needs_vi=indicator.needs.vi if indicator.needs else None,
        needs_en=indicator.needs.en if indicator.needs else None,
        series=series,
    )


def _period(indicator: Indicator, row: Any) -> PeriodBody:
    start, end, computed_at, state, revision, numerator, denominator, readings, *rest = row
    unplaced, value, low, high = rest
    met = None if value is None else indicator.is_met(round(value * THOUSANDTHS))
    return PeriodBody(
        start=to_rfc3339(from_datetime(start)),
        end=to_rfc3339(from_datetime(end)),
        computed_at=to_rfc3339(from_datetime(computed_at)),
        state=state,
        revision=revision,
        numerator=numerator,
        denominator=denominator,
        readings=readings,
        unplaced=unplaced,
        value=value,
        low=low,
        high=high,
        met=met,
    )
