"""Every setting of CityOps: read from the environment, cast and checked in this one place."""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec

from streams.groups import groups, second_factors
from streams.networks import WORDS, networks

PREFIX = "CITYOPS_"
OWN_HOSTS = ("127.0.0.1", "::1", "localhost")
"""This machine itself, to which nothing goes over a network."""


City = Literal["part", "whole", "none"]


class SettingError(ValueError):
    """A setting's value cannot be used; the message names the variable and what it takes."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Field ``kafka_port`` is read from ``CITYOPS_KAFKA_PORT``, and so on for each."""

    state_dir: Path = Path(".cityops")
    """Everything the local stack keeps: jars, servers, data, logs, secrets."""
    kafka_bootstrap: str = ""
    """An Apache Kafka that already runs (host:port); empty: the local stack runs one."""
    kafka_security: str = ""
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; empty: accounts at a broker that is CityOps's
    alone, and PLAINTEXT at another."""
    kafka_owned: bool = False
    """Whether a Kafka that already runs is CityOps's alone, as Compose's: then accounts and rights
    are made there at every start, and all others taken back."""
    kafka_user: str = ""
    """Account at the broker; empty: the part's own, and ``command`` for commands. Its password is
    in the secrets folder, in ``kafka-`` and the account's name."""
    input_signatures: str = ""
    """Of what is published to frames and readings: ``required`` or ``none``; empty: required where
    parts have accounts at the broker. Keys are in the secrets folder."""
    kafka_ca: str = ""
    """File with the certificates, in PEM, that a broker's must come from; empty: the machine's."""
    database_url: str = ""
    """A TimescaleDB that already runs (postgresql://…); empty: the local stack runs one."""
    kafka_port: int = 19092
    kafka_controller_port: int = 19093
    database_port: int = 15432
    http_port: int = 8080
    http_host: str = "127.0.0.1"
    receiver_port: int = 8081
    """Where readings are taken over HTTP, by TLS where the console is."""
    receiver_host: str = "127.0.0.1"
    mqtt_broker: str = ""
    """Broker from which readings are taken (mqtts://mqtt.example.vn:8883, or mqtt:// in the clear);
    empty: none, and the part is not started. The password is the file ``mqtt-password`` in the
    secrets folder."""
    mqtt_user: str = ""
    """As whom it is spoken to there; empty: as nobody."""
    mqtt_version: Literal["5", "3.1.1"] = "5"
    """Of MQTT."""
    mqtt_ca: str = ""
    """File (PEM) with the certificates by which the broker's is verified; empty: the machine's."""
    mqtt_topics: str = ""
    """File (YAML) that says which topics are of which sources; empty: ``mqtt.yaml`` in the state
    folder."""
    polled_addresses: str = ""
    """File (YAML) that says which addresses are asked for readings; empty: none is, and the part is
    not started."""
    polled_networks: str = "private,public"
    """Addresses and networks that these may be in, as of cameras: this machine (loopback) and
    link-local addresses are open only where they are named."""
    trusted_proxies: str = ""
    """Addresses and networks (10.0.0.7,10.1.0.0/16) of the proxies that may say who asks, in
    X-Forwarded-For and X-Forwarded-Proto; empty: nobody may."""
    tls_certificate: str = ""
    """File with the certificate of the console, the API and the receiver, and those above it, in
    PEM; empty: they are served in the clear. A renewed one is taken within a minute."""
    tls_key: str = ""
    """File with its private key, in PEM, without a password."""
    hsts_seconds: int = 31_536_000
    """For how long browsers that have come by TLS come by nothing else; 0: it is not said."""
    admin_password: str = ""
    """Of the first user, at first start, who must change it; empty: one is generated."""
    session_idle_minutes: int = 60
    """After so long without use somebody who is signed in is so no more; 0: only after 12 hours."""
    token: str = ""
    """What the command line signs in with; empty: who has signed in by ``cityops signin``, else
    the local stack's own secret."""
    public_url: str = ""
    """Where browsers reach the console (https://cityops.example.vn): an identity provider sends
    them back there, whatever host a request names."""
    oidc_issuer: str = ""
    """Identity provider (OpenID Connect) by whose accounts people sign in, too, as it calls itself
    (https://id.example.vn/realms/city); empty: there is none."""
    oidc_client_id: str = ""
    """What this installation is called there."""
    oidc_client_secret_file: str = ""
    """File with the secret that goes with it; empty: ``oidc-client-secret`` in the secrets
    folder."""
    oidc_groups: str = ""
    """Which role a group has (/staff/leads=supervisor; /staff/desk=operator); of several the first
    that stands here. Who is in none of them is not let in."""
    oidc_groups_claim: str = "groups"
    """Where the provider says who is in which groups; dots lead into it (realm_access.roles)."""
    oidc_name_claim: str = "preferred_username"
    """Where the provider says what somebody is called."""
    oidc_name: str = ""
    """What people call the provider (City of Hải Phòng); empty: its host."""
    oidc_scopes: str = "openid profile"
    """What is asked for; some providers say groups only where ``groups`` is."""
    oidc_ca: str = ""
    """File (PEM) with the certificates by which the provider's is verified; empty: those that this
    machine trusts."""
    oidc_second_factor: str = ""
    """What the provider says of somebody who has shown it a second factor (amr:mfa acr:gold);
    empty: its word does not count for that."""
    camera_folders: str = ""
    """Folders (/srv/films:/mnt/nas) that cameras' files may be in, beside ``media`` in the state
    directory."""
    camera_networks: str = "private"
    """Addresses and networks that cameras may be in (private,203.0.113.7,198.51.100.0/24); private,
    loopback, link-local and public are words for such. This machine itself and link-local addresses
    are open only where they are named."""
    channel_networks: str = "private,public"
    """Addresses and networks that channels of notifications may connect to, as of cameras: this
    machine (loopback) and link-local addresses are open only where they are named."""
    rehearsal_port: int = 8026
    """The one port of this machine that channels reach whatever is open: ``cityops demo night``
    takes the messages of its people there; 0: none."""
    runbook_required: str = ""
    """Severity from which on an alert is closed only with every step of its runbook ticked, unless
    it was false, a test or a duplicate; empty: none."""
    camera_authorities: str = ""
    """File (PEM) with the certificates by which those of cameras are verified, which everybody may
    read; empty: those that this machine trusts."""
    camera_password: str = ""
    """What ``cityops camera add`` gives a camera that asks for a password; empty: it asks."""
    working_calendar: str = ""
    """File (YAML) of when offices are open, with holidays and days worked instead; empty: that of
    Hải Phòng, ``streams/worktime/haiphong.yaml``."""
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
    """Folder of an installation's own kinds (``kinds/*.py``) and feeds (``feeds/*/feed.yaml``);
    empty: ``extensions`` in the state directory, where there is something in it."""
    debian_mirror: str = ""
    """Debian mirror to take TimescaleDB from, where apt's own is not Debian's."""
    part_users: int = 0
    """First of the sixteen user ids that parts run as where root starts the local stack; 0: chosen
    by where the state folder is; -1: all of them run as root."""
    simulate: bool = True
    """Whether ``up`` starts the simulated city."""
    seed: int = 7
    """Seed of the simulated city."""
    city: City = "part"
    """How much of its registry of assets ``up`` announces beside cameras and loops: the ``part``
    around them, the ``whole`` with about 6,000, or ``none``."""
    systems: str = ""
    """What fails among the simulated city's other systems, as ``cityops simulate --systems`` takes
    it; empty: nothing."""
    topology: bool = True
    """Whether what depends on an asset that is down is explained by it, and no alert of its own."""
    grouping: bool = True
    """Whether what tells of one event, as a flood or a jam, is one incident."""
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
    picture_retention_days: int = 30
    """As above, for the pictures that alerts rest on, masked, as people see them."""
    original_retention_days: int = 7
    """As above, for the same as cameras sent them: sealed, for those who may see them."""
    incident_retention_days: int = 730
    """As above, for incidents, which are few and which analysts compare over years."""
    message_retention_days: int = 365
    """As above, for messages to people, what became of them, and how that was decided."""
    audit_retention_days: int = 730
    """As above, for the audit log."""
    audit_webhook: str = ""
    """Address (https://…) that is told the audit log's newest hash every minute, so that a log that
    was computed anew is found; empty: nobody is told."""

    @property
    def bootstrap(self) -> str:
        return self.kafka_bootstrap or f"127.0.0.1:{self.kafka_port}"

    @property
    def media(self) -> Path:
        """Where cameras' files may always be."""
        return self.state_dir.absolute() / "media"

    @property
    def mqtt_mapping(self) -> Path:
        """Which topics are of which sources."""
        return Path(self.mqtt_topics) if self.mqtt_topics else self.state_dir / "mqtt.yaml"

    @property
    def api(self) -> str:
        """Address of the alerts service."""
        return self._address(self.http_host, self.http_port)

    @property
    def receiver(self) -> str:
        """Address of the receiver."""
        return self._address(self.receiver_host, self.receiver_port)

    def _address(self, host: str, port: int) -> str:
        here = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        return f"{'https' if self.tls_certificate else 'http'}://{here}:{port}"

    def secret(self, name: str) -> Path:
        """File that holds a generated secret, readable by its owner only."""
        return self.state_dir / "secrets" / name

    @property
    def database(self) -> str:
        """Connection string of who administers the database; parts have their own
        (``streams.database``).

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
    def owns_kafka(self) -> bool:
        """Whether the broker is CityOps's alone, so that its accounts are ours to make."""
        return self.runs_kafka or self.kafka_owned

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
    for name in (
        "kafka_port",
        "kafka_controller_port",
        "database_port",
        "http_port",
        "receiver_port",
        "rehearsal_port",
    ):
        least = 0 if name == "rehearsal_port" else 1
        if not least <= getattr(settings, name) < 65536:
            raise SettingError(f"{PREFIX}{name.upper()} must be a port from {least} to 65535")
    for name in (
        "retention_days",
        "detection_retention_days",
        "picture_retention_days",
        "original_retention_days",
        "incident_retention_days",
        "message_retention_days",
        "audit_retention_days",
    ):
        if getattr(settings, name) < 1:
            raise SettingError(f"{PREFIX}{name.upper()} must be at least 1")
    if settings.original_retention_days > settings.picture_retention_days:
        raise SettingError(
            f"{PREFIX}ORIGINAL_RETENTION_DAYS must not be above {PREFIX}PICTURE_RETENTION_DAYS"
        )
    for name in (
        "clock_takeover_minutes",
        "clock_outage_days",
        "session_idle_minutes",
        "hsts_seconds",
    ):
        if getattr(settings, name) < 0:
            raise SettingError(f"{PREFIX}{name.upper()} must be at least 0")
    if settings.kafka_security not in ("", "PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"):
        raise SettingError(
            f"{PREFIX}KAFKA_SECURITY={settings.kafka_security!r}: give PLAINTEXT, SSL,"
            " SASL_PLAINTEXT or SASL_SSL"
        )
    if settings.input_signatures not in ("", "required", "none"):
        raise SettingError(
            f"{PREFIX}INPUT_SIGNATURES={settings.input_signatures!r}: give required or none"
        )
    if settings.kafka_user and not settings.kafka_user.isidentifier():
        raise SettingError(
            f"{PREFIX}KAFKA_USER={settings.kafka_user!r}: letters, digits and _ only"
        )
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise SettingError(f"{PREFIX}TLS_CERTIFICATE and {PREFIX}TLS_KEY are given together")
    for proxy in settings.trusted_proxies.split(",") if settings.trusted_proxies else ():
        try:
            ip_network(proxy.strip(), strict=False)
        except ValueError:
            raise SettingError(
                f"{PREFIX}TRUSTED_PROXIES: {proxy.strip()!r} is no address or network"
            ) from None
    for name in ("camera_networks", "channel_networks", "polled_networks"):
        try:
            networks(getattr(settings, name))
        except ValueError as error:
            raise SettingError(
                f"{PREFIX}{name.upper()}: {str(error)!r} is no address, no network and none of"
                f" {', '.join(WORDS)}"
            ) from None
    if settings.camera_authorities and not Path(settings.camera_authorities).is_file():
        raise SettingError(
            f"{PREFIX}CAMERA_AUTHORITIES={settings.camera_authorities!r}: there is no such file"
        )
    for folder in filter(None, settings.camera_folders.split(":")):
        if not Path(folder).is_absolute():
            raise SettingError(f"{PREFIX}CAMERA_FOLDERS: {folder!r} does not begin with '/'")
    if settings.audit_webhook and not settings.audit_webhook.startswith(("http://", "https://")):
        raise SettingError(f"{PREFIX}AUDIT_WEBHOOK: give an address that begins with https://")
    _check_mqtt(settings)
    if settings.extensions and not Path(settings.extensions).is_dir():
        raise SettingError(f"{PREFIX}EXTENSIONS={settings.extensions!r}: there is no such folder")
    if settings.part_users < -1:
        raise SettingError(f"{PREFIX}PART_USERS must be a user id, 0 or -1")
    if settings.partitions < 1:
        raise SettingError(f"{PREFIX}PARTITIONS must be at least 1")
    _check_provider(settings)
    return settings


