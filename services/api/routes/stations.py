"""``/api/stations``: loudspeaker stations, which speak what two persons have confirmed."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts import store
from services.api import planning
from services.api.auth import may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.users import User
from services.notifier import stored
from services.notifier.channel import BadConfigurationError
from services.notifier.posting import check_url
from services.notifier.registry import find, stationed
from services.notifier.stored import StoredStation
from streams.events import from_datetime, to_rfc3339

router = APIRouter(tags=["notifications"], prefix="/api/stations")

State = Literal["alive", "dead", "unknown"]
Manager = Annotated[User, may(Permission.CHANNELS_MANAGE)]


class StationIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"channel": "loud", "ward": "Hồng Bàng", "address": "https://10.4.1.7/cap"}
            ]
        },
    )
    channel: str = Field(min_length=1, max_length=64, description="Of the type `public_address`")
    ward: str = Field(min_length=1, max_length=200, description="Whose public warnings it speaks")
    address: str = Field(max_length=500, description="Where it takes CAP; sealed")


class StationBody(BaseModel):
    name: str
    channel: str
    ward: str
    host: str = Field(description="Of its address; the rest is sealed")
    state: State = Field(
        description="`dead`: it did not answer the last time it was asked, which is every minute;"
        " `unknown`: it was not asked yet, or not for five minutes"
    )
    asked_at: str | None = Field(description="By the clock")
    heard_at: str | None = Field(description="When it answered last, by the clock; null: never")
    detail: str = Field(description="Why it is taken for dead")


@router.get("", dependencies=[may(Permission.ONCALL_READ)], responses=answers(401, 403))
def list_stations(database: Database) -> list[StationBody]:
    """Loudspeaker stations, those that do not answer first."""
    return [
        StationBody(
            name=name,
            channel=channel,
            ward=ward,
            host=host,
            state=state,
            asked_at=None if asked is None else to_rfc3339(from_datetime(asked)),
            heard_at=None if heard is None else to_rfc3339(from_datetime(heard)),
            detail=detail,
        )
        for name, channel, ward, host, state, asked, heard, detail in database.execute(
            SQL["stations_list"]
        ).fetchall()
    ]


@router.put("/{name}", responses=answers(401, 403, 404, 422))
def put_station(
    name: str, body: StationIn, request: Request, user: Manager, database: Database
) -> list[StationBody]:
    """Adds a station, or changes one; all there are. Within a minute it is asked whether it is
    there.
    """
    name = planning.named(name)
    channel = stored.channels(database).get(body.channel)
    if channel is None:
        raise ProblemError(404, "no_channel", f"there is no channel {body.channel!r}")
    if stationed(channel.type) is None:
        raise ProblemError(422, "invalid", f"channel {body.channel} is of no type with stations")
    (ward,) = planning.wards(database, [body.ward])
    try:
        address = find(channel.type).check_address(body.address)
        host = check_url(address)
    except BadConfigurationError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    store.lock(database)
    one = StoredStation(name, channel.name, ward, host, address)
    stored.put_station(database, request.app.state.settings, one, user.name)
    return list_stations(database)


@router.delete(
    "/{name}",
    dependencies=[may(Permission.CHANNELS_MANAGE)],
    responses=answers(401, 403, 404),
)
def delete_station(name: str, database: Database) -> list[StationBody]:
    """Removes a station; those that are left."""
    if not stored.drop_station(database, name):
        raise ProblemError(404, "no_station", f"there is no station {name!r}")
    return list_stations(database)
