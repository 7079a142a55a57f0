"""What is answered when it cannot be done what was asked: RFC 9457 problem details.

``detail`` is one line for a person, ``reason`` a word for a program.
"""

from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2


class ProblemError(Exception):
    """Raised anywhere below a route, answered as problem JSON."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail = status, reason, detail
        self.headers, self.more = headers, more


def answer(problem: ProblemError) -> JSONResponse:
    content = {
        "type": f"urn:cityops:problem:{problem.reason}",
        "title": problem.reason.replace("_", " "),
        "status": problem.status,
        "detail": problem.detail,
        "reason": problem.reason,
        **problem.more,
    }
    return JSONResponse(content, problem.status, problem.headers, MEDIA_TYPE)