def _check_provider(settings: Settings) -> None:
    """Raises SettingError where half of an identity provider is given, or what is no use."""
    if settings.public_url:
        _check_address("PUBLIC_URL", settings.public_url)
        if urlsplit(settings.public_url).path not in ("", "/"):
            raise SettingError(f"{PREFIX}PUBLIC_URL: the console has a host of its own, no path")
    if not settings.oidc_issuer:
        for name in ("client_id", "client_secret_file", "groups", "name", "ca", "second_factor"):
            if getattr(settings, f"oidc_{name}"):
                said = f"{PREFIX}OIDC_{name.upper()} says nothing without {PREFIX}OIDC_ISSUER"
                raise SettingError(said)
        return
    _check_address("OIDC_ISSUER", settings.oidc_issuer)
    for name in ("oidc_client_id", "oidc_groups", "public_url"):
        if not getattr(settings, name):
            raise SettingError(f"{PREFIX}OIDC_ISSUER needs {PREFIX}{name.upper()}, too")
    for name, read in (("OIDC_GROUPS", groups), ("OIDC_SECOND_FACTOR", second_factors)):
        try:
            read(getattr(settings, name.lower()))
        except ValueError as error:
            like = {"OIDC_GROUPS": "group=role; …", "OIDC_SECOND_FACTOR": "amr:… acr:…"}[name]
            raise SettingError(f"{PREFIX}{name}: {str(error)!r}: give {like}") from None
    if "openid" not in settings.oidc_scopes.split():
        raise SettingError(f"{PREFIX}OIDC_SCOPES: openid must be among them")
    for name in ("oidc_client_secret_file", "oidc_ca"):
        given = getattr(settings, name)
        if given and not Path(given).is_file():
            raise SettingError(f"{PREFIX}{name.upper()}={given!r}: there is no such file")


