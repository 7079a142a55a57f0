"""The app's description (OpenAPI): what every route answers, also what no route says itself.

A route that asks for a permission may answer 401 or 403, and what stands before all of them
answers too: that is added here, so that a new route need not say it and cannot forget to.
"""

from typing import Any

from fastapi import FastAPI

from services.api.problems import MEDIA_TYPE, answers

_JSON = "application/json"
_PROBLEM = "#/components/schemas/ProblemBody"


class DescribedApp(FastAPI):
    """As FastAPI has it, which knows neither what stands before the routes nor the media type of
    problems.
    """

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            whole: dict[str, Any] = super().openapi()
            for path in whole["paths"].values():
                for operation in path.values():
                    _complete(operation)
            for unused in ("HTTPValidationError", "ValidationError"):
                whole["components"]["schemas"].pop(unused, None)
            self.openapi_schema = whole
        return self.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    statuses = (401, 403) if "security" in operation else ()
    for status, said in answers(*statuses).items():
        whole = {"description": said["description"], "content": {_JSON: {"schema": _reference()}}}
        operation["responses"].setdefault(str(status), whole)
    for answer in operation["responses"].values():
        content = answer.get("content", {})
        if content.get(_JSON, {}).get("schema") == _reference():
            # What else stands there, as of a picture, is what the route answers when all is well.
            answer["content"] = {MEDIA_TYPE: content[_JSON]}
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _reference() -> dict[str, str]:
    return {"$ref": _PROBLEM}
