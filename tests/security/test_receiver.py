"""Readings over HTTP: only who holds a key is heard, only of its sources, and what is answered as
taken Kafka has.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from services.receiver import outlet
from services.receiver.outlet import Outlet
from services.web import guard
from streams.events import Readings
from streams.secrets import hash_of
from streams.topics import READINGS
from tests.support.certificates import Authority
from tests.support.reception import Reception, answering, now, open_reception, prepared, values_of
from tests.support.servers import Servers
from tests.support.vandal import BATCH, CSV, EVENT, SENML, Vandal
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def reception(
    kafka_bootstrap: str,
    database_server: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Reception]:
    state = tmp_path_factory.mktemp("receiver")
    with open_reception(kafka_bootstrap, database_server, template_database, state) as found:
        yield found


def reading(**changes: Any) -> dict[str, Any]:
    return {"source": "loop-1", "metric": "speed", "value": 41.5, "time": now()} | changes


def test_nobody_is_heard_without_a_key(reception: Reception) -> None:
    expired = reception.new_key(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    revoked = reception.new_key()
    assert reception.post(reading(), key=revoked).status_code == 200, "the control"
    reception.database.execute(
        "UPDATE source_keys SET revoked_by = 'lan', revoked_at = now() WHERE token_hash = %s",
        [hash_of(revoked)],
    )
    eventually(lambda: hash_of(revoked) not in reception.receiving._following.keys)
    before = reception.messages()
    for key in ("", "guessed", f"{reception.key}x", expired, revoked):
        answer = reception.post(reading(), key=key)
        assert (answer.status_code, answer.json()["reason"]) == (401, "no_key"), key
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"
    basic = reception.post(reading(), key="", Authorization=f"Basic {reception.key}")
    assert basic.status_code == 401
    assert reception.messages() == before


def test_a_key_is_heard_as_soon_as_it_was_made(reception: Reception) -> None:
    for _ in range(3):  # whenever the receiver has looked last
        assert reception.post(reading(), key=reception.new_key()).status_code == 200


def test_by_tls_a_key_is_heard_and_never_in_the_clear(
    kafka_bootstrap: str, database_server: str, template_database: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path / "authority")
    certificate = str(authority.certify("127.0.0.1"))
    context = ssl.create_default_context(cafile=authority.file)
    with prepared(kafka_bootstrap, database_server, template_database, tmp_path) as (known, rows):
        settings = msgspec.structs.replace(known, tls_certificate=certificate, tls_key=certificate)
        with answering(settings) as found:
            there = Reception(settings, found, rows)
            address = f"{settings.receiver}/v1/events"
            assert address.startswith("https://")
            asked: dict[str, Any] = {
                "headers": {"Authorization": f"Bearer {there.key}"},
                "json": reading(),
            }
            assert httpx.post(address, verify=context, **asked).status_code == 200
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                httpx.post(address, **asked)
            before = there.messages()
            with pytest.raises(httpx.TransportError):
                httpx.post(address.replace("https:", "http:"), **asked)
            assert there.messages() == before


def test_a_key_speaks_for_its_sources_and_no_others(reception: Reception) -> None:
    one = reception.new_key(sources=["loop-1"], gateways=[])
    other = reception.new_key(sources=[], gateways=["gw-b"])
    rows = [reading(source=name) for name in ("loop-1", "loop-2", "loop-9", "nowhere")]
    answers = [reception.post(rows, key=key).json() for key in (one, other, reception.key)]
    taken = [{0, 1, 2, 3} - {row["index"] for row in answer["rows"]} for answer in answers]
    assert taken == [{0}, {2}, {0, 1, 2}]
    assert {row["detail"] for row in answers[0]["rows"]} == {
        f"there is no source {name!r} for this key" for name in ("loop-2", "loop-9", "nowhere")
    }, "it is not told which there are"


def seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", lambda at: [reading(time=at), reading(metric="flow", time=at)]),
        (CSV, lambda at: f"time,source,speed,flow\n{at},loop-1,41.5,41.5\n"),
        (SENML, lambda at: [
            {"bn": "loop-1/", "bt": seconds(at), "n": "speed", "v": 41.5},
            {"n": "flow", "v": 41.5},
        ]),
        (EVENT, lambda at: {
            "specversion": "1.0", "id": "1", "source": "/x", "type": "x", "subject": "loop-1",
            "time": at, "data": {"values": {"speed": 41.5, "flow": 41.5}},
        }),
        (BATCH, lambda at: [
            {"specversion": "1.0", "id": metric, "source": "/x", "type": "x", "subject": "loop-1",
             "time": at, "data": {"metric": metric, "value": 41.5}}
            for metric in ("speed", "flow")
        ]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_taken_is_in_kafka_as_it_was_said(
    reception: Reception, kind: str, body: Any
) -> None:
    before, at = reception.messages(), now()
    answer = reception.post(body(at), kind)
    assert (answer.status_code, answer.json()["refused"]) == (200, 0), answer.text
    (pack,) = reception.packs(before)
    assert (pack.gateway, pack.origin) == ("gw-a", "live")
    told = {(at, "loop-1", "speed", 41.5), (at, "loop-1", "flow", 41.5)}
    assert set(values_of([pack])) == told
    assert len(pack.arrays()[1]) == 1


def test_an_event_in_binary_mode_is_taken(reception: Reception) -> None:
    before, at = reception.messages(), now()
    attributes = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "/x", "ce_type": "x"}
    body = {"source": "loop-1", "metric": "speed", "value": 3}
    answer = reception.post(body, **attributes, ce_time=at)
    assert answer.status_code == 200, answer.text
    assert reception.values(before) == [(at, "loop-1", "speed", 3.0)]


def test_a_context_brokers_notification_is_taken(reception: Reception) -> None:
    before, at = reception.messages(), now()
    value = {"type": "Property", "value": 36, "unitCode": "KMH", "observedAt": at}
    entity = {"id": "urn:ngsi-ld:Road:7", "type": "Road", "averageSpeed": value}
    address = f"{reception.settings.receiver}/v1/ngsi-ld?source=loop-1&metric=averageSpeed:speed"
    key = {"Authorization": f"Bearer {reception.key}"}
    body = {"type": "Notification", "data": [entity]}
    answer = httpx.post(address, json=body, headers=key, timeout=30)
    assert answer.status_code == 200, answer.text
    assert reception.values(before) == [(at, "loop-1", "speed", 36.0)]
    answer = httpx.post(f"{address}&colour=red", json=body, headers=key, timeout=30)
    assert (answer.status_code, answer.json()["reason"]) == (400, "wrong_query")
    answer = httpx.post(address, json=[entity], headers=key, timeout=30)
    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed")
    assert httpx.post(address, json=body, timeout=30).status_code == 401


def test_of_a_batch_the_good_rows_are_taken_and_the_others_named(reception: Reception) -> None:
    before = reception.messages()
    rows = [reading(), reading(source="x"), reading(value="hot"), reading(source="loop-9")]
    answer = reception.post(rows)
    assert answer.status_code == 207
    assert answer.json()["accepted"] == 2
    assert [(row["index"], row["reason"]) for row in answer.json()["rows"]] == [
        (1, "unknown_source"),
        (2, "not_a_number"),
    ]
    assert {source for _, source, _, _ in reception.values(before)} == {"loop-1", "loop-9"}
    before = reception.messages()
    strict = reception.post(rows, Prefer="handling=strict")
    assert (strict.status_code, strict.json()["reason"]) == (422, "rows_refused")
    assert reception.post(rows[1:3]).status_code == 422
    assert reception.messages() == before


def test_the_same_request_is_published_once_also_after_a_restart(
    kafka_bootstrap: str, database_server: str, template_database: str, tmp_path: Path
) -> None:
    body, other = [reading(time=now())], [reading(value=1)]
    with prepared(kafka_bootstrap, database_server, template_database, tmp_path) as (
        settings,
        rows,
    ):
        with answering(settings) as found:
            first = Reception(settings, found, rows)
            key = first.key
            answers = [first.post(body, Idempotency_Key="a") for _ in range(2)]
            assert first.post(other, Idempotency_Key='"a"').json()["reason"] == "other_body"
            assert first.post(other, Idempotency_Key="b" * 201).status_code == 400
            assert first.post(body, Idempotency_Key="a", key=first.new_key()).status_code == 200
            assert first.messages() == 2, "of each key once"
        # What was begun and never answered, as where the process ends in between.
        rows.execute("UPDATE received_requests SET status = NULL, answer = NULL")
        with answering(settings) as found:
            second = Reception(settings, found, rows)
            answers += [second.post(body, Idempotency_Key="a", key=key) for _ in range(2)]
            assert {answer.text for answer in answers} == {answers[0].text}
            again = [answer.headers.get("idempotency-replayed") for answer in answers]
            assert again == [None, "true", None, "true"]
            mine, repeated, _ = second.packs()
            assert repeated == mine, "with its stamps, by which the stages know it"
            control = second.post(body, key=key), second.post(body, key=key)
            assert [answer.status_code for answer in control] == [200, 200]
            assert len({pack.sequence for pack in second.packs()}) == 4, "the control: two more"


def test_who_sends_too_much_is_told_when_to_come_again(reception: Reception) -> None:
    slow = reception.new_key(rate=1, daily=10**9)
    assert reception.post([reading(time=now(n)) for n in range(30)], key=slow).status_code == 200
    answer = reception.post(reading(), key=slow)
    assert (answer.status_code, answer.json()["reason"]) == (429, "rate")
    assert 15 <= int(answer.headers["retry-after"]) <= 31
    few = reception.new_key(daily=2)
    assert reception.post([reading(), reading()], key=few).status_code == 200
    answer = reception.post(reading(), key=few)
    assert (answer.status_code, answer.json()["reason"]) == (429, "quota")
    assert reception.post(reading()).status_code == 200, "nobody else waits for them"
    eventually(lambda: _used(reception, few) == [(2, 0)])


def _used(reception: Reception, key: str) -> list[Any]:
    return reception.database.execute(
        "SELECT u.readings, u.refused FROM source_key_usage AS u JOIN source_keys AS k"
        " ON k.id = u.key_id WHERE k.token_hash = %s",
        [hash_of(key)],
    ).fetchall()


def test_a_large_body_of_a_stranger_is_not_read(reception: Reception) -> None:
    head = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%s\r\n"
    for key, status in ((b"", b"401"), (b"Authorization: Bearer %s\r\n", b"413")):
        given = key % reception.key.encode() if b"%s" in key else key
        with socket.create_connection(("127.0.0.1", reception.settings.receiver_port), 20) as line:
            line.sendall(head % (guard.MAX_BODY + 1, given))
            assert line.recv(12) == b"HTTP/1.1 " + status


def pipelined(reception: Reception, requests: list[tuple[str, bytes]]) -> Iterator[int]:
    """The status of each, sent one behind the other without waiting."""
    lines = ("POST /v1/events HTTP/1.1", "Host: x", f"Authorization: Bearer {reception.key}")
    head = "\r\n".join((*lines, "Content-Type: {}", "Content-Length: {}", "", ""))
    with socket.create_connection(("127.0.0.1", reception.settings.receiver_port), 60) as line:
        said = b"".join(head.format(kind, len(body)).encode() + body for kind, body in requests)
        writing = threading.Thread(target=line.sendall, args=(said,))
        writing.start()
        answers = line.makefile("rb")
        for _ in requests:
            status = int(answers.readline().split()[1])
            length, told = 0, {}
            while (header := answers.readline()) != b"\r\n":
                name, _, value = header.partition(b":")
                told[name.lower()] = value.strip()
                length = int(told.get(b"content-length", b"0"))
            text = answers.read(length)
            assert told[b"content-type"] == b"application/problem+json" or status < 300
            assert status < 300 or json.loads(text)["detail"]
            yield status
        writing.join(60)


@pytest.mark.parametrize("number", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_malformed_requests_are_refused_with_a_reason_and_none_is_taken(
    reception: Reception, number: int
) -> None:
    vandal = Vandal(number)
    before = reception.messages()
    for begin in range(0, number, 250):
        found = list(pipelined(reception, [vandal.bad() for _ in range(min(250, number - begin))]))
        assert set(found) <= {400, 413, 415, 422}, found
    assert reception.messages() == before
    good = list(pipelined(reception, [vandal.good() for _ in range(20)]))
    assert set(good) == {200}, "the control: without harm done each is taken"
    assert len(reception.packs(before)) == 20


async def _at_once(self: Outlet, packs: list[Readings]) -> None:
    """The double: it answers before Kafka has anything."""
    self.check([pack.gateway for pack in packs])
    told = [lambda _: None] * len(packs)
    self._hand_over([(READINGS, pack, pack.gateway) for pack in packs], told)


@pytest.fixture(scope="module")
def own() -> Iterator[Servers]:
    """Of this file's own, since it is killed."""
    servers = Servers("receiver")
    yield servers
    servers.stop()


