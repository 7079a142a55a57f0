"""Changes of what is planned: checked against what there is, recorded, under the alerts' lock."""

from services.alerts import store
from services.alerts.store import Connection
from services.api.problems import ProblemError
from services.api.teams import known_wards
from services.oncall import record
from services.oncall.plans import Plan, PlanError, Sort, check, check_name, needed_by
from streams.wards import UnknownWardError
from streams.wards import found as found_of


def put(database: Connection, sort: Sort, plan: Plan) -> None:
    """Raises ProblemError 422 where nobody could follow it."""
    store.lock(database)
    people = record.people(database)
    try:
        check(plan, record.known(database).plans, people.areas, people.teams)
    except PlanError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    record.put(database, sort, plan)


def drop(database: Connection, sort: Sort, name: str) -> None:
    """Raises ProblemError 404 where there is none, 409 where something names it."""
    store.lock(database)
    insist_unneeded(database, sort, name)
    if not record.drop(database, sort, name):
        raise ProblemError(404, f"no_{sort}", f"there is no {sort} {name!r}")


def insist_unneeded(database: Connection, sort: Sort, name: str) -> None:
    """Raises ProblemError 409."""
    if found := needed_by(sort, name, record.known(database).plans):
        listed = ", ".join(found)
        raise ProblemError(409, "needed", f"{sort} {name} is named by {listed}: change that first")


def named(name: str) -> str:
    """A name in a path, as it is kept; raises ProblemError 422."""
    try:
        return check_name(name)
    except PlanError as error:
        raise ProblemError(422, "invalid", str(error)) from None


def wards(database: Connection, names: list[str]) -> tuple[str, ...]:
    """As they are spelt; raises ProblemError where there is no such ward, or none is named."""
    try:
        found = found_of(names, known_wards(database))
    except UnknownWardError as error:
        raise ProblemError(422, "invalid", f"wards: {error}") from None
    if not found:
        raise ProblemError(422, "invalid", "wards: name one, or leave them out")
    return found
