"""Polled addresses: what is asked, what in an answer is a reading, and what is never reached."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.notifier.connecting import Connector
from services.poller import asking, fetching, mapping
from services.poller.answers import rows_of
from services.poller.asking import Asking
from services.poller.fetching import FetchError, Known, fetch
from services.poller.main import connector
from services.poller.mapping import Address, MappingError, parsed
from services.receiver.rows import Refused, Row, Value
from services.web.problems import ProblemError
from streams.events import from_rfc3339
from streams.settings import Settings
from tests.support.threaded import serve

AT = from_rfc3339("2026-11-29T00:00:00Z")
URL = "https://data.example.vn/stations"


def address(**said: Any) -> Address:
    given: dict[str, Any] = {"url": URL, "source": "pump-{id}", "gateways": ("gw",)}
    return Address(**(given | {"values": {"level": "m.level"}, "time": "at"} | said))


def told(one: Address, body: str) -> list[Any]:
    return [
        (row.at, row.reason)
        if isinstance(row, Refused)
        else (row.source, {value.metric: value.value for value in row.values}, row.time)
        for row in rows_of(one, body.encode())
    ]


def test_fields_of_an_answer_are_readings() -> None:
    body = '{"d": [{"id": 1, "m": {"level": 2.5}, "at": "2026-11-29 07:00"}]}'
    one = address(rows="d", offset="+07:00")
    assert told(one, body) == [("pump-1", {"level": 2.5}, AT)]
    seconds = f'{{"id": "x", "m": {{"level": 1}}, "at": {AT // 1_000_000}}}'
    assert told(address(time_in="s"), seconds) == [("pump-x", {"level": 1.0}, AT)]
    table = "id,at,level\n1,2026-11-29T00:00:00Z,2.5\n2,2026-11-29T00:00:00Z,\n3\n"
    said = told(address(form="csv", values={"level": "level"}), table)
    assert said == [("pump-1", {"level": 2.5}, AT), (1, "no_value"), (2, "wrong_type")]


def test_units_of_columns_are_those_of_the_mapping_and_no_column_is_there_twice() -> None:
    one = address(form="csv", values={"level": "level"}, units={"level": "cm"})
    (row,) = rows_of(one, b"id,at,level\n1,2026-11-29T00:00:00Z,250\n")
    assert isinstance(row, Row)
    assert row.values == (Value("level", 250.0, "cm"),)
    assert told(one, "id,at,level\n1,,250\n") == [(0, "wrong_time")]
    with pytest.raises(ProblemError, match="level"):
        rows_of(one, b"id,at,level,level\n1,2026-11-29T00:00:00Z,250,251\n")


def test_without_a_mapping_answers_are_as_the_receiver_takes_them() -> None:
    one = Address(url=URL, sources=("t1",))
    body = '{"source": "t1", "metric": "level", "value": 2, "time": "2026-11-29T00:00:00Z"}'
    assert told(one, body) == [("t1", {"level": 2.0}, AT)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('{"m": {"level": 1}, "at": 1}', "wrong_type"),
        ('{"id": true, "m": {"level": 1}}', "wrong_type"),
        ('{"id": 1, "m": {"level": "2"}, "at": "2026-11-29T00:00:00Z"}', "not_a_number"),
        ('{"id": 1, "m": {"level": 2}, "at": "2026-11-29 07:00"}', "wrong_time"),
        ('{"id": 1, "m": 7, "at": "2026-11-29T00:00:00Z"}', "no_value"),
    ],
)
def test_a_row_that_cannot_be_is_refused(body: str, reason: str) -> None:
    assert told(address(), body) == [(0, reason)]


@pytest.mark.parametrize("body", ["", "[", "\xff", '{"e": []}'])
def test_an_answer_that_cannot_be_read_is_refused(body: str) -> None:
    with pytest.raises(ProblemError):
        rows_of(address(rows="d"), body.encode("latin-1"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("addresses: []", "1 to 200"),
        ("urls: []", "list of addresses"),
        ("addresses: [{url: 'file:///etc/passwd', sources: [a]}]", "https"),
        ("addresses: [{url: 'https://u:p@x/', sources: [a]}]", "no user"),
        ("addresses: [{url: 'https://x/', sources: [a], period: 1}]", "period"),
        ("addresses: [{url: 'https://x/'}]", "sources or gateways"),
        ("addresses: [{url: 'https://x/', source: a}]", "together"),
        ("addresses: [{url: 'https://x/', source: '{i}', values: {a: b}}]", "of which sources"),
        ("addresses: [{url: 'https://x/', sources: [a], token: ../x}]", "token"),
        ("addresses: [{url: 'https://x/', sources: [a], colour: red}]", "colour"),
        ("addresses: [{url: 'https://x/a b', sources: [a]}]", "spaces"),
        ("addresses: [{url: 'https://x:99999/', sources: [a]}]", "1: url"),
        ("addresses: [{url: 2026-13-45, sources: [a]}]", "no YAML"),
        ("addresses: !!timestamp never", "no YAML"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_why(text: str, why: str) -> None:
    with pytest.raises(MappingError, match=why):
        parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        "addresses:\n  - url: https://x/?key=s3cret: {",
        "addresses: [{url: 'htps://x/?key=s3cret', sources: [a]}]",
        "addresses: [{url: 'https://u:s3cret/x@h', sources: [a]}]",
        "addresses: [{url: 'https://u:s3cret@h/', sources: [a]}]",
        "addresses: [{url: 'https://x/?key=s3cret key', sources: [a]}]",
    ],
)
def test_what_is_refused_shows_no_key_of_an_address(text: str) -> None:
    with pytest.raises(MappingError) as refused:
        parsed(text)
    assert "s3cret" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"polled\.yaml"):
        mapping.read(tmp_path / "polled.yaml")


class Site(BaseHTTPRequestHandler):
    """Answers as its path says."""

    asked: list[dict[str, str]] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append({name.lower(): value for name, value in self.headers.items()})
        if self.path == "/same" and self.headers.get("If-None-Match") == '"1"':
            self._answer(304, b"")
        elif self.path in ("/same", "/token"):
            self._answer(200, b"[]", ETag='"1"')
        elif self.path == "/away":
            self._answer(302, b"", Location="/same")
        elif self.path == "/busy":
            self._answer(503, b"", **{"Retry-After": "120"})
        elif self.path == "/large":
            self._answer(200, b" " * (fetching.MOST_BYTES + 1))
        elif self.path == "/slow":
            self._answer_slowly()
        elif self.path == "/odd":
            odd = {"Retry-After": "\xb2", "Content-Length": "0", "ETag": "x" * 5000}
            self._answer(503 if self.headers.get("Authorization") else 200, b"", **odd)
        elif self.path == "/unasked":
            self._answer(304, b"")
        elif self.path == "/short":
            self._answer(200, b"[", **{"Content-Length": "9"})
        else:
            self._answer(404, b"")

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _answer_slowly(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            for _ in range(100):
                self.wfile.write(b"1")
                time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = serve(server)
    Site.asked.clear()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_answer_that_has_not_changed_is_not_sent_again() -> None:
    way = connector(Settings(polled_networks="loopback"))
    with site() as url:
        body, known = fetch(way, f"{url}/same", Known())
        assert (body, known.tag) == (b"[]", '"1"')
        assert fetch(way, f"{url}/same", known) == (None, known)
        fetch(way, f"{url}/token", Known(), "s3cret")
        assert Site.asked[-1]["authorization"] == "Bearer s3cret"
        for path, why in (
            ("away", "302"),
            ("large", "more than"),
            ("short", "breaks off"),
            ("x", "404"),
        ):
            with pytest.raises(FetchError, match=why):
                fetch(way, f"{url}/{path}", Known())
        with pytest.raises(FetchError) as busy:
            fetch(way, f"{url}/busy", Known())
        assert busy.value.wait_seconds == 120


def test_an_answer_that_takes_too_long_is_no_answer_and_none_that_was_cut() -> None:
    way = Connector(connector(Settings(polled_networks="loopback")).order, most_seconds=0.3)
    with site() as url:
        began = time.monotonic()
        with pytest.raises(FetchError, match="takes too long"):
            fetch(way, f"{url}/slow", Known())
        assert time.monotonic() - began < 3


def test_what_a_server_says_wrongly_does_no_more_than_fail() -> None:
    way = connector(Settings(polled_networks="loopback"))
    with site() as url:
        assert fetch(way, f"{url}/odd", Known()) == (b"", Known()), "a tag that is too long"
        with pytest.raises(FetchError, match="503") as odd:
            fetch(way, f"{url}/odd", Known(), "token")
        assert odd.value.wait_seconds == 0
        with pytest.raises(FetchError, match="304"):
            fetch(way, f"{url}/unasked", Known())
    with pytest.raises(FetchError, match="no address"):
        fetch(way, "http://a..example/", Known())


class _Absent:
    """What is not needed as long as nothing is handed over."""


@pytest.mark.parametrize(
    ("secret", "fault", "said"),
    [("s3cret\ns3cret", None, "is no token"), ("fine", ValueError("s"), "fault of the poller")],
)
def test_neither_a_token_that_is_none_nor_a_fault_ends_an_address(
    secret: str, fault: Exception | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetched(*_: object) -> None:
        if fault is not None:
            raise fault

    monkeypatch.setattr(asking, "fetch", fetched)
    monkeypatch.setattr(asking.random, "random", lambda: 0.0)  # type: ignore[attr-defined]
    absent: Any = _Absent()
    counts = Counter[str]()
    with ThreadPoolExecutor(1) as threads:
        one = Asking(
            address(token="t", period=0.01), absent, absent, absent, absent,
            letters=absent, counts=counts, token=lambda _: secret, threads=threads,
        )  # fmt: skip

        async def run() -> None:
            task = asyncio.create_task(one.run())
            while counts["failed"] < 2:
                assert not task.done()
                await asyncio.sleep(0.01)
            task.cancel()

        asyncio.run(asyncio.wait_for(run(), 10))
    assert said in one.problem
    assert "s3cret" not in one.problem


def test_what_is_not_open_is_not_reached() -> None:
    closed = connector(Settings())
    with site() as url:
        for each in (url, url.replace("127.0.0.1", "localhost")):
            with pytest.raises(FetchError, match="CITYOPS_POLLED_NETWORKS"):
                fetch(closed, f"{each}/same", Known())
        assert Site.asked == []
        fetch(connector(Settings(polled_networks="loopback")), f"{url}/same", Known())
        assert len(Site.asked) == 1, "the control"
