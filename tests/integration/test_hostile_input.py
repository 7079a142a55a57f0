"""No text that anybody sends ends in a fault of the service: every route of its own description,
each of its parameters and each part of its body, against a real database.

A new route, parameter or field is tested without a line here.
"""

import base64
import copy
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from math import gcd
from typing import Any

import httpx
import msgspec
import pytest

from services.alerts import store
from services.alerts.exhibits import exhibit
from services.alerts.lifecycle import receive
from services.api import newest
from services.api.routes import clock
from services.api.users import first_start
from services.audit import log
from services.audit.entry import Entry
from services.web.guard import MAX_BODY
from streams.configuration.log import append_missing
from streams.database import connect
from streams.events import HOUR, Place, Source, to_datetime
from streams.settings import Settings
from streams.tables.corrections import TABLE as CORRECTIONS
from streams.tables.incidents import TABLE as INCIDENTS
from streams.tables.rows import rows_of
from streams.tables.writer import copy as copy_rows
from tests.support.alerting import START, incident
from tests.support.databases import cloned, know_passwords
from tests.support.renewing import TEMPLATE_NAMESPACE
from tests.support.serving import serving, with_free_port

HOSTILE = (
    "%00",
    "a%00b",
    "%ED%A0%80",
    "%FF%FE",
    "%F0%9F%9A%97" * 50,
    "9" * 400,
    "-1",
    "1e400",
    "9223372036854775808",
    "NaN",
    "x" * 30_000,
    "x" * 36,
    "00000000-0000-0000-0000-00000000000g",
    "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00%2B23:59",
    "99999-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "2026-06-30T23:59:60Z",
    "2026-02-30T24:00:00Z",
    "%EF%BC%91%EF%BC%92",
    "2026-11-28T00:00:00Z_" + "x" * 36,
    "lKhzZXZlcml0ec4AD0JAzwADjX6kxoAAoWE",
    "lKZsYXRlc3QAzwADjX6kxoAAo2EAYg",
    "%5B/%5D%27%22%5C%3B--",
    "%1B%5B2J%07%7F%C2%9B",
)
"""As they stand in an address."""
HOSTILE_JSON = (
    r'"\u0000"',
    r'"a\u0000b"',
    r'"\ud800"',
    r'"\udfff\ud800"',
    '"' + "x" * 70_000 + '"',
    '"http://["',
    '"rtsp://h:99999999/"',
    '"[/]"',
    '"-0"',
    "1" + "0" * 400,
    "1" + "0" * 5000,
    "-9223372036854775809",
    "1e300",
    "1e-300",
    "1e400",
    "NaN",
    "-Infinity",
    "null",
    "true",
    "[]",
    "{}",
    "[" * 3000 + "]" * 3000,
    r'{"\ud800": "\u0000"}',
    "[[0.1, 0.1], [0.1, 0.1]]",
)
REPORTED = (
    "/api/alerts?text=%00",
    "/api/alerts?kind=%00",
    "/api/alerts?source=a%00b",
    "/api/incidents?kind=%00",
    "/api/incidents?source=%00",
    "/api/incidents?cursor=2026-11-28T00:00:00Z_" + "x" * 36,
    "/api/alerts?order=severity&cursor=lKhzZXZlcml0ec4AD0JAzwADjX6kxoAAoWE",
    "/api/alerts?order=latest&cursor=lKZsYXRlc3QAzwADjX6kxoAAo2EAYg",
)
"""Each was a fault once."""
JSON = {"Content-Type": "application/json"}
NO_JSON = (
    None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/xml", "application/msgpack", "application/jsonp", "json", "\xff", ";" * 3000,
)  # fmt: skip
"""Types of content that are none of ours."""
STREAM = "/api/events"
NOT_SIGNED_IN = "not_signed_in"
"""What would hide every other answer."""
FIELDS: tuple[Any, ...] = (
    None, True, -1, 10**6, 2**63, -(2**63), 2**64 - 1, 1e300, "", "\0", "a\0b", "x" * 5000, "NaN",
    b"\xff", [], {}, [[]], datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC),
    "2026-01-01T00:00:00", msgspec.msgpack.Ext(-1, b"\xff" * 12), msgspec.msgpack.Ext(5, b""),
)  # fmt: skip
"""What may stand in a cursor in place of a value."""


@pytest.fixture
def share(request: pytest.FixtureRequest) -> int:
    """Of so many requests one is sent, values and places in turn; with --slow all are."""
    found = 1 if request.config.getoption("--slow") else 7
    assert gcd(found, len(HOSTILE_JSON)) == 1, "every part of a body would be given the same few"
    return found


