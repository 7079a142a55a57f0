"""``/api/push``: in which browsers and telephones one is told of alerts; everybody's own."""

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.alerts import store
from services.alerts.store import Connection
from services.api import devices, users
from services.api.asked import now_of
from services.api.auth import BROWSER, asker, cookie, may, set_cookie
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.routes.channels import TestBody
from services.notifier import stored
from services.notifier.channels.web_push.channel import Configuration
from services.notifier.channels.web_push.subscription import LONGEST, Subscription
from services.oncall import record
from streams.events import from_datetime, to_rfc3339
from streams.settings import Settings
from streams.visible import line

router = APIRouter(tags=["notifications"], prefix="/api/push")


class PushChannel(BaseModel):
    name: str
    key: str = Field(description="By which a browser knows who may send to it: base64url")


class DeviceBody(BaseModel):
    id: str = Field(description="SHA-256 of its address at the push service: its first 32 digits")
    channel: str
    name: str
    host: str = Field(description="Of its push service; the rest of its address is sealed")
    made_at: str = Field(description="When it was turned on; all times by the clock")
    taken_at: str | None = Field(description="When it took a message last; null: never")
    detail: str = Field(description="Why the last message was not taken, or why it has ended")
    ended_at: str | None = Field(description="Its push service says since then that it is no more")


class PushBody(BaseModel):
    channels: list[PushChannel] = Field(description="That can be turned on; none: not here")
    devices: list[DeviceBody] = Field(description="Yours, the newest first")
    most: int = Field(description="So many may you have at a time")


class DeviceIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "channel": "push",
                    "name": "My telephone",
                    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
                    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
                    "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
                }
            ]
        },
    )
    channel: str = Field(min_length=1, max_length=64)
    name: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, max_length=60, description="What you call it"
    )
    endpoint: str = Field(max_length=LONGEST, description="As the browser's `PushSubscription` has")
    p256dh: str = Field(max_length=120)
    auth: str = Field(max_length=40)
    language: Literal["vi", "en"] = Field(
        default="vi", description="In which you are told; what was said before stays"
    )


@router.get("", dependencies=[may(Permission.DEVICES_OWN)], responses=answers(401, 403))
def get_push(request: Request, database: Database) -> PushBody:
    """Where you are told, and by which channels that can be turned on."""
    return _body(database, asker(request).user.name)


@router.post(
    "/devices",
    dependencies=[may(Permission.DEVICES_OWN)],
    responses=answers(401, 403, 404, 409, 422),
)
def add_device(
    body: DeviceIn, request: Request, response: Response, database: Database
) -> PushBody:
    """Turns it on in this browser: alerts that you are told of are shown there, until you sign out
    in it.
    """
    found = asker(request)
    if found.purpose == users.SERVICE:
        raise ProblemError(409, "not_a_person", "the machine is nobody: sign in as yourself")
    channel = next((one for one in devices.channels(database) if one.name == body.channel), None)
    if channel is None:
        raise devices.no_channel(body.channel)
    known = request.cookies.get(cookie(request, BROWSER), "")
    browser = known or secrets.token_urlsafe(32)
    subscription = Subscription(endpoint=body.endpoint, p256dh=body.p256dh, auth=body.auth)
    asked = devices.Turning(
        user=found.user.name,
        session=found.id,
        channel=channel,
        name=line(body.name),
        language=body.language,
        browser=browser,
        subscription=subscription,
    )
    devices.turn_on(database, _settings(request), asked)
    if not known:
        set_cookie(request, response, BROWSER, browser, users.BROWSER_SECONDS)
    return _body(database, found.user.name)


@router.delete(
    "/devices/{id}",
    dependencies=[may(Permission.DEVICES_OWN)],
    responses=answers(401, 403, 404),
)
def delete_device(id: str, request: Request, database: Database) -> PushBody:
    """You are told there no more."""
    name = asker(request).user.name
    if not devices.drop(database, name, id):
        raise ProblemError(404, "no_device", "you have no such device")
    return _body(database, name)


@router.post(
    "/devices/{id}/test",
    status_code=202,
    dependencies=[may(Permission.DEVICES_OWN)],
    responses=answers(401, 403, 404, 409, 429),
)
def test_device(id: str, request: Request, database: Database) -> TestBody:
    """Sends it a message that says that it is a test, on the way of every other one; whether it has
    come stands in `GET /api/push`.
    """
    name = asker(request).user.name
    store.lock(database)  # before the device, as who removes its channel does
    channel = devices.begin_test(database, name, id)
    address = stored.seal_address(_settings(request), f"{name}/{id}")
    return TestBody(id=record.test(database, channel, address, now_of(request.app.state)))


def _body(database: Connection, name: str) -> PushBody:
    rows = database.execute(SQL["devices_list"], {"user": name}).fetchall()
    return PushBody(
        channels=[
            PushChannel(name=one.name, key=Configuration(**one.configuration).public_key)
            for one in devices.channels(database)
        ],
        devices=[
            DeviceBody(
                id=number,
                channel=channel,
                name=called,
                host=host,
                made_at=to_rfc3339(from_datetime(made)),
                taken_at=None if taken is None else to_rfc3339(from_datetime(taken)),
                detail=detail,
                ended_at=None if ended is None else to_rfc3339(from_datetime(ended)),
            )
            for number, channel, called, host, made, taken, detail, ended in rows
        ],
        most=devices.MOST,
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
