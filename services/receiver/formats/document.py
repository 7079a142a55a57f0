"""JSON that a stranger sent, without what could be taken in two ways."""

import json
import re
from typing import Any

from services.receiver.rows import said
from services.web.guard import check_size
from services.web.problems import ProblemError

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def document(text: str) -> Any:
    """The value; numbers may be not finite.

    Raises:
        ProblemError: it is no JSON, costs too much, names a field twice, or holds half of a
            surrogate pair, which nothing could send on.
    """
    check_size(text)
    if not text.strip():
        raise malformed("it is empty")
    try:
        found = json.loads(text, object_pairs_hook=_object)
        if _SURROGATE.search(text):  # a pair, or half of one
            json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise malformed("it holds half of a surrogate pair") from None
    except ValueError as error:
        raise malformed(str(error)) from None
    return found


def malformed(detail: str) -> ProblemError:
    return ProblemError(400, "malformed", f"body: {detail}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen = set[str]()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"{said(twice)} is given twice in one object")
    return found
