"""JSON that a stranger sent, without what could be taken in two ways."""

import json
from typing import Any

from services.receiver.rows import said
from services.web.guard import check_size
from services.web.problems import ProblemError


def document(text: str) -> Any:
    """The value; numbers may be not finite.

    Raises:
        ProblemError: it is no JSON, costs too much, or names a field twice.
    """
    check_size(text)
    try:
        return json.loads(text, object_pairs_hook=_object)
    except ValueError as error:
        raise malformed(str(error)) from None


def malformed(detail: str) -> ProblemError:
    return ProblemError(400, "malformed", f"body: {detail}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = set[str]()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"{said(twice)} is given twice in one object")
    return found
