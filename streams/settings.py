"""Every setting of CityOps: read from the environment, cast and checked in this one place."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

PREFIX = "CITYOPS_"


class SettingError(ValueError):
    """A setting's value cannot be used; the message names the variable and what it takes."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Field ``kafka_port`` is read from ``CITYOPS_KAFKA_PORT``, and so on for each."""

    state_dir: Path = Path(".cityops")
    """Everything the local stack keeps: jars, servers, data, logs, secrets."""
    kafka_bootstrap: str = ""
    """An Apache Kafka that already runs (host:port); empty: the local stack runs one."""
    database_url: str = ""
    """A TimescaleDB that already runs (postgresql://…); empty: the local stack runs one."""
    kafka_port: int = 19092
    kafka_controller_port: int = 19093
    database_port: int = 15432
    http_port: int = 8080
    http_host: str = "127.0.0.1"
    admin_password: str = ""
    """Of the first user, at first start; empty: one is generated and shown once."""
    token: str = ""
    """What the command line signs in with; empty: the local stack's own secret."""
    namespace: str = "live"
    """Prefix of topics, worker groups and tables' schema; a replay gets one of its own."""
    partitions: int = 6
    """Of every topic; fixed when the topics are created."""
    detect_workers: int = 0
    """Worker processes for ``detect``; 0: one for every two cores, at least one."""
    stream_workers: int = 1
    """Worker processes for the other stages."""
    data_dir: Path = Path("../shared/data")
    """Where third-party footage and models may already be (video/, models/)."""
    onnx_providers: str = ""
    """What runs detectors, by onnxruntime's names, the first choice first, such as
    ``CUDAExecutionProvider``; what those cannot run, and all if empty, the processor does."""
    extensions: str = ""
    """Folder of an installation's own kinds (``kinds/*.py``) and feeds (``feeds/*/feed.yaml``)."""
    debian_mirror: str = ""
    """Debian mirror to take TimescaleDB from, where apt's own is not Debian's."""
    simulate: bool = True
    """Whether ``up`` starts the simulated city."""
    seed: int = 7
    """Seed of the simulated city."""
    frames_bytes: int = 2 * 2**30
    """Bytes of frames kept in Kafka, all partitions together."""

    clock_takeover_minutes: int = 15
    """After so long a step of the machine's clock is taken over as right; 0: only by
    ``cityops clock accept``."""
    clock_outage_days: int = 14
    """A machine that boots with a clock further ahead of what was last published is not believed
    to have been off for so long; 0: it always is."""
    retention_days: int = 30
    """Days of event time for which readings and counts are kept in the database."""
    detection_retention_days: int = 7
    """As above, for frames and detections, which are most of what is stored."""
    incident_retention_days: int = 730
    """As above, for incidents, which are few and which analysts compare over years."""

    @property
    def bootstrap(self) -> str:
        return self.kafka_bootstrap or f"127.0.0.1:{self.kafka_port}"

    @property
    def api(self) -> str:
        """Address of the alerts service."""
        host = "127.0.0.1" if self.http_host in ("0.0.0.0", "::") else self.http_host
        return f"http://{host}:{self.http_port}"

    def secret(self, name: str) -> Path:
        """File that holds a generated secret, readable by its owner only."""
        return self.state_dir / "secrets" / name

    @property
    def database(self) -> str:
        """Connection string of the database's owner.

        Raises:
            SettingError: the local database has not been started yet.
        """
        if self.database_url:
            return self.database_url
        try:
            password = self.secret("database").read_text().strip()
        except FileNotFoundError:
            raise SettingError("no database yet: run 'make up' first") from None
        return f"postgresql://cityops:{password}@127.0.0.1:{self.database_port}/cityops"

    @property
    def runs_kafka(self) -> bool:
        return not self.kafka_bootstrap

    @property
    def runs_database(self) -> bool:
        return not self.database_url


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment.

    Raises:
        SettingError: an unknown ``CITYOPS_`` variable or a value of the wrong type or range.
    """
    hints = get_type_hints(Settings)
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in hints:
            known = ", ".join(sorted(PREFIX + field.upper() for field in hints))
            raise SettingError(f"{variable} is not a setting; known: {known}")
        values[name] = _cast(variable, text, hints[name])
    settings = Settings(**values)
    for name in ("kafka_port", "kafka_controller_port", "database_port", "http_port"):
        if not 0 < getattr(settings, name) < 65536:
            raise SettingError(f"{PREFIX}{name.upper()} must be a port from 1 to 65535")
    for name in ("retention_days", "detection_retention_days", "incident_retention_days"):
        if getattr(settings, name) < 1:
            raise SettingError(f"{PREFIX}{name.upper()} must be at least 1")
    for name in ("clock_takeover_minutes", "clock_outage_days"):
        if getattr(settings, name) < 0:
            raise SettingError(f"{PREFIX}{name.upper()} must be at least 0")
    if settings.extensions and not Path(settings.extensions).is_dir():
        raise SettingError(f"{PREFIX}EXTENSIONS={settings.extensions!r}: there is no such folder")
    if settings.partitions < 1:
        raise SettingError(f"{PREFIX}PARTITIONS must be at least 1")
    return settings


def _cast(variable: str, text: str, kind: type) -> Any:
    if kind is bool:
        flags = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if text.lower() not in flags:
            raise SettingError(f"{variable}={text!r}: give 1 or 0")
        return flags[text.lower()]
    try:
        return kind(text)
    except ValueError:
        raise SettingError(f"{variable}={text!r}: give {kind.__name__}") from None
