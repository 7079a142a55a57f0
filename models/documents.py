"""YAML that somebody wrote: one value, of so many parts, whatever its aliases stand for."""

from contextlib import suppress
from typing import Any

import yaml

MOST_PARTS = 100_000
"""Of a value, where an alias counts as all that it stands for: ten lines may stand for thousands of
millions of parts (a "billion laughs"), which is felt when they are copied, checked or printed."""


MOST_OPENED = 500
"""Brackets, and characters of a line, of what libyaml is given: it goes down one call for each
level, without asking how many are left, and ends the process where there are too many."""

_COMPOSER: Any = getattr(yaml, "CSafeLoader", None)
"""None: PyYAML was built without libyaml."""


class DocumentError(ValueError):
    """It is no YAML, or no value that anybody wants; one line."""


def load(
    content: str | bytes, loader: type[yaml.SafeLoader] = yaml.SafeLoader, *, once: bool = False
) -> Any:
    """As ``yaml.load`` with PyYAML's own loader, and raises as that; a tenth of the time.

    Every part reads all feeds when it starts, so libyaml reads what is in order. Whatever it does
    not take, or might take otherwise, the loader reads, which also says what is wrong.

    Args:
        once: the loader refuses a key that stands in one place twice.
    """
    with suppress(yaml.YAMLError, ValueError, AttributeError, LookupError, TypeError):
        text = content if isinstance(content, str) else content.decode("utf-8")
        node = _composed(text)
        if node is not None and not (once and _is_twice(node)):
            return yaml.constructor.SafeConstructor().construct_document(node)
    return yaml.load(content, loader)


def _composed(text: str) -> yaml.Node | None:
    """None where the document is empty, or the loader's own parser has to read it."""
    opened = text.count("[") + text.count("{")
    widest = max(map(len, text.splitlines()), default=0)
    if _COMPOSER is None or "\t" in text or opened > MOST_OPENED or widest > MOST_OPENED:
        return None
    parser = _COMPOSER(text)
    try:
        node: yaml.Node | None = parser.get_single_node()
    finally:
        parser.dispose()
    return node


def _is_twice(node: yaml.Node) -> bool:
    """Whether a key stands in one place twice."""
    left, seen = [node], {id(node)}
    while left:
        found = left.pop()
        inside: list[yaml.Node] = []
        if isinstance(found, yaml.MappingNode):
            keys = [key.value for key, _ in found.value if isinstance(key, yaml.ScalarNode)]
            if len(set(keys)) < len(keys):
                return True
            inside = [each for pair in found.value for each in pair]
        elif isinstance(found, yaml.SequenceNode):
            inside = found.value
        for each in inside:
            if id(each) not in seen:  # an alias is the node itself
                seen.add(id(each))
                left.append(each)
    return False


def document(content: str | bytes) -> Any:
    """The value. Raises DocumentError."""
    try:
        found = load(content)
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
