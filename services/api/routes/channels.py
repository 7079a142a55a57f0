"""``/api/channels`` and ``/api/contacts``: by what messages leave, and where people are reached."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts import store
from services.alerts.store import Connection
from services.api import devices, planning
from services.api.asked import now_of
from services.api.auth import may
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.planning import insist_unneeded, named
from services.api.problems import ProblemError, answers
from services.api.users import User
from services.notifier import stored
from services.notifier.channel import BadConfigurationError
from services.notifier.registry import checked, find, kept_by, turned_on
from services.notifier.stored import Contact, StoredChannel
from services.oncall import record
from services.oncall.plans import Audience
from streams.events import from_datetime, to_datetime, to_rfc3339
from streams.settings import Settings
from streams.stamps import wall_clock

router = APIRouter(tags=["notifications"], prefix="/api")

LONGEST_EXERCISE_HOURS = 24 * 7
Language = Literal["vi", "en"]
Manager = Annotated[User, may(Permission.CHANNELS_MANAGE)]
_HOURS = Field(
    default=None,
    gt=0,
    le=LONGEST_EXERCISE_HOURS,
    description="For which exercises (simulated, recorded alerts) are accepted from now on, each"
    " marked as one; null: none are",
)
_UNTIL = Field(description="RFC 3339: exercises are accepted until then; null: none are")


class ChannelIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "type": "smtp",
                    "configuration": {"host": "mail.example.vn", "sender": "cityops@example.vn"},
                }
            ]
        },
    )
    type: str = Field(max_length=64)
    configuration: dict[str, str | int | bool] = Field(
        default={}, max_length=32, description="What may be seen of it, by type"
    )
    secrets: dict[str, str] | None = Field(
        default=None, max_length=32, description="Those that are not given stay as they are"
    )
    public: bool = Field(
        default=False,
        description="Its readers are not known by name: nothing but what is live goes there",
    )
    wards: list[str] | None = Field(
        default=None, max_length=200, description="Whose alerts it is told of; null: everywhere"
    )
    language: Language = "vi"
    exercise_hours: float | None = _HOURS


class ChannelBody(BaseModel):
    name: str
    type: str
    configuration: dict[str, str | int | bool]
    public: bool
    wards: list[str] | None
    language: Language
    exercises_until: str | None = _UNTIL
    addressed: bool = Field(description="Recipients have addresses of their own there")


class ChannelMade(ChannelBody):
    secret: str | None = Field(description="That was made for it, said this once; null: none was")


class TestIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"address": ""}]})
    address: str = Field(default="", max_length=500, description="Where the channel is addressed")


class TestBody(BaseModel):
    id: str = Field(description="Of the message, see `GET /api/notifications?id=`")


class ContactIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"address": "lan@example.vn"}]}
    )
    address: str = Field(max_length=500)
    language: Language = "vi"
    rank: int = Field(
        default=0, ge=stored.RANKS[0], le=stored.RANKS[1], description="The lowest is tried first"
    )
    exercise_hours: float | None = _HOURS


class ContactBody(BaseModel):
    user: str
    channel: str
    address: str
    language: Language
    rank: int
    exercises_until: str | None = _UNTIL


@router.get("/channels", dependencies=[may(Permission.ONCALL_READ)], responses=answers(401, 403))
def list_channels(database: Database) -> list[ChannelBody]:
    """Every channel, without its secrets."""
    return [_body(one) for one in stored.channels(database).values()]


@router.put("/channels/{name}", responses=answers(401, 403, 409, 422))
def put_channel(
    name: str, body: ChannelIn, request: Request, user: Manager, database: Database
) -> ChannelMade:
    """Adds a channel, or changes one."""
    name, settings = named(name), _settings(request)
    store.lock(database)  # what is kept of it is what another has just set
    before = stored.channels(database, settings).get(name)
    secrets = body.secrets or {}
    try:
        if before is not None and kept_by(before, body.type, dict(body.configuration)):
            secrets = (before.secrets or {}) | secrets
        configuration, kept = checked(body.type, dict(body.configuration), secrets)
    except BadConfigurationError as error:
        raise ProblemError(422, "invalid", str(error)) from None
    wards = None if body.wards is None else planning.wards(database, body.wards)
    public = body.public or find(body.type).PUBLIC
    one = StoredChannel(
        name,
        body.type,
        _fields(configuration),
        public,
        wards,
        body.language,
        _until(body.exercise_hours),
        _fields(kept),
    )
    stored.put_channel(database, settings, one, user.name)
    if before is not None:
        devices.changed(database, before, one)
    # What goes to the public takes two persons each time: nothing follows by itself.
    follows = find(one.type).FOLLOWS and not one.public
    record.put(database, "channel", Audience(name=name, wards=wards, follows=follows))
    made = getattr(kept, "secret", "")
    fresh = made if made and made != secrets.get("secret") else None
    return ChannelMade(**_body(one).model_dump(), secret=fresh)


@router.delete(
    "/channels/{name}",
    dependencies=[may(Permission.CHANNELS_MANAGE)],
    responses=answers(401, 403, 404, 409, 422),
)
def delete_channel(name: str, database: Database) -> list[ChannelBody]:
    """Removes a channel, with everybody's address there; those that are left."""
    store.lock(database)
    insist_unneeded(database, "channel", name)
    if not stored.drop_channel(database, name):
        raise ProblemError(404, "no_channel", f"there is no channel {name!r}")
    record.drop(database, "channel", name)
    return [_body(one) for one in stored.channels(database).values()]


