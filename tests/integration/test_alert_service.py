"""The service as a process: its live stream resumes without loss or repetition, whatever dies."""

import contextlib
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Self

import httpx
import msgspec
import pytest

from services.alerts import store
from services.api.client import Client, ClientError, Event, parse
from services.commandline.since import local
from services.privacy.keys import Place
from services.privacy.vault import Vault
from streams.database import connect
from streams.events import DAY, MINUTE, SECOND, Mark, Micros, to_rfc3339
from streams.kafka.broker import create_topics, delete_topics
from streams.kafka.heartbeat import Beat
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support.alerting import START, Kafka, ended, incident, photograph, proof
from tests.support.commandline import cityops
from tests.support.fleet import environment
from tests.support.nursery import Born, Nursery
from tests.support.screen import CITYOPS
from tests.support.servers import Servers
from tests.support.serving import with_free_port
from tests.support.trust import TRUST
from tests.support.waiting import PATIENCE_SECONDS, eventually


class Service:
    """``cityops run alerts``, as the supervisor has it."""

    def __init__(self, settings: Settings, nursery: Nursery) -> None:
        self.settings, self._nursery = with_free_port(settings), nursery
        self.process: Born | None = None
        self.start()

    def start(self) -> None:
        command = [CITYOPS, "run", "alerts"]
        self.process = self._nursery.bear(command, environment(self.settings), 2)
        eventually(self.healthy, 60)

    def healthy(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return (
                httpx.get(f"{self.settings.api}/healthz", timeout=5, verify=TRUST).status_code
                == 200
            )
        return False

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)

    @property
    def token(self) -> str:
        return self.settings.secret("token").read_text().strip()


@pytest.fixture
def service(settings: Settings, nursery: Nursery) -> Iterator[Service]:
    with Service(settings, nursery) as service:
        yield service


@pytest.fixture
def kafka(settings: Settings) -> Iterator[Kafka]:
    kafka = Kafka(settings)
    yield kafka
    kafka.close()


class Listener:
    """An SSE client that resumes by ``Last-Event-ID`` whenever its connection breaks.

    ``after``: breaks it off by itself after so many events, again and again; 0: never.
    """

    def __init__(self, service: Service, after: int = 0) -> None:
        self._service, self._after = service, after
        self.ids: list[int] = []
        self.breaks = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        last = "0"
        while not self._done.is_set():
            with contextlib.suppress(httpx.HTTPError):
                for event in self._events(last):
                    last = event.id or last
                    if event.name == "alert":
                        self.ids.append(int(event.id))
                        if self._after and len(self.ids) % self._after == 0:
                            break
                    if self._done.is_set():
                        break
            self.breaks += 1
            self._done.wait(0.1)

    def _events(self, last: str) -> Iterator[Event]:
        headers = {"Authorization": f"Bearer {self._service.token}", "Last-Event-ID": last}
        address = f"{self._service.settings.api}/api/events"
        with httpx.stream("GET", address, headers=headers, timeout=10, verify=TRUST) as response:
            if response.status_code == 200:
                yield from parse(response.iter_lines())

    def close(self) -> None:
        self._done.set()
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()


def sequences(settings: Settings) -> list[int]:
    with connect(settings, "test", autocommit=True) as connection:
        rows = connection.execute("SELECT sequence FROM alert_transitions ORDER BY sequence")
        return [row[0] for row in rows]


