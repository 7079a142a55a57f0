"""The receiver over HTTP: ``POST /v1/events`` and ``/v1/ngsi-ld``, and whether it is well."""

import logging

from starlette.applications import Starlette
from starlette.datastructures import Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.receiver.formats.ngsild import Names
from services.receiver.receiving import Receiving
from services.web import guard
from services.web.connections import proxies_of
from services.web.headers import SafeHeaders
from services.web.problems import ProblemError, answer
from streams.settings import Settings

log = logging.getLogger(__name__)


class Events:
    """Where readings are sent; plain ASGI, since who sends is asked before the body is read.

    Args:
        notified: by a context broker of NGSI-LD, whose query says what things are called here.
    """

    def __init__(self, receiving: Receiving, *, notified: bool = False) -> None:
        self._receiving, self._notified = receiving, notified

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
            names = _names(scope["query_string"]) if self._notified else None
            response = await self._receiving.receive(headers, receive, reading, names)
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


def _names(query: bytes) -> Names:
    """Raises ProblemError."""
    asked = QueryParams(query)
    pairs = [one.partition(":")[::2] for one in asked.getlist("metric")]
    wrong = asked.keys() - {"source", "metric"}
    if wrong or not all(map(all, pairs)) or len(asked.getlist("source")) > 1:
        said = "query: give source=ID once, and metric=ATTRIBUTE:METRIC for each that differs"
        raise ProblemError(400, "wrong_query", said)
    return Names(asked.get("source", ""), dict(pairs))


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
        routes=[
            Route("/v1/events", Events(receiving)),
            Route("/v1/ngsi-ld", Events(receiving, notified=True)),
            Route("/healthz", well),
        ],
        middleware=middleware,
        exception_handlers={HTTPException: refused},
    )
