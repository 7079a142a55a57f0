"""A real MQTT broker of the tests' own, and devices that publish to it."""

import getpass
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from deploy.local import ports
from deploy.local.requirements import MOSQUITTO
from tests.support.waiting import PATIENCE_SECONDS, eventually

USER, PASSWORD = "cityops", "a long enough password"


class Mosquitto:
    """Who comes without a password may publish, and reads nothing."""

    def __init__(self, folder: Path) -> None:
        if not MOSQUITTO.exists():
            pytest.fail("this machine lacks Mosquitto: apt-get install mosquitto")
        self.port = ports.free()
        self._folder = folder
        words = folder / "passwords"
        command = [MOSQUITTO.with_name("mosquitto_passwd"), "-c", "-b", words, USER, PASSWORD]
        if not command[0].exists():  # type: ignore[union-attr]
            command[0] = Path("/usr/bin/mosquitto_passwd")
        subprocess.run(command, check=True, capture_output=True)
        words.chmod(0o600)
        rights = folder / "rights"
        rights.write_text(f"topic write #\nuser {USER}\ntopic readwrite #\n")
        rights.chmod(0o600)
        (folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\nuser {getpass.getuser()}\nallow_anonymous true\n"
            f"password_file {words}\nacl_file {rights}\npersistence true\n"
            f"persistence_location {folder}/\nmax_inflight_messages 200\n"
            "max_queued_messages 100000\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [MOSQUITTO, "-c", self._folder / "mosquitto.conf"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        eventually(lambda: ports.answers(self.port))

    def stop(self) -> None:
        """As it keeps what it could not deliver; ``start`` brings it back."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE_SECONDS)
            self._process = None


@contextmanager
def running(folder: Path) -> Iterator[Mosquitto]:
    folder.mkdir(exist_ok=True)
    broker = Mosquitto(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


class Device:
    """Publishes; each message is with the broker when ``publish`` returns."""

    def __init__(self, broker: Mosquitto) -> None:
        version = MQTTProtocolVersion.MQTTv311
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=version)
        there = threading.Event()
        self._client.on_connect = lambda *_: there.set()
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        assert there.wait(PATIENCE_SECONDS)

    def publish(self, topic: str, payload: Any, qos: int = 1, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos, retain).wait_for_publish(PATIENCE_SECONDS)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