@contextmanager
def asking(settings: Settings) -> Iterator[httpx.Client]:
    """Whoever has the token of a service of its own, with two of everything."""
    settings = with_free_port(settings)
    with (
        pytest.MonkeyPatch.context() as patched,
        connect(settings, "test", autocommit=True) as rows,
    ):
        patched.setattr(clock, "ANSWER_SECONDS", 0.0)  # there is no gateway to wait for
        patched.setattr(newest, "PATIENCE_SECONDS", 0.0)  # nor a picture
        first_start(rows, settings)
        for n in range(2):
            fill(rows, n)
        append_missing(settings, [asset(n) for n in range(2)], "test")
        token = settings.secret("token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        with (
            serving(settings),
            httpx.Client(base_url=settings.api, headers=headers, timeout=60) as client,
        ):
            yield client


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx.Client]:
    with asking(settings) as client:
        yield client


@pytest.fixture(scope="module")
def reader(
    kafka_bootstrap: str,
    database_server: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    """For tests whose requests change nothing: of one service."""
    with cloned(database_server, template_database) as url:
        settings = Settings(
            state_dir=tmp_path_factory.mktemp("state"),
            kafka_bootstrap=kafka_bootstrap,
            database_url=url,
            namespace=TEMPLATE_NAMESPACE,
        )
        know_passwords(settings, database_server)
        with asking(settings) as client:
            yield client


def fill(connection: store.Connection, n: int) -> None:
    """A row for every list."""
    first, time = incident(start=START + n * HOUR, source=f"cam-{n}"), to_datetime(START + n * HOUR)
    with connection.transaction():
        store.lock(connection)
        evidence = tuple(exhibit(one) for one in first.evidence)
        store.append(connection, None, receive(None, first, None, evidence=evidence), "test")
        (row,) = rows_of(first)[INCIDENTS]
        copy_rows(connection, INCIDENTS, [row])
    copy_rows(connection, CORRECTIONS, [(time, "loop", "flow", 1.0, 2.0, time, "live", "gw")])
    row = (time, "loop", "score", "accepted", "", 1, time)
    connection.execute("INSERT INTO accounts VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
    moment = START + n * HOUR
    told = Entry(time=moment, last=moment, means="system", action="audit:start")
    with connection.transaction():
        log.append(connection, [told])


def asset(n: int) -> Source:
    return Source(f"pole-{n}", "induction_loop", "Cột", "Pole", "live", Place(20.86, 106.68))


def described(client: httpx.Client) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every route, but signing out."""
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, route in methods.items():
            if (method, path) != ("delete", "/api/session"):
                body = route.get("requestBody", {}).get("content", {}).get("application/json")
                route["body"] = whole(document, body["schema"]) if body else None
                yield method.upper(), path, route


def whole(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """A body with every field of the schema."""
    if "$ref" in schema:
        return whole(document, document["components"]["schemas"][schema["$ref"].split("/")[-1]])
    if "anyOf" in schema:
        return whole(document, schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            named = {name: whole(document, each) for name, each in fields.items()}
            return named or {"a": 1.0}
        case "array":
            return [whole(document, each) for each in schema.get("prefixItems", ())] or [
                whole(document, schema.get("items", {}))
            ]
        case "number" | "integer":
            return 1
        case "boolean":
            return False
        case _:
            return "cam-1"


def spoiled(body: Any) -> Iterator[str]:
    """The body in JSON, each time with something else in place of one of its parts."""
    hole = "<hole>"
    for place in places(body):
        holed = copy.deepcopy(body)
        if place:
            at = holed
            for step in place[:-1]:
                at = at[step]
            at[place[-1]] = hole
        else:
            holed = hole
        text = json.dumps(holed)
        for hostile in HOSTILE_JSON:
            yield text.replace(f'"{hole}"', hostile)
    if isinstance(body, dict):
        for name in (r"\u0000", r"\ud800", "x" * 5000):
            yield json.dumps({**body, hole: 1}).replace(hole, name)


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    within = (
        body.items()
        if isinstance(body, dict)
        else enumerate(body)
        if isinstance(body, list)
        else ()
    )
    for name, part in within:
        yield from places(part, (*path, name))


def filled(path: str, named: Iterable[str], values: dict[str, str]) -> str:
    for name in named:
        path = path.replace(f"{{{name}}}", values.get(name, "some-id"))
    return path


PAGES = ("/api/acknowledge",)
"""They answer people who are not signed in, with a page."""


def judge(answer: httpx.Response) -> str | None:
    """What is wrong with the answer."""
    if answer.status_code < 400:
        return None
    said = f"{answer.status_code} {answer.text[:200]}"
    if answer.url.path in PAGES:
        return said if answer.status_code == 500 else None
    if answer.headers.get("content-type") != "application/problem+json":
        return said
    fault = answer.status_code == 500 or answer.json()["reason"] in ("database_away", NOT_SIGNED_IN)
    return said if fault else None


def test_no_parameter_of_any_route_is_a_fault(client: httpx.Client, share: int) -> None:
    faults, asked, turns = [], 0, count()
    for method, path, route in described(client):
        if path == STREAM:
            continue  # of an endless answer only the beginning is judged, below
        named = {each["name"]: each["in"] for each in route.get("parameters", ())}
        body = json.dumps(route["body"]) if route["body"] else None
        for name, where in [*named.items(), ("besides", "query")]:
            values = HOSTILE if name != "besides" else HOSTILE[:3]
            for hostile in values[next(turns) % share :: share]:
                query = f"?{name}={hostile}" if where == "query" else ""
                address = filled(path, named, {name: hostile}) + query
                answer = client.request(method, address, content=body, headers=JSON)
                asked += 1
                if fault := judge(answer):
                    faults.append(f"{method} {address[:160]}: {fault}")
    assert not faults, "\n".join(faults)
    assert asked > 500


def test_no_place_in_the_stream_is_a_fault(reader: httpx.Client) -> None:
    for hostile in HOSTILE:
        with reader.stream("GET", f"{STREAM}?after={hostile}") as answer:
            if answer.status_code != 200:
                answer.read()
            assert answer.status_code == 200 or judge(answer) is None


def test_no_part_of_any_body_is_a_fault(client: httpx.Client, share: int) -> None:
    faults, asked = [], 0
    turns = count()
    for method, path, route in described(client):
        named = [each["name"] for each in route.get("parameters", ())]
        for body in spoiled(route["body"]) if route["body"] else ():
            if next(turns) % share:
                continue
            answer = client.request(method, filled(path, named, {}), content=body, headers=JSON)
            asked += 1
            if fault := judge(answer):
                faults.append(f"{method} {path} {body[:200]}: {fault}")
    assert not faults, "\n".join(faults)
    assert asked > 500


def test_nothing_in_a_cursor_is_a_fault(reader: httpx.Client) -> None:
    lists = [
        path
        for _, path, route in described(reader)
        if "cursor" in [each["name"] for each in route.get("parameters", ())]
    ]
    assert len(lists) >= 4
    for path, order in [(path, order) for path in lists for order in ({}, {"order": "severity"})]:
        page = reader.get(path, params={"limit": 1, **order}).json()
        assert page["next"], f"give {path} two rows in fill()"
        fields = msgspec.msgpack.decode(base64.urlsafe_b64decode(page["next"] + "=="))
        changed = [
            [*fields[:n], other, *fields[n + 1 :]] for n in range(len(fields)) for other in FIELDS
        ]
        for cursor in (*changed, [], [*fields, 1], *FIELDS):
            packed = base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode()
            answer = reader.get(path, params={"cursor": packed.rstrip("="), **order})
            assert judge(answer) is None, (path, cursor, answer.text)


def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_its_length(
    reader: httpx.Client,
) -> None:
    for content in (b" " * (MAX_BODY + 1), iter([b" " * MAX_BODY, b" "])):
        answer = reader.post("/api/session", content=content)
        assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")


@pytest.mark.parametrize("address", REPORTED)
def test_what_was_a_fault_once_is_refused(reader: httpx.Client, address: str) -> None:
    answer = reader.get(address)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_parameter_that_is_given_twice_is_no_fault(reader: httpx.Client) -> None:
    faults = []
    for method, path, route in described(reader):
        named = {each["name"]: each["in"] for each in route.get("parameters", ())}
        asked = [name for name, where in named.items() if where == "query"]
        for name in asked if method == "GET" and path != STREAM else ():
            for values in (("1", "2"), ("", "x"), ("a", "a"), ("1",) * 500):
                query = "&".join(f"{name}={value}" for value in values)
                if fault := judge(reader.get(f"{filled(path, named, {})}?{query}")):
                    faults.append(f"{path} {query[:60]}: {fault}")
    assert not faults, "\n".join(faults)


def test_a_body_that_is_no_json_by_its_type_is_refused(reader: httpx.Client) -> None:
    asked = 0
    for method, path, route in described(reader):
        if not route["body"]:
            continue
        named = [each["name"] for each in route.get("parameters", ())]
        for kind in NO_JSON:
            headers = {} if kind is None else {"Content-Type": kind.encode("latin-1")}
            body = json.dumps(route["body"])
            answer = reader.request(method, filled(path, named, {}), content=body, headers=headers)
            assert answer.status_code == 415, (method, path, kind, answer.text)
            assert answer.json()["reason"] == "no_json"
            asked += 1
    assert asked > 100
    answer = reader.post("/api/clock/accept", json={"ahead_seconds": 0})
    assert answer.json()["reason"] != "no_json"