def test_streams_resume_without_loss_or_repetition_through_kills_and_writers(
    service: Service, kafka: Kafka, settings: Settings
) -> None:
    kafka.correlated(incident())
    eventually(lambda: len(sequences(settings)) == 1)
    with Client(service.settings) as client:
        alert = client.get("/api/alerts")["alerts"][0]["id"]
    listeners = [Listener(service), Listener(service, after=3), Listener(service, after=7)]
    done = []

    def comment(writer: int) -> None:
        """Says each thing until the answer has come, as a client that wants it said does."""
        headers = {"Authorization": f"Bearer {service.token}"}
        for n in range(12):
            body = {"command_id": f"w{writer}-{n}", "comment": f"{n}"}
            address = f"{service.settings.api}/api/alerts/{alert}/comment"
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = httpx.post(
                        address, json=body, headers=headers, timeout=10, verify=TRUST
                    )
                    if answer.status_code == 200:
                        break
                time.sleep(0.1)
        done.append(writer)

    writers = [threading.Thread(target=comment, args=(n,)) for n in range(3)]
    for writer in writers:
        writer.start()
    for n in range(3):
        for k in range(5):
            number = 5 * n + k + 1
            start = START + number * MINUTE
            one = incident(start=start, subject=f"t{number}", zone=f"z{number % 4}")
            kafka.correlated(one, ended(one, start + 10 * SECOND))
        eventually(lambda least=5 * (n + 1): len(sequences(settings)) > least, 180)  # type: ignore[misc]
        service.end(signal.SIGKILL)
        service.start()
    for writer in writers:
        writer.join(180)
    expected = 1 + 3 * 12 + 2 * 15
    eventually(lambda: len(sequences(settings)) == expected, 180)
    written = sequences(settings)
    for listener in listeners:
        eventually(lambda one=listener: one.ids[-1:] == written[-1:], 180)  # type: ignore[misc]
        listener.close()
        assert listener.ids == written
    assert listeners[1].breaks > 5
    assert sorted(done) == [0, 1, 2]


def test_it_waits_out_the_loss_of_the_database(
    service: Service, kafka: Kafka, settings: Settings
) -> None:
    listener = Listener(service)
    kafka.correlated(incident())
    eventually(lambda: len(listener.ids) == 1)
    for n in range(3):
        cut_connections(settings)
        kafka.correlated(incident(zone=f"z{n}"))
        eventually(lambda reached=n + 2: len(listener.ids) == reached, 180)  # type: ignore[misc]
    listener.close()
    assert listener.ids == sequences(settings)
    assert service.process is not None
    assert service.process.poll() is None


def test_it_waits_out_the_loss_of_kafka(
    settings: Settings, servers: Servers, nursery: Nursery
) -> None:
    settings = msgspec.structs.replace(settings, kafka_bootstrap=servers.kafka().bootstrap)
    create_topics(settings)
    with closing(Kafka(settings)) as kafka:
        frame = photograph()
        ref = kafka.frame(frame)
        kafka.correlated(incident())
    with Service(settings, nursery) as service:
        listener = Listener(service)
        eventually(lambda: len(listener.ids) == 1)
        servers.kill_kafka()
        eventually(lambda: not service.healthy(), 60)
        with Client(service.settings) as client:
            assert len(client.get("/api/alerts")["alerts"]) == 1
        servers.kafka()
        eventually(service.healthy, 60)
        with closing(Kafka(settings)) as kafka:
            again = Mark("correlate", "incidents", ref.partition, 100, 0)
            kafka.correlated(incident(zone="z2", evidence=(proof(ref),)), marks=[again])
        eventually(lambda: len(listener.ids) == 2, 60)
        listener.close()
        assert listener.ids == sequences(settings)
        assert service.end() == 0
    with connect(settings, "test", autocommit=True) as connection:
        vault, place = Vault.from_settings(settings), Place("cam-1", START, frame.sha256)
        row = vault.find(connection, place)
        assert row is not None
        assert row.original != frame.jpeg
        assert vault.original(place, row) == frame.jpeg
    delete_topics(settings)


def cut_connections(settings: Settings) -> None:
    with connect(settings, "test", autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'cityops % alerts%'"
        )


def test_it_ends_at_once_when_told_to_though_clients_listen(service: Service) -> None:
    listener = Listener(service)
    with Client(service.settings) as client:
        eventually(lambda: client.get("/api/status")["parts"], 30)
    assert service.end(signal.SIGTERM) == 0
    listener.close()


def test_a_client_of_another_database_is_told_to_begin_anew(service: Service) -> None:
    headers = {"Authorization": f"Bearer {service.token}", "Last-Event-ID": "999"}
    address = f"{service.settings.api}/api/events"
    with httpx.stream("GET", address, headers=headers, timeout=10, verify=TRUST) as response:
        first = next(parse(response.iter_lines()))
    assert (first.name, first.id) == ("reset", "0")


