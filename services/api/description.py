"""The app's description (OpenAPI): what every route answers, also what no route says itself.

A route that asks for a permission may answer 401 or 403, and what stands before all of them
answers too: that is added here, so that a new route need not say it and cannot forget to.
"""

from typing import Any

from fastapi import FastAPI

from services.api.problems import answers, schemas


class DescribedApp(FastAPI):
    """As FastAPI has it, which does not know what stands before the routes."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            whole: dict[str, Any] = super().openapi()
            for path in whole["paths"].values():
                for operation in path.values():
                    _complete(operation)
            found = whole["components"]["schemas"] | schemas()
            for unused in ("HTTPValidationError", "ValidationError"):
                found.pop(unused, None)
            whole["components"]["schemas"] = dict(sorted(found.items()))
            self.openapi_schema = whole
        return self.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    statuses = (401, 403) if "security" in operation else ()
    for status, said in answers(*statuses).items():
        operation["responses"].setdefault(str(status), said)
    operation["responses"] = dict(sorted(operation["responses"].items()))
