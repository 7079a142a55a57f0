"""What operators' consoles do to the service, in a process of its own: their time is not its time.

``python -m tests.benchmarks.consoles act|listen`` reads what to do from standard input (``Acting``
or ``Listening``, JSON) and writes what came of it (``Acted`` or ``Heard``) to standard output.
"""

import asyncio
import http.client
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from urllib.parse import quote

import msgspec

FIRST, FOUND = 500, 200
"""Alerts of a first page, and of what was searched for, as the console asks for them."""
OPEN = ("unacknowledged", "acknowledged", "returned_unacknowledged")
ASIDE = ("shelved", "suppressed", "out_of_service")
STATES = "&".join(f"state={state}" for state in (*OPEN, *ASIDE))
ANSWER_SECONDS = 60.0
AGAIN_SECONDS = 1.5
ALERT = re.compile(rb"^id: (\d+)\nevent: alert$", re.MULTILINE)
TAIL = 64
"""Bytes within which the lines that say an event's number and name lie."""
KINDS = ("first_page", "search", "acknowledge")


class Acting(msgspec.Struct):
    """Each of ``tokens`` acts again and again, in turn by ``KINDS``, after drawn pauses."""

    port: int
    tokens: list[str]
    pause: float
    """Seconds between two acts of one operator, on average."""
    seconds: float
    ids: list[list[str]]
    """Of alerts to acknowledge, for each operator."""
    texts: list[str]
    """That are searched for."""


class Acted(msgspec.Struct):
    seconds: dict[str, list[float]]
    """Of each act, from the request to the last byte of the answer."""


class Listening(msgspec.Struct):
    port: int
    tokens: list[str]


class Heard(msgspec.Struct):
    """Of each client the sequences of the alerts' changes, as they came, and when, by the clock."""

    sequences: list[list[int]]
    moments: list[list[float]]


def act(wanted: Acting) -> Acted:
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    failed: list[BaseException] = []
    until = time.monotonic() + wanted.seconds

    def operate(number: int) -> None:
        drawn = random.Random(number)
        mine = iter(wanted.ids[number])
        headers = {"Authorization": f"Bearer {wanted.tokens[number]}"}
        line = http.client.HTTPConnection("127.0.0.1", wanted.port, timeout=ANSWER_SECONDS)

        def ask(method: str, path: str, body: str | None = None) -> None:
            given = headers | ({"Content-Type": "application/json"} if body else {})
            while True:
                line.request(method, path, body, given)
                answer = line.getresponse()
                text = answer.read()
                if answer.status != 503:
                    break
                time.sleep(AGAIN_SECONDS)  # as a console does, and the operator waits
            assert answer.status == 200, (method, path, answer.status, text[:500])

        def acknowledge(id: str) -> None:
            ask("POST", f"/api/alerts/{id}/acknowledge", f'{{"command_id": "{id}"}}')

        acts: dict[str, Callable[[], None]] = {
            "first_page": lambda: ask("GET", f"/api/alerts?limit={FIRST}&{STATES}"),
            "search": lambda: ask(
                "GET",
                f"/api/alerts?limit={FOUND}&{STATES}&text={quote(drawn.choice(wanted.texts))}",
            ),
            "acknowledge": lambda: acknowledge(next(mine)),
        }
        turn = number  # so that not all do the same at once
        try:
            while time.monotonic() + (pause := drawn.uniform(0, 2 * wanted.pause)) < until:
                time.sleep(pause)
                kind = KINDS[turn % len(KINDS)]
                turn += 1
                began = time.monotonic()
                acts[kind]()
                found[kind].append(time.monotonic() - began)
        except BaseException as error:
            failed.append(error)
        finally:
            line.close()

    threads = [threading.Thread(target=operate, args=(n,)) for n in range(len(wanted.tokens))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return Acted(found)


async def listen(wanted: Listening) -> Heard:
    """Until standard input ends; says ``ready`` once every client is greeted."""
    heard = Heard([[] for _ in wanted.tokens], [[] for _ in wanted.tokens])
    greeted = [asyncio.Event() for _ in wanted.tokens]

    async def follow(number: int, token: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", wanted.port)
        sequences, moments = heard.sequences[number], heard.moments[number]
        asked = f"GET /api/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(asked.encode())
        rest = b""
        try:
            while came := await reader.read(2**18):
                now = time.time()
                if b"event: hello" in rest + came:
                    greeted[number].set()
                text, end = rest + came, 0
                for match in ALERT.finditer(text):
                    sequences.append(int(match[1]))
                    moments.append(now)
                    end = match.end()
                # What was matched must not be matched again.
                rest = text[max(end, len(text) - TAIL) :]
        finally:
            writer.close()

    tasks = [asyncio.create_task(follow(n, token)) for n, token in enumerate(wanted.tokens)]
    await asyncio.gather(*(each.wait() for each in greeted))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for task in tasks:
        task.cancel()
    for end in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(end, asyncio.CancelledError), f"a stream ended by itself: {end!r}"
    return heard


def main() -> None:
    what, given = sys.argv[1], sys.stdin.readline()
    result: Acted | Heard
    if what == "act":
        result = act(msgspec.json.decode(given, type=Acting))
    else:
        result = asyncio.run(listen(msgspec.json.decode(given, type=Listening)))
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")


if __name__ == "__main__":
    main()
