"""Apache Kafka without Docker: jars by Maven, one KRaft broker that is its own controller."""

import shutil
import uuid
from base64 import urlsafe_b64encode
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from deploy.broker.doors import CONTROLLER, PARTS, PROPERTIES, doors, lines
from deploy.local import class_archive, users
from deploy.local.commands import java, run
from deploy.local.errors import StackError
from deploy.local.folders import as_user, reachable, software
from streams.kafka.limits import BROKER_BYTES
from streams.secrets import write_secret
from streams.settings import Settings

POM = Path(__file__).with_name("pom.xml")
HEAP = ("-Xms128m", "-Xmx512m")
JVM = (*HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
"""With these the port answers after 2 s instead of 3.3 s, and 300 MB stay resident."""
ARCHIVE = "classes.jsa"
"""Beside the jars. Another JVM than the one that wrote it passes it over."""
LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger=info",  # whatever is refused
)


def version() -> str:
    """Of the broker, as pom.xml names it."""
    return ElementTree.parse(POM).getroot().findtext("{*}version") or ""


def jars(settings: Settings) -> Path:
    """Where the jars are, or will be."""
    return software(settings) / f"kafka-{version()}"


def fetch(settings: Settings) -> None:
    """Downloads the jars, unless they are there.

    Raises:
        StackError: Maven failed.
    """
    target = jars(settings)
    if not target.is_dir():
        _download(target)
    if not (target / ARCHIVE).is_file():
        with suppress(StackError, OSError):  # without it each start only takes longer
            class_archive.write(_java(settings), target.resolve() / ARCHIVE)


def _download(target: Path) -> None:
    with TemporaryDirectory(dir=target.parent, prefix="fetch-") as folder:
        shutil.copy(POM, folder)
        libs = Path(folder, "libs")
        # Maven's own repository too stays within our folder: nothing is left in anyone's home.
        options = [f"-Dmaven.repo.local={folder}/repository", f"-DoutputDirectory={libs}"]
        goal = "dependency:copy-dependencies"
        run("fetching Kafka", ["mvn", "-q", "-B", "-f", f"{folder}/pom.xml", goal, *options])
        libs.rename(target)


def command(settings: Settings) -> list[str]:
    """The broker's command line, its configuration written and its storage formatted.

    Raises:
        StackError: the storage could not be formatted, or is where nobody said.
        OSError: a file of its cannot be written.
    """
    home = settings.state_dir.absolute() / "kafka"
    home.mkdir(parents=True, exist_ok=True)
    properties = home / PROPERTIES
    home.chmod(0o700)
    write_secret(properties, _properties(settings, home / "data"))
    user = users.user(settings, "kafka")
    program = Path(shutil.which(java()) or java()).resolve()
    if not all(reachable(path, user) for path in (jars(settings), program)):
        user = None
    if user is not None:
        users.give_all(home.resolve(), user)
        users.give_linked(home / "data", user)  # which may be on another disk
    base = [*as_user(user), *_java(settings)]
    if not (home / "data/meta.properties").exists():
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # Joined by "=", since one id in 64 begins with "-", which would be read as an option.
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}"]
        tool += ["--config", str(properties)]
        run("formatting Kafka's storage", [*base, *tool])
    return [*base, "kafka.Kafka", str(properties)]


def _java(settings: Settings) -> list[str]:
    """The JVM, to which a class of Kafka and its arguments are appended."""
    libs = jars(settings).resolve()  # an archive goes by the names of the jars
    archive = libs / ARCHIVE
    mapped = [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off"] if archive.is_file() else []
    return [java(), *JVM, *mapped, *LOGGING, "-cp", f"{libs}/*"]


def _properties(settings: Settings, data: Path) -> str:
    broker, controller = settings.kafka_port, settings.kafka_controller_port
    values = {
        "process.roles": "broker,controller",
        "node.id": 1,
        # A static voter, so that the ports may change between two starts.
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"{PARTS}://127.0.0.1:{broker},{CONTROLLER}://127.0.0.1:{controller}",
        "advertised.listeners": f"{PARTS}://127.0.0.1:{broker}",
        "inter.broker.listener.name": PARTS,
        "controller.listener.names": CONTROLLER,
        "log.dirs": data,
        # After SIGKILL the broker waits for its own old registration to expire: 4.5 s, not 11.6 s.
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        # A topic that nobody created is a mistake to be seen, with an unknown partition count.
        "auto.create.topics.enable": "false",
        "message.max.bytes": BROKER_BYTES,
        "replica.fetch.max.bytes": BROKER_BYTES,
        # Event time may be that of a recording; only bytes and age on this disk bound a log.
        "log.message.timestamp.after.max.ms": 2**63 - 1,
        "log.segment.bytes": 64 * 2**20,
        "log.retention.check.interval.ms": 30_000,
        "log.cleaner.enable": "true",
        # The default of 128 MiB would be a quarter of the heap.
        "log.cleaner.dedupe.buffer.size": 16 * 2**20,
    }
    text = {name: str(value) for name, value in values.items()}
    return lines(text | doors(settings, PARTS))
