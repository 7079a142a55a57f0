"""Kafka's classes as the JVM lays them out, written once: a start needs about half the processor.

A JVM reads, checks and links thousands of classes each time that it starts, or maps them from such
an archive (JEP 350). It holds what a broker loads that begins with an empty disk.
"""

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local import ports
from deploy.local.commands import run
from deploy.local.errors import StackError

PATIENCE_SECONDS = 60.0


def write(java: Sequence[str], archive: Path) -> None:
    """Starts a broker that nobody uses, and ends it.

    Args:
        java: the command that runs a class of Kafka, with the paths and options of later starts.

    Raises:
        StackError: it did not start or end; there is no archive then.
    """
    with TemporaryDirectory(dir=archive.parent, prefix="broker-") as folder:
        broker, controller = ports.free(), ports.free()
        properties = Path(folder, "server.properties")
        properties.write_text(
            "process.roles=broker,controller\n"
            "node.id=1\n"
            f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
            f"listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}\n"
            "controller.listener.names=CONTROLLER\n"
            f"log.dirs={folder}/data\n"
        )
        tool = ["kafka.tools.StorageTool", "format", "--cluster-id=AAAAAAAAAAAAAAAAAAAAAA"]
        run("trying Kafka", [*java, *tool, "--config", str(properties)])
        _run_once([java[0], f"-XX:ArchiveClassesAtExit={archive}", *java[1:]], properties, broker)


def _run_once(java: Sequence[str], properties: Path, port: int) -> None:
    command = [*java, "kafka.Kafka", str(properties)]
    with (properties.parent / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not ports.answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise StackError("Kafka did not start where it was tried")
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        raise StackError("Kafka did not end where it was tried") from None
    finally:
        process.kill()
        process.wait()
