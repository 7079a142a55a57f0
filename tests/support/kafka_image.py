"""Compose's broker where no container engine is at hand: the same program, environment and files.

The image's start is ``kafka.docker.KafkaDockerWrapper``, which is in Kafka's jars: it makes the
configuration of the mounted file and of the environment, and formats the storage; then the broker.
"""

import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.local import kafka, ports
from streams.settings import Settings
from tests.support.servers import START_SECONDS

CLUSTER = "5L6g3nShT-eMCtK--X86sw"
"""As the image sets it where nobody does."""
DEFAULT = "Configuration: {Appenders: {}, Loggers: {Root: {level: INFO}}}\n"
PORT = re.compile(r":(9092|19092|19093)\b")


class KafkaImage:
    """A container's broker on this machine's loopback, each of its ports another."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], mounted: Path) -> None:
        """
        Args:
            settings: where jars are, and a folder to work in.
            environment: of the service.
            mounted: what it sees at /mnt/shared/config.

        Raises:
            RuntimeError: it does not start, and what it says.
        """
        self.ports = {port: ports.free() for port in ("9092", "19092", "19093")}
        self._home = settings.state_dir.absolute() / "image"
        self._java = [kafka.java(), *kafka.JVM, "-cp", f"{kafka.jars(settings)}/*"]
        self.log = self._home / "log"
        found = {"default": self._home / "default", "final": self._home / "final"}
        for folder in found.values():
            folder.mkdir(parents=True)
        for name in ("log4j2.yaml", "tools-log4j2.yaml"):
            (found["default"] / name).write_text(DEFAULT)
        self._environment = {name: self._here(text) for name, text in environment.items()}
        self._environment |= {"CLUSTER_ID": CLUSTER}
        folders = {"default": found["default"], "mounted": mounted, "final": found["final"]}
        options = [f"--{name}-configs-dir={folder}" for name, folder in folders.items()]
        self.properties = found["final"] / "server.properties"
        with self.log.open("wb") as log:
            subprocess.run(
                [*self._java, "kafka.docker.KafkaDockerWrapper", "setup", *options],
                env=self._environment,
                stdout=log,
                stderr=log,
                check=False,
            )
            self._broker = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self._java, "kafka.Kafka", self.properties],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while not all(ports.answers(port) for port in self.ports.values()):
            if self._broker.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"it does not start: {self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def address(self, port: str) -> str:
        """Of a port within the container."""
        return f"127.0.0.1:{self.ports[port]}"

    def stop(self) -> None:
        self._broker.kill()
        self._broker.wait()

    def _here(self, text: str) -> str:
        """What the environment says, with this machine's addresses and folders."""
        text = text.replace("://kafka:", "://127.0.0.1:").replace("://:", "://127.0.0.1:")
        text = text.replace("/var/lib/kafka/data", str(self._home / "data"))
        return PORT.sub(lambda match: f":{self.ports[match.group(1)]}", text)
