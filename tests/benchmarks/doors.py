"""What accounts and TLS at the broker cost: the same pictures in and out, by three doors.

One broker, as the local stack's, whose listener asks for an account; beside it one in the clear and
one under TLS. A producer and a consumer as a source's and a worker's, in this process.
"""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial

import msgspec
from kafka import TopicPartition

from deploy.broker.accounts import admit
from deploy.local import kafka, ports
from streams.kafka import clients
from streams.kafka.access import CLEAR, GATEWAY, OWNER, SIGNED_IN
from streams.kafka.broker import create_topics, delete_topics
from streams.settings import Settings
from streams.topics import FRAMES, physical
from tests.benchmarks import report
from tests.benchmarks.bed import SILENT_SECONDS, Stalled
from tests.benchmarks.report import Figure, compared
from tests.benchmarks.rounds import Rate, in_turn
from tests.support.certificates import Authority
from tests.support.servers import Servers, fetch
from tests.support.usage import processor_seconds

PICTURES, PICTURE_BYTES = 6000, 36_000
"""A picture of a quiet street has so many bytes, at 640 x 360."""
ENCRYPTED = "SASL_SSL"
LISTENERS = {CLEAR: "CLEAR", ENCRYPTED: "TLS"}
"""Beside the local stack's own; protocol to name."""
FIGURES = {
    "broker_accounts": (SIGNED_IN, "by an account"),
    "broker_tls": (ENCRYPTED, "by an account under TLS"),
}


def measure(rounds: int) -> dict[str, Figure]:
    """The figures ``broker_accounts`` and ``broker_tls``, each against a door in the clear."""
    with guarded() as (doors, servers):
        runs = {name: partial(_through, door, servers) for name, door in doors.items()}
        for run in runs.values():  # the first through a door is slower, as the broker compiles
            run()
        found = in_turn(runs, rounds)
    return {
        name: compared(
            found[protocol],
            {"clear": found[CLEAR]},
            {},
            unit="pictures/s",
            per=report.FRAMES,
            about=f"pictures of {PICTURE_BYTES // 1000} kB into the broker and out again, {how}",
        )
        for name, (protocol, how) in FIGURES.items()
    }


class Guarded(Servers):
    """A broker with accounts, and two more listeners."""

    def __init__(self) -> None:
        super().__init__("broker", durable=True)
        self.settings = msgspec.structs.replace(self.settings, kafka_security=SIGNED_IN)
        self.ports = {protocol: ports.free() for protocol in LISTENERS}
        self.authority = Authority(self.settings.state_dir / "authority")

    def kafka(self) -> Settings:
        fetch(self.settings, kafka)
        command = kafka.command(self.settings)
        home = self.settings.state_dir.absolute() / "kafka"
        shutil.copy(self.authority.certify("127.0.0.1"), home / "tls.pem")
        (home / "tls.pem").chmod(0o644)  # within a folder of the broker's alone
        with (home / "server.properties").open("r+") as file:
            lines = (line.rstrip("\n").partition("=") for line in file)
            known = {name: value for name, _, value in lines if name}
            known |= {
                name: ",".join([known[name], *self._listeners()])
                for name in ("listeners", "advertised.listeners")
            }
            known["listener.security.protocol.map"] += "".join(
                f",{name}:{protocol}" for protocol, name in LISTENERS.items()
            )
            own = known["listener.name.parts.scram-sha-512.sasl.jaas.config"]
            known |= {
                "listener.name.tls.sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.tls.scram-sha-512.sasl.jaas.config": own,
                "listener.name.tls.ssl.keystore.type": "PEM",
                "listener.name.tls.ssl.keystore.location": str(home / "tls.pem"),
                "super.users": known["super.users"] + ";User:ANONYMOUS",
            }
            file.seek(0)
            file.write("".join(f"{name}={value}\n" for name, value in known.items()))
            file.truncate()
        self._start("kafka", command, self.settings.kafka_port)
        return self.settings

    def _listeners(self) -> Iterator[str]:
        return (
            f"{LISTENERS[protocol]}://127.0.0.1:{port}" for protocol, port in self.ports.items()
        )


@contextmanager
def guarded() -> Iterator[tuple[Mapping[str, Settings], Servers]]:
    """Settings of a source's account by each protocol, the clear one first."""
    servers = Guarded()
    try:
        servers.kafka()
        admit(msgspec.structs.replace(servers.settings, kafka_user=OWNER))
        own = {SIGNED_IN: servers.settings.kafka_port}
        yield (
            {
                protocol: msgspec.structs.replace(
                    servers.settings,
                    kafka_bootstrap=f"127.0.0.1:{port}",
                    kafka_security=protocol,
                    kafka_user=GATEWAY,
                    kafka_ca=str(servers.authority.file) if protocol == ENCRYPTED else "",
                )
                for protocol, port in (servers.ports | own).items()
            },
            servers,
        )
    finally:
        servers.stop()


def _through(door: Settings, servers: Servers) -> Rate:
    """All pictures in, and at the same time out; with the broker's processor time and ours."""
    owner = msgspec.structs.replace(
        servers.settings, kafka_user=OWNER, namespace=door.namespace, partitions=1
    )
    create_topics(owner)
    place, picture = TopicPartition(physical(door.namespace, FRAMES), 0), os.urandom(PICTURE_BYTES)
    used = partial(_used, servers)
    try:
        with (
            closing(clients.producer(door, "bench", batch_size=2**20, linger_ms=5)) as producer,
            clients.consuming(door, "bench") as consumer,
        ):
            consumer.assign([place])
            consumer.seek_to_beginning(place)
            before, began, out, moved = used(), time.monotonic(), 0, time.monotonic()
            for _ in range(PICTURES):
                producer.send(place.topic, picture, partition=place.partition)
            while out < PICTURES:
                came = sum(map(len, consumer.poll(500).values()))
                out, moved = out + came, time.monotonic() if came else moved
                if time.monotonic() - moved > SILENT_SECONDS:
                    raise Stalled(f"{out} of {PICTURES} pictures came back")
            seconds, after = time.monotonic() - began, used()
    finally:
        delete_topics(owner)
    return Rate(
        PICTURES / seconds, {name: (after[name] - before[name]) / seconds for name in after}
    )


def _used(servers: Servers) -> dict[str, float]:
    ours = sum(os.times()[:2])  # not of children, which the broker is
    return {name: processor_seconds(pid) for name, pid in servers.pids().items()} | {
        "clients": ours
    }
