"""``/api/session/factor``: a second factor of one's own."""

from base64 import b64encode

import cv2
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from services.alerts.store import Connection
from services.api import factors, signin, users
from services.api.attempts import ask, attempt_of
from services.api.auth import BROWSER, asker, cookie, may, pool_of
from services.api.changing import Database
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.recording import recorded
from services.api.routes.sessions import own_password

router = APIRouter(tags=["session"], prefix="/api/session/factor")

PIXELS = 5
"""Of each square of the picture."""
MARGIN = 4
"""Squares around it (ISO/IEC 18004)."""


class FactorBody(BaseModel):
    active: bool = Field(description="Signing in asks for a code, too")


class Proof(BaseModel):
    password: str = Field(min_length=1, max_length=1000, description="Your own, once more")


class Code(BaseModel):
    code: str = Field(min_length=1, max_length=40)


class Removal(Proof, Code):
    """Both, or a recovery code in place of the telephone's."""


class NewFactor(BaseModel):
    secret: str = Field(description="For an app that takes no picture; it is said this once")
    address: str = Field(description="`otpauth://…`")
    picture: str = Field(description="The address as a QR code: PNG, as a `data:` address")


class RecoveryCodes(BaseModel):
    codes: list[str] = Field(description="Each good for once, in place of a code; said this once")


@router.get("", dependencies=[may(Permission.PASSWORD_OWN)], responses=answers(401, 403))
def get_factor(request: Request, database: Database) -> FactorBody:
    """Whether you have one."""
    return FactorBody(active=factors.asked(database, asker(request).user.name))


@router.post(
    "", dependencies=[may(Permission.PASSWORD_OWN)], responses=answers(401, 403, 409, 422, 429)
)
async def begin(body: Proof, request: Request) -> NewFactor:
    """A new one, for an app on a telephone; nothing asks for it before it is confirmed."""
    name, settings = await _proven(request, body.password), request.app.state.settings

    def prepare(connection: Connection) -> tuple[str, str]:
        with recorded(request, connection):
            return factors.begin(connection, settings, name)

    secret, address = await ask(pool_of(request), prepare)
    picture = await run_in_threadpool(_picture, address)
    return NewFactor(secret=secret, address=address, picture=picture)


@router.put("", dependencies=[may(Permission.PASSWORD_OWN)], responses=answers(401, 403, 409, 422))
def confirm(body: Code, request: Request, database: Database) -> RecoveryCodes:
    """It is one from now on, as the telephone shows a code of it; all other sessions end, and web
    push in other browsers, as they were begun without."""
    own, settings = asker(request), request.app.state.settings
    name = own.user.name
    codes = factors.confirm(database, settings, name, body.code)
    if codes is None:
        raise ProblemError(409, "wrong_code", "the code is wrong, too old, or was used already")
    users.end(database, name, but=own.id, purposes=(users.CONSOLE,))
    users.forget_devices(database, name, but=request.cookies.get(cookie(request, BROWSER), ""))
    return RecoveryCodes(codes=codes)


@router.post(
    "/remove",
    dependencies=[may(Permission.PASSWORD_OWN)],
    responses=answers(401, 403, 409, 422, 429),
)
async def remove(body: Removal, request: Request) -> FactorBody:
    """Signing in asks for no code any more."""
    name, settings = asker(request).user.name, request.app.state.settings
    attempt = await attempt_of(request, name, body.password, "", wrong=403)

    def drop(connection: Connection) -> None:
        with recorded(request, connection):
            if not factors.matches(connection, settings, name, body.code):
                said = "the code is wrong, too old, or was used already"
                raise ProblemError(409, "wrong_code", said)
            signin.clear(connection, attempt)
            factors.drop(connection, name)

    await ask(pool_of(request), drop)
    return FactorBody(active=False)


async def _proven(request: Request, password: str) -> str:
    """Who asks, and has given the password once more; raises ProblemError."""
    found = asker(request)
    own_password(found)
    name = found.user.name
    attempt = await attempt_of(request, name, password, "", wrong=403)
    await ask(pool_of(request), lambda connection: signin.clear(connection, attempt))
    return name


def _picture(address: str) -> str:
    squares = cv2.QRCodeEncoder.create().encode(address)
    sides = (MARGIN,) * 4
    framed = cv2.copyMakeBorder(squares, *sides, cv2.BORDER_CONSTANT, value=(255,))
    large = cv2.resize(framed, None, fx=PIXELS, fy=PIXELS, interpolation=cv2.INTER_NEAREST)
    _, png = cv2.imencode(".png", large)
    return "data:image/png;base64," + b64encode(png.tobytes()).decode()