def test_the_command_line_lists_shows_acknowledges_and_resolves(
    service: Service, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(service.settings).items():
        if name.startswith("CITYOPS_"):
            monkeypatch.setenv(name, value)
    ref = kafka.frame(photograph())
    kafka.correlated(incident(evidence=(proof(ref),)))

    def alerts(*arguments: str) -> str:
        outcome = cityops("alerts", *arguments)
        assert outcome.exit_code == 0, outcome.output
        return outcome.stdout

    eventually(lambda: json.loads(alerts("list", "--json")))
    (alert,) = json.loads(alerts("list", "--json", "--kind", "stopped_vehicle"))
    assert {"id", "kind", "origin", "source", "severity", "state", "event_time"} <= set(alert)
    evidence = alert["evidence"]
    assert (evidence["model"], evidence["version"]) == ("street_detector", "1.0.0")
    headers = {"Authorization": f"Bearer {service.token}"}
    picture = httpx.get(evidence["picture"], headers=headers, timeout=10, verify=TRUST)
    assert picture.headers["content-type"] == "image/jpeg"
    assert json.loads(alerts("list", "--json", "--since", "1h")) == []
    assert "no alerts" in alerts("list", "--severity", "low")
    short = alert["id"][:6]
    assert "acknowledged" in alerts("ack", short, "--comment", "on it")
    again = cityops("alerts", "ack", short)
    assert again.exit_code == 1
    assert "acknowledged by machine" in again.stderr
    assert "resolved" in alerts("resolve", short, "--comment", "towed")
    shown = alerts("show", short)
    assert "on it" in shown
    assert "do       Look at the picture, send the nearest patrol" in shown
    assert "         Xem hình, điều lực lượng gần nhất" in shown


class Ticked:
    """Says, as a worker does, when the last tick was; ``time`` None: now."""

    def __init__(self, settings: Settings, time: Micros) -> None:
        self.time: Micros | None = time
        self._beat = Beat(settings, "streams-1")
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._done.wait(0.2):
            self._beat.beat(sources={"detections/0": self.time or wall_clock()})

    def close(self) -> None:
        self._done.set()
        self._thread.join()
        self._beat.close()


def test_what_is_announced_while_event_time_stands_says_so(
    service: Service, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the list, the timeline and the live stream; what comes after has no mark."""
    for name, value in environment(service.settings).items():
        if name.startswith("CITYOPS_"):
            monkeypatch.setenv(name, value)
    stood = wall_clock() - MINUTE
    first = incident()
    with Client(service.settings) as client, closing(Ticked(service.settings, stood)) as ticked:
        eventually(lambda: client.get("/api/status")["stalled"])
        kafka.correlated(first)
        eventually(lambda: client.get("/api/alerts")["alerts"])
        (alert,) = client.get("/api/alerts")["alerts"]
        assert alert["stalled_since"] == to_rfc3339(stood)
        shown = cityops("alerts", "show", alert["id"]).stdout
        assert "its end or a merge may be missing" in shown
        assert "raised, event time stalled" in shown
        listed = cityops("alerts", "list").stdout
        assert "unack*" in listed
        assert "* announced while event time was stalled" in listed
        assert "event time is stalled" in listed
        ticked.time = None
        eventually(lambda: not client.get("/api/status")["stalled"])
        kafka.correlated(ended(first, START + MINUTE))
        eventually(lambda: client.get(f"/api/alerts/{alert['id']}")["ended"])
        detail = client.get(f"/api/alerts/{alert['id']}")
        assert detail["stalled_since"] is None
        assert [line["stalled_since"] for line in detail["timeline"]] == [to_rfc3339(stood), None]
        events = (event for event in client.events(0) if event.name == "alert")
        told = [json.loads(next(events).data)["transition"]["stalled_since"] for _ in range(2)]
        assert told == [to_rfc3339(stood), None]
    with connect(service.settings, "test", autocommit=True) as connection:
        assert store.rebuild(connection) == 1


def test_what_is_unknown_says_so_on_the_command_line_and_in_the_live_stream(
    service: Service, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(service.settings).items():
        if name.startswith("CITYOPS_"):
            monkeypatch.setenv(name, value)
    first = incident()
    since = START + MINUTE
    lost = msgspec.structs.replace(
        first, unknown_since=since, decided_at=since + MINUTE, revision=1
    )
    with Client(service.settings) as client:
        kafka.correlated(first)
        eventually(lambda: client.get("/api/alerts")["alerts"])
        assert "unack?" not in cityops("alerts", "list").stdout
        kafka.correlated(lost)
        eventually(lambda: client.get("/api/alerts")["alerts"][0]["unknown_since"])
        (alert,) = client.get("/api/alerts")["alerts"]
        assert (alert["unknown_since"], alert["state"]) == (to_rfc3339(since), "unacknowledged")
        listed = cityops("alerts", "list").stdout
        assert "unack?" in listed
        assert "? its source is not heard, so nobody knows whether it lasts" in listed
        shown = cityops("alerts", "show", alert["id"]).stdout
        assert f"unknown  since {local(to_rfc3339(since))}: its source is not heard" in shown
        assert f"unknown since {local(to_rfc3339(since))}" in shown
        kafka.correlated(ended(lost, since))
        eventually(lambda: client.get(f"/api/alerts/{alert['id']}")["ended"])
        detail = client.get(f"/api/alerts/{alert['id']}")
        assert (detail["ended"], detail["unknown_since"]) == (to_rfc3339(since), None)
        assert [(line["kind"], line["since"], line["unseen"]) for line in detail["timeline"]] == [
            ("raised", None, False),
            ("unknown", to_rfc3339(since), False),
            ("returned", None, True),
        ]
        assert "returned unseen" in cityops("alerts", "show", alert["id"]).stdout
        events = (event for event in client.events(0) if event.name == "alert")
        told = [json.loads(next(events).data)["transition"]["kind"] for _ in range(3)]
        assert told == ["raised", "unknown", "returned"]


def test_what_flaps_and_what_is_past_say_so_on_the_command_line(
    service: Service, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(service.settings).items():
        if name.startswith("CITYOPS_"):
            monkeypatch.setenv(name, value)

    def come_and_go(start: int) -> None:
        one = incident(start=start, subject="", after=5 * SECOND)
        kafka.correlated(one)
        kafka.correlated(ended(one, start + 30 * SECOND))

    def shown() -> Any:
        (alert,) = client.get("/api/alerts")["alerts"]
        return alert

    with Client(service.settings) as client:
        for minute in range(3):
            assert not minute or shown()["flapping_since"] is None
            come_and_go(START + minute * MINUTE)
            eventually(
                lambda n=minute: client.get("/api/alerts")["alerts"] and shown()["count"] > n
            )
        eventually(lambda: not shown()["active"])
        alert = shown()
        assert (alert["flapping_since"], alert["count"]) == (to_rfc3339(START), 3)
        listed = cityops("alerts", "list").stdout
        assert "rtn unack~" in listed
        assert "~ it comes and goes; once acknowledged it stays so" in listed
        cityops("alerts", "ack", alert["id"])
        come_and_go(START + 3 * MINUTE)
        late = incident(start=START - DAY, subject="")
        kafka.correlated(ended(late, START - DAY + MINUTE))
        eventually(lambda: shown()["version"] == 10)
        alert = shown()
        assert (alert["state"], alert["count"]) == ("normal", 4)
        timeline = client.get(f"/api/alerts/{alert['id']}")["timeline"]
        told = [(line["manner"], line["since"], line["until"]) for line in timeline[2:]]
        assert [one for one in told if one[0]] == [
            ("anew", None, None),
            ("anew", None, None),
            ("flapping", None, None),
            ("past", to_rfc3339(START - DAY), to_rfc3339(START - DAY + MINUTE)),
        ]
        said = cityops("alerts", "show", alert["id"]).stdout
        assert f"flaps    since {local(to_rfc3339(START))}: it comes and goes" in said
        assert "repeated, flapping" in said
        assert f"repeated, past since {local(to_rfc3339(START - DAY))[:10]}" in said


def test_without_a_service_the_command_line_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(ClientError, match="make up"):
        Client(settings)
    settings.secret("token").parent.mkdir(parents=True, exist_ok=True)
    settings.secret("token").write_text("t")
    with Client(with_free_port(settings)) as client, pytest.raises(ClientError, match="make up"):
        client.get("/api/alerts")
