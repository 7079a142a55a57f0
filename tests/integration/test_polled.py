"""Polled addresses through to Kafka: each reading once, what cannot be with its reason."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec

from services.poller.main import Poller, polling
from services.poller.mapping import Address
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, READINGS
from tests.support.logs import read_log
from tests.support.reception import now, prepared, values_of
from tests.support.threaded import serve
from tests.support.waiting import PATIENCE_SECONDS, eventually


@contextmanager
def site(answer: list[Any]) -> Iterator[str]:
    """Serves what ``answer`` has at the moment as JSON; nothing: it fails."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200 if answer else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = serve(server)
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def part(settings: Settings, one: Address) -> Iterator[tuple[Poller, Counter[str]]]:
    found: list[Poller] = []
    counts = Counter[str]()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def run() -> None:
        async with polling(settings, [one], counts) as poller:
            found.append(poller)
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    try:
        eventually(lambda: bool(found))
        yield found[0], counts
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE_SECONDS)
        loop.close()


def test_what_an_address_says_is_in_kafka_once_and_failures_are_named(
    kafka_bootstrap: str, database_server: str, template_database: str, tmp_path: Path
) -> None:
    at = now()
    good = {"id": "loop-1", "speed": 41.5, "at": at}
    answer: list[Any] = [good, good | {"id": "loop-9"}, good | {"speed": "fast"}]
    with (
        prepared(kafka_bootstrap, database_server, template_database, tmp_path) as (base, _),
        site(answer) as url,
    ):
        settings = msgspec.structs.replace(base, polled_networks="loopback")
        one = Address(
            url=url, period=0.2, source="{id}", gateways=("gw-a",), values={"speed": "speed"},
            time="at",
        )  # fmt: skip
        with part(settings, one) as (poller, counts):
            eventually(lambda: counts["answers"] >= 3)
            answer[:] = [good | {"speed": 42.5, "at": now(-1)}]
            eventually(lambda: counts["accepted"] >= 2)
            answer.clear()
            eventually(lambda: "500" in poller.detail)
            assert counts["failed"] >= 1
        packs = [message.event for message in read_log(settings, READINGS)]
        assert sorted(value for *_, value in values_of(packs)) == [41.5, 42.5]
        (letter,) = [message.event for message in read_log(settings, DEAD_LETTERS)]
        assert (letter.topic, letter.reason, letter.detail[-10:]) == (
            "poller",
            "unknown_source",
            "(and 1 more)"[-10:],
        )