@router.post(
    "/channels/{name}/test",
    status_code=202,
    dependencies=[may(Permission.CHANNELS_MANAGE)],
    responses=answers(401, 403, 404, 422),
)
def test_channel(name: str, body: TestIn, request: Request, database: Database) -> TestBody:
    """Sends a message that says that it is a test, on the way of every other one; what becomes of
    it is in `GET /api/notifications`. A public channel is sent none.
    """
    one = stored.channels(database).get(name)
    if one is None:
        raise ProblemError(404, "no_channel", f"there is no channel {name!r}")
    address, channel = body.address, find(one.type)
    if channel.ADDRESSED and not address:
        raise ProblemError(422, "invalid", "address: say where to")
    if address:
        address = _address(one.type, address)
    store.lock(database)
    settings = _settings(request)
    sealed = stored.seal_address(settings, address) if address else None
    return TestBody(id=record.test(database, name, sealed, now_of(request.app.state)))


@router.get("/contacts", dependencies=[may(Permission.ONCALL_MANAGE)], responses=answers(401, 403))
def list_contacts(request: Request, database: Database) -> list[ContactBody]:
    """Where everybody is reached, those to be tried first first."""
    return _contacts(request, database)


@router.put(
    "/contacts/{user}/{channel}",
    dependencies=[may(Permission.ONCALL_MANAGE)],
    responses=answers(401, 403, 404, 422),
)
def put_contact(
    user: str, channel: str, body: ContactIn, request: Request, database: Database
) -> list[ContactBody]:
    """Says where somebody is reached by a channel; all of theirs."""
    store.lock(database)  # the channel is not removed meanwhile
    one = stored.channels(database).get(channel)
    if one is None:
        raise ProblemError(404, "no_channel", f"there is no channel {channel!r}")
    if user not in record.people(database).areas:
        raise ProblemError(404, "no_user", f"there is no user {user!r}")
    if turned_on(one.type) and body.address.strip() != user:
        said = f"address: give {user!r}: who it is turns their own devices on"
        raise ProblemError(422, "invalid", said)
    contact = Contact(
        user,
        channel,
        body.rank,
        body.language,
        _until(body.exercise_hours),
        _address(one.type, body.address),
    )
    stored.put_contact(database, _settings(request), contact)
    return [each for each in _contacts(request, database) if each.user == user]


@router.delete(
    "/contacts/{user}/{channel}",
    dependencies=[may(Permission.ONCALL_MANAGE)],
    responses=answers(401, 403, 404),
)
def delete_contact(
    user: str, channel: str, request: Request, database: Database
) -> list[ContactBody]:
    """Somebody is reached by a channel no more; what is left of theirs."""
    if not stored.drop_contact(database, user, channel):
        raise ProblemError(404, "no_contact", f"{user!r} has no address at {channel!r}")
    return [each for each in _contacts(request, database) if each.user == user]


def _contacts(request: Request, database: Connection) -> list[ContactBody]:
    return [
        ContactBody(
            user=one.user,
            channel=one.channel,
            address=one.address,
            language=one.language,
            rank=one.rank,
            exercises_until=_said(one.exercises_until),
        )
        for one in stored.contacts(database, _settings(request))
    ]


def _body(one: StoredChannel) -> ChannelBody:
    return ChannelBody(
        name=one.name,
        type=one.type,
        configuration=one.configuration,
        public=one.public,
        wards=None if one.wards is None else list(one.wards),
        language=one.language,
        exercises_until=_said(one.exercises_until),
        addressed=find(one.type).ADDRESSED,
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _fields(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


def _address(type: str, address: str) -> str:
    try:
        return find(type).check_address(address)
    except BadConfigurationError as error:
        raise ProblemError(422, "invalid", str(error)) from None


def _until(hours: float | None) -> Any:
    return None if hours is None else to_datetime(wall_clock()) + timedelta(hours=hours)


def _said(moment: Any) -> str | None:
    return None if moment is None else to_rfc3339(from_datetime(moment))