def _check_mqtt(settings: Settings) -> None:
    """Raises SettingError."""
    if not settings.mqtt_broker:
        for name in ("mqtt_user", "mqtt_ca", "mqtt_topics"):
            if getattr(settings, name):
                said = f"{PREFIX}{name.upper()} says nothing without {PREFIX}MQTT_BROKER"
                raise SettingError(said)
        return
    try:
        parts = urlsplit(settings.mqtt_broker)
        whole = parts.hostname and parts.port != 0 and not parts.path.strip("/")
    except ValueError:
        whole = False
    if not whole or parts.scheme not in ("mqtt", "mqtts") or parts.username is not None:
        # What it is instead is not said again: there may be a password in it.
        raise SettingError(f"{PREFIX}MQTT_BROKER: give mqtts://host:port, or mqtt://host:port")
    if settings.mqtt_ca and not Path(settings.mqtt_ca).is_file():
        raise SettingError(f"{PREFIX}MQTT_CA={settings.mqtt_ca!r}: there is no such file")


def _check_address(name: str, given: str) -> None:
    """Raises SettingError where what goes there could be read or changed on the way."""
    try:
        parts = urlsplit(given)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.query or parts.fragment or parts.username is not None:
        raise SettingError(f"{PREFIX}{name}={given!r}: give an address such as https://host")
    if parts.scheme != "https" and (parts.scheme != "http" or host not in OWN_HOSTS):
        raise SettingError(f"{PREFIX}{name}={given!r}: it must begin with https://")


def _cast(variable: str, text: str, kind: type) -> Any:
    if kind is bool:
        flags = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        if text.lower() not in flags:
            raise SettingError(f"{variable}={text!r}: give 1 or 0")
        return flags[text.lower()]
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise SettingError(f"{variable}={text!r}: give {', '.join(get_args(kind))}")
        return text
    try:
        return kind(text)
    except ValueError:
        raise SettingError(f"{variable}={text!r}: give {kind.__name__}") from None
