"""The receiver's HTTP interface: ``POST /v1/events``, and whether it is well."""

import logging

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.receiver.receiving import Receiving
from services.web import guard
from services.web.connections import proxies_of
from services.web.headers import SafeHeaders
from services.web.problems import ProblemError, answer
from streams.settings import Settings

log = logging.getLogger(__name__)


class Events:
    """The one route; plain ASGI, since who sends is asked before the body is read."""

    def __init__(self, receiving: Receiving) -> None:
        self._receiving = receiving

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        whole = False

        def reading() -> None:
            nonlocal whole
            whole = True

        headers = Headers(scope=scope)
        try:
            if scope["method"] != "POST":
                said = "readings are sent by POST"
                raise ProblemError(405, "method_not_allowed", said, headers={"Allow": "POST"})
            guard.check_address(scope)
            response = await self._receiving.receive(headers, receive, reading)
        except ProblemError as problem:
            bodiless = "content-length" not in headers and "transfer-encoding" not in headers
            unread = not (whole or bodiless or headers.get("content-length") == "0")
            await guard.refuse(problem, scope, receive, send, unread=unread)
        except guard.Left:
            return
        except Exception:
            log.exception("a fault of the receiver")
            fault = ProblemError(500, "fault", "a fault of the receiver: its log says more")
            await guard.refuse(fault, scope, receive, send, unread=not whole)
        else:
            await response(scope, receive, send)


def create_app(settings: Settings, receiving: Receiving) -> Starlette:
    async def well(_: Request) -> Response:
        problem = receiving.problem
        return JSONResponse({"ok": not problem, "detail": problem}, 503 if problem else 200)

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        reason = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
        return answer(ProblemError(error.status_code, reason, "POST /v1/events takes readings"))

    middleware = [Middleware(SafeHeaders, hsts_seconds=settings.hsts_seconds)]
    if proxies := proxies_of(settings.trusted_proxies):
        middleware.insert(0, Middleware(ProxyHeadersMiddleware, trusted_hosts=proxies))
    return Starlette(
        routes=[Route("/v1/events", Events(receiving)), Route("/healthz", well)],
        middleware=middleware,
        exception_handlers={HTTPException: refused},
    )
