"""Reads a ``feed.yaml``; what is wrong with it is one line that names the file and the place."""

import re
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import msgspec
import yaml

from models.documents import bounded, load
from models.files import SMALL, read_file
from streams.feeds.feed import AssetType, Counts, DefaultRule, Feed, FeedError, Metric, Tallies
from streams.feeds.validity import faults

_PLACE = re.compile(r"(?P<said>.*?)(?: - at `\$\.?(?P<path>.*)`)?")
_CALLED = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "fields with their values",
    "str": "text",
}
"""What msgspec expects, to one who writes YAML."""


class _Part(NamedTuple):
    """What a field of a feed has by name."""

    called: str
    described: type
    words: tuple[str, ...]


_PARTS = {
    "asset_types": _Part("asset type", AssetType, ("name",)),
    "metrics": _Part("metric", Metric, ("name", "unit")),
}


class _Loader(yaml.SafeLoader):
    """As YAML says, but a key may stand in one place only once."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in lines:
                said = f"{key.value!r} is given twice, first in line {lines[key.value]}"
                raise yaml.MarkedYAMLError(problem=said, problem_mark=key.start_mark)
            lines[key.value] = key.start_mark.line + 1
        return node


def read_feed(path: Path) -> Feed:
    """The feed of that file.

    Raises:
        FeedError: as of ``read``, or it cannot be read, or is no UTF-8.
    """
    try:
        return read(read_file(path, SMALL).decode("utf-8"), str(path))
    except OSError as error:
        raise FeedError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise FeedError(f"{path}: line {line}: it is not UTF-8: save it as that") from None


def read(text: str, where: str) -> Feed:
    """The feed that a file describes.

    Raises:
        FeedError: it is no YAML, lacks a field, has one too many or of the wrong type, or says
            what cannot be.
    """
    try:
        feed = _feed(document(text))
    except Wrong as wrong:
        raise FeedError(f"{where}: {wrong}") from None
    for fault in faults(feed):
        raise FeedError(f"{where}: {fault}")
    return feed


class Wrong(Exception):
    """What is wrong with a file, without its name."""


def document(text: str) -> Any:
    """The value of a YAML document. Raises Wrong."""
    try:
        return bounded(load(text, _Loader, once=True))
    except yaml.MarkedYAMLError as error:
        said = ", ".join(part for part in (error.context, error.problem) if part)
        hint = ": indent with spaces" if r"'\t'" in said else ""
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise Wrong(f"line {line}: {' '.join(said.split())}{hint}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Wrong(f"line {line}: a character that YAML does not allow") from None
    except (ValueError, RecursionError) as error:  # as of the date 2024-13-45
        raise Wrong(f"a value cannot be read: {error}") from None


def _feed(data: Any) -> Feed:
    """Its parts one by one: msgspec says of a part no more than that it is one."""
    if not isinstance(data, dict):
        raise Wrong("give fields with their values: begin with a copy of another feed's")
    data = with_words(data, ("name", "owner"), "")
    for field, part in _PARTS.items():
        for name, value in _items(data, field, field):
            label = f"{part.called} {name}: "
            data[field] = data[field] | {name: with_words(value, part.words, label)}
            converted(data[field][name], part.described, label)
    for field, described in (("counts", Counts), ("tallies", Tallies)):
        if data.get(field) is not None:
            converted(data[field], described, f"{field}: ")
    rules = data.get("default_rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else (), start=1):
        label = f"default rule {number}: "
        for name, value in _items(rule, "parameters", f"{label}parameters"):
            converted(value, float, f"{label}{name}: ")
        converted(rule, DefaultRule, label)
    feed: Feed = converted(data, Feed, "")
    return feed


def _items(data: Any, field: str, label: str) -> list[tuple[str, Any]]:
    """What a field has by name; nothing where it is no such field, which is said elsewhere."""
    found = data.get(field) if isinstance(data, dict) else None
    items = list(found.items()) if isinstance(found, dict) else []
    for name, _ in items:
        if not isinstance(name, str):
            raise Wrong(f"{label}: {name!r} is no text: write it in quotes")
    return items


def with_words(data: Any, fields: tuple[str, ...], label: str) -> Any:
    """The same with ``{vi: …, en: …}`` as Words takes it, in those fields that are there.

    Raises Wrong.
    """
    if not isinstance(data, dict):
        return data
    taken = dict(data)
    for field in fields:
        if field not in data:
            continue
        said = data[field]
        if not _is_words(said):
            raise Wrong(f"{label}{field}: give {{vi: …, en: …}}, a text in each language")
        taken[field] = [said["vi"], said["en"]]
    return taken


def _is_words(said: Any) -> bool:
    return (
        isinstance(said, dict) and set(said) == {"vi", "en"} and all(map(_is_text, said.values()))
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def converted(data: Any, described: Any, label: str) -> Any:
    """The data as what is described. Raises Wrong, whose text begins with ``label``."""
    try:
        return msgspec.convert(data, described)
    except msgspec.ValidationError as error:
        raise Wrong(label + _said(str(error), described)) from None


def _said(message: str, described: Any) -> str:
    """What msgspec says of it, by the names and the values that may stand there."""
    found = _PLACE.fullmatch(message)
    said, path = (found["said"], found["path"] or "") if found else (message, "")
    hints = get_type_hints(described)
    place = f"{path}: " if path else ""
    if get_origin(hints.get(path)) is Literal:
        return f"{place}give {' or '.join(get_args(hints[path]))}"
    if "unknown field" in said:
        return f"{said.removeprefix('Object contains ')}; fields are {', '.join(hints)}"
    expected = re.match(r"Expected `(\w+)`(?: of length (\d+))?", said)
    if expected and expected[1] in _CALLED:
        length = f" of {expected[2]}" if expected[2] else ""
        return f"{place}give {_CALLED[expected[1]]}{length}"
    return place + said.removeprefix("Object ")
