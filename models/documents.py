"""YAML that somebody wrote: one value, of so many parts, whatever its aliases stand for."""

from typing import Any

import yaml

MOST_PARTS = 100_000
"""Of a value, where an alias counts as all that it stands for: ten lines may stand for thousands of
millions of parts (a "billion laughs"), which is felt when they are copied, checked or printed."""


class DocumentError(ValueError):
    """It is no YAML, or no value that anybody wants; one line."""


def document(content: str | bytes) -> Any:
    """The value. Raises DocumentError."""
    try:
        found = yaml.safe_load(content)
    except yaml.MarkedYAMLError as error:  # which shows the line itself, and that may be a secret
        at, said = error.problem_mark, error.problem or error.context or "it cannot be read"
        where = f" (line {at.line + 1}, column {at.column + 1})" if at else ""
        raise DocumentError(" ".join(f"{said}{where}".split())) from None
    except (yaml.YAMLError, ValueError, AttributeError, LookupError) as error:
        # A date that there is not is no YAMLError, nor is a tag on what it cannot be of.
        raise DocumentError(" ".join(str(error).split())) from None
    except RecursionError:
        raise DocumentError("it is nested too deeply") from None
    return bounded(found)


def bounded(value: Any) -> Any:
    """The value itself. Raises DocumentError where it has more than ``MOST_PARTS``."""
    left, parts = [value], 0
    while left:
        part = left.pop()
        parts += 1
        if parts > MOST_PARTS:
            raise DocumentError(f"with what its aliases stand for it has over {MOST_PARTS} parts")
        if isinstance(part, dict):
            left += part.values()
        elif isinstance(part, list | set | tuple):
            left += part
    return value
