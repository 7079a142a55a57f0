"""As whom a process speaks to the broker, and how: one account for each part (decision 0059)."""

import ssl
from typing import Any, NamedTuple

from streams.settings import Settings

CLEAR = "PLAINTEXT"
SIGNED_IN = "SASL_PLAINTEXT"
MECHANISM = "SCRAM-SHA-512"
OWNER = "owner"
"""Makes accounts, rights and topics; a broker of our own knows it from its configuration, so that
it can do so where there are no accounts yet."""
COMMAND = "command"
"""Whoever has no other: commands, and what they start."""
GATEWAY, CITY, RECEIVER = "gateway", "city", "receiver"
MQTT, POLLER = "mqtt", "poller"
NOTIFIER = "notifier"
SIGNERS = (GATEWAY, CITY, RECEIVER, MQTT, POLLER, COMMAND)
"""Accounts that publish inputs, and sign them (``streams.kafka.signers``)."""


class Access(NamedTuple):
    """What a client has to say; without a user nobody is asked."""

    protocol: str
    user: str = ""
    password: str = ""
    mechanism: str = MECHANISM
    ca: str = ""

    def options(self) -> dict[str, Any]:
        """As kafka-python takes them."""
        found: dict[str, Any] = {"security_protocol": self.protocol}
        if self.ca:
            found["ssl_cafile"] = self.ca
        if self.user:
            found["sasl_mechanism"] = self.mechanism
            found |= {"sasl_plain_username": self.user, "sasl_plain_password": self.password}
        return found

    def async_options(self) -> dict[str, Any]:
        """As aiokafka takes them."""
        found = self.options()
        if found.pop("ssl_cafile", "") or "SSL" in self.protocol.split("_"):
            found["ssl_context"] = self.context()
        return found

    def context(self) -> ssl.SSLContext | None:
        """Of TLS; None: in the clear."""
        if "SSL" not in self.protocol.split("_"):
            return None
        return ssl.create_default_context(cafile=self.ca or None)


def protocol(settings: Settings) -> str:
    """The setting; else accounts at a broker that is CityOps's alone, and none elsewhere."""
    return settings.kafka_security or (SIGNED_IN if settings.owns_kafka else CLEAR)


def access(settings: Settings) -> Access:
    """Of this process.

    Raises:
        OSError: the file with the account's password cannot be read.
    """
    spoken = protocol(settings)
    if not spoken.startswith("SASL"):
        return Access(spoken, ca=settings.kafka_ca)
    user = settings.kafka_user or COMMAND
    mechanism = "PLAIN" if user == OWNER and settings.owns_kafka else MECHANISM
    return Access(spoken, user, password(settings, user), mechanism, settings.kafka_ca)


def password(settings: Settings, user: str) -> str:
    """What the account's file in the secrets folder holds. Raises OSError: it cannot be read."""
    return settings.secret(f"kafka-{user}").read_text().strip()
