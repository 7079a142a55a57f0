"""CloudEvents 1.0: one event, a batch of them, or binary mode, where attributes are headers.

The data are readings in any of the other formats, as ``datacontenttype`` says; left out: JSON.
Where they say no source, the event's ``subject`` is it; where they say no time, the event's.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from services.receiver.formats import senml, simple, table
from services.receiver.formats.document import document, malformed
from services.receiver.rows import Refused, Row, RowError, Rows, moment, name, said
from services.web.guard import text_of
from services.web.problems import ProblemError
from streams.events import Micros

TYPE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,50}")
_NO_ATTRIBUTES = ("data", "data_base64")
_IN_HEADERS = "ce-"


def read(text: str) -> Rows:
    return _event(0, document(text))


def read_batch(text: str) -> Rows:
    """The index of a row is that of its event."""
    events = document(text)
    if not isinstance(events, list):
        raise malformed("give a list of events")
    return [
        row._replace(at=index) for index, one in enumerate(events) for row in _event(index, one)
    ]


def read_binary(headers: Mapping[str, str], content_type: str, text: str) -> Rows:
    """Args:
    content_type: of the data.
    """
    attributes = {
        header.removeprefix(_IN_HEADERS): unquote(value)
        for header, value in headers.items()
        if header.startswith(_IN_HEADERS)
    }
    try:
        source, time = _checked(attributes)
        return _rows(content_type, text, source, time)
    except RowError as error:
        return [Refused(0, error.reason, error.detail)]


def _event(index: int, one: Any) -> Rows:
    try:
        if not isinstance(one, dict):
            raise RowError("wrong_type", f"give an event, not {said(one)}")
        source, time = _checked({k: v for k, v in one.items() if k not in _NO_ATTRIBUTES})
        kind = name(one.get("datacontenttype", simple.TYPE), "datacontenttype")
        kind = kind.partition(";")[0].strip().lower()
        if ("data" in one) == ("data_base64" in one):
            raise RowError("no_value", "give data, or data_base64")
        if "data_base64" in one:
            return _rows(kind, _decoded(one["data_base64"]), source, time)
        if kind == table.TYPE:
            return _rows(kind, name(one["data"], "data"), source, time)
        return _with(_of_value(kind, one["data"], source, time), time)
    except RowError as error:
        return [Refused(index, error.reason, error.detail)]
    except ProblemError as problem:
        return [Refused(index, problem.reason, problem.detail)]


def _checked(attributes: Mapping[str, Any]) -> tuple[str, Micros | None]:
    """(source of the data, time), each where the event says it; raises RowError."""
    for key in attributes:
        if not _ATTRIBUTE.fullmatch(key):
            raise RowError("unknown_field", f"{said(key)} is no name of an attribute")
    version = attributes.get("specversion")
    if version != "1.0":
        raise RowError("wrong_type", f"specversion: give 1.0, not {said(version)}")
    for key in ("id", "source", "type"):
        name(attributes.get(key), key)
    subject = attributes.get("subject")
    time = attributes.get("time")
    return (
        "" if subject is None else name(subject, "subject"),
        None if time is None else moment(time),
    )


def _decoded(data: Any) -> str:
    try:
        return text_of(base64.b64decode(name(data, "data_base64"), validate=True))
    except (binascii.Error, ValueError):
        raise RowError("wrong_type", "data_base64: it is no base64") from None


def _rows(kind: str, text: str, source: str, time: Micros | None) -> Rows:
    if kind == table.TYPE:
        return _with(table.read(text), time)
    return _with(_of_value(kind, document(text), source, time), time)


def _of_value(kind: str, value: Any, source: str, time: Micros | None) -> Rows:
    if kind == simple.TYPE:
        listed = value if isinstance(value, list) else [value]
        return [simple.row(index, one, source, time) for index, one in enumerate(listed)]
    if kind == senml.TYPE:
        return senml.records(value)
    raise RowError("unknown_format", f"datacontenttype: {said(kind)} is not taken")


def _with(rows: Rows, time: Micros | None) -> Rows:
    """Those that say no time get the event's."""
    return [
        row._replace(time=time, since=None)
        if isinstance(row, Row) and row.time is None and not row.since and time is not None
        else row
        for row in rows
    ]