@pytest.mark.parametrize("honest", [True, False])
def test_kafka_killed_under_load_loses_nothing_that_was_acknowledged(
    own: Servers,
    database_server: str,
    template_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    honest: bool,
) -> None:
    """Nor the receiver, which ends while Kafka is away; the control answers too early."""
    monkeypatch.setattr(outlet, "PATIENCE_SECONDS", 2.0)
    if not honest:
        monkeypatch.setattr(Outlet, "deliver", _at_once)
    taken: set[float] = set()
    with prepared(own.kafka(), database_server, template_database, tmp_path) as (
        settings,
        rows,
    ):
        with answering(settings) as found:
            reception = Reception(settings, found, rows)
            killed, over = threading.Event(), threading.Event()

            def send(first: int) -> None:
                with httpx.Client(timeout=30) as client:
                    for number in range(first, 10_000, 4):
                        if over.is_set():
                            return
                        body = reading(source="loop-2", value=number)
                        said = client.post(
                            f"{settings.receiver}/v1/events",
                            json=body,
                            headers={"Authorization": f"Bearer {reception.key}"},
                        )
                        if said.status_code == 200:
                            taken.add(float(number))
                        elif killed.is_set():
                            assert said.status_code == 503
                            return

            senders = [threading.Thread(target=send, args=(first,)) for first in range(4)]
            for sender in senders:
                sender.start()
            eventually(lambda: len(taken) > 100)
            killed.set()
            own.kill_kafka()
            time.sleep(0.5)
            over.set()
            for sender in senders:
                sender.join(60)
        own.kafka()
        kept = {value for _, _, _, value in Reception.values(reception)}
    assert len(taken) > 100
    assert bool(taken - kept) is not honest, f"lost: {sorted(taken - kept)[:5]}"
