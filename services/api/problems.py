"""Which errors of the API become which problems, and how its description has them."""

import logging
from typing import Any

import psycopg
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from services.alerts.store import NoAlertError
from services.api.passwords import BusyError
from services.api.users import RefusedError
from services.web.problems import MEDIA_TYPE, RETRY_AFTER_SECONDS, ProblemError, answer

__all__ = ["MEDIA_TYPE", "RETRY_AFTER_SECONDS", "ProblemError", "answer"]

log = logging.getLogger(__name__)


class ProblemBody(BaseModel):
    """As in RFC 9457."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:cityops:problem:already_acknowledged",
                    "title": "already acknowledged",
                    "status": 409,
                    "detail": "acknowledged by lan at 2026-11-22T18:40:07.120000Z",
                    "reason": "already_acknowledged",
                    "by": "lan",
                    "at": "2026-11-22T18:40:07.120000Z",
                }
            ]
        }
    )
    type: str
    title: str
    status: int
    detail: str
    reason: str
    by: str | None = None
    at: str | None = None


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's ``responses``: these statuses come as problem JSON, and those of any route.

    By reference to ``ProblemBody``: of a model FastAPI would make what checks it for each status of
    each route, which took a sixth of the service's start.
    """
    return {
        status: {
            "description": _DESCRIPTIONS[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{_NAME}"}}},
        }
        for status in sorted({*statuses, *ANY_ROUTE})
    }


def schemas() -> dict[str, Any]:
    """What ``answers`` refers to, for the description."""
    found = ProblemBody.model_json_schema(mode="serialization")
    return {_NAME: jsonable_encoder(found, exclude_none=True)}  # as FastAPI has others


_NAME = ProblemBody.__name__
ANY_ROUTE = (408, 413, 414, 415, 422, 503)
"""What ``services.web.guard`` and ``services.api.away`` answer in front of all of them."""


_DESCRIPTIONS = {
    400: "The request makes no sense",
    401: "Not signed in, or no longer",
    403: "The role does not allow it",
    404: "There is no such thing",
    408: "The body did not come in time",
    409: "Somebody was first, or the alert has changed",
    413: "The body is too large",
    414: "The address is too long",
    415: "The body is no JSON by its `Content-Type`",
    422: "A value is missing or wrong",
    429: "Too many (failed) sign-ins: wait",
    503: "The database is away: ask again",
}


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem."""

    @app.exception_handler(ProblemError)
    async def _problem(request: Request, error: ProblemError) -> JSONResponse:
        request.state.reason = error.reason  # for the audit log
        return answer(error)

    @app.exception_handler(NoAlertError)
    async def _no_alert(_: Request, error: NoAlertError) -> JSONResponse:
        return answer(ProblemError(404, "no_alert", f"there is no alert {error.args[0]}"))

    @app.exception_handler(RefusedError)
    async def _refused(request: Request, error: RefusedError) -> JSONResponse:
        request.state.reason = error.reason
        return answer(ProblemError(error.status, error.reason, str(error)))

    @app.exception_handler(BusyError)
    async def _busy(_: Request, _error: BusyError) -> JSONResponse:
        said = "too many passwords are looked at: try again in a few seconds"
        return answer(ProblemError(429, "busy", said, headers={"Retry-After": "5"}))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
        return answer(ProblemError(422, "invalid", f"{where}: {first['msg']}"))

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> JSONResponse:
        reason = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
        headers = dict(error.headers) if error.headers else None
        return answer(ProblemError(error.status_code, reason, str(error.detail), headers=headers))

    @app.exception_handler(psycopg.OperationalError)
    async def _database(_: Request, error: psycopg.OperationalError) -> JSONResponse:
        log.warning("database: %s", str(error).strip().splitlines()[0] if str(error) else error)
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return answer(ProblemError(503, "database_away", "the database is away", headers=headers))

    @app.exception_handler(psycopg.DataError)
    async def _unstorable(_: Request, error: psycopg.DataError) -> JSONResponse:
        log.warning("a value that the database cannot hold: %s", str(error).splitlines()[:1])
        return answer(ProblemError(422, "invalid", "it holds a value that cannot be stored"))

    @app.exception_handler(Exception)
    async def _fault(_: Request, _error: Exception) -> JSONResponse:
        return answer(ProblemError(500, "fault", "a fault of the service: its log says more"))

    app.add_exception_handler(PoolTimeout, _database)  # type: ignore[arg-type]
