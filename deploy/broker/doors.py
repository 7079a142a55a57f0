"""Who may come in at the broker's listeners, as its own configuration says it.

Parts come by SCRAM, as ``deploy.broker.accounts`` told the broker; itself and the owner, who tells
it of the parts, it knows by this configuration, so that a first start and an upgrade are the same.

``python -m deploy.broker.doors`` leaves it where Compose's broker finds it (decision 0066).
"""

import sys
from pathlib import Path

from deploy.broker.passwords import BROKER, made
from streams import settings as environment
from streams.kafka.access import CLEAR, MECHANISM, OWNER, SIGNED_IN, protocol
from streams.secrets import write_secret
from streams.settings import SettingError, Settings

PARTS, MACHINE, CONTROLLER = "PARTS", "MACHINE", "CONTROLLER"
"""Listeners: where parts come; where, in Compose, those of this machine come, outside containers;
and where the broker speaks to itself."""
PROPERTIES = "server.properties"
HEALTH = "health.properties"
"""As whom Compose asks whether the broker answers."""

_MODULES = "org.apache.kafka.common.security"
_PLAIN = f"{_MODULES}.plain.PlainLoginModule required"


def doors(settings: Settings, *listeners: str) -> dict[str, str]:
    """Properties of a broker whose clients come at the listeners, ``PARTS`` always among them.

    Raises:
        OSError: a password's file cannot be read or written.
    """
    spoken = protocol(settings)
    every = (*listeners, CONTROLLER)
    found = {"listener.security.protocol.map": ",".join(f"{each}:{spoken}" for each in every)}
    if spoken == CLEAR:
        return found
    known = {account: made(settings, account) for account in (BROKER, OWNER)}
    users = " ".join(f'user_{account}="{password}"' for account, password in known.items())
    plain = f"{_itself(settings)} {users};"
    for each in every:
        door = f"listener.name.{each.lower()}"
        taken = "PLAIN" if each == CONTROLLER else f"PLAIN,{MECHANISM}"
        found |= {
            f"{door}.sasl.enabled.mechanisms": taken,
            f"{door}.plain.sasl.jaas.config": plain,
        }
        if each != CONTROLLER:
            module = f"{_MODULES}.scram.ScramLoginModule required;"
            found[f"{door}.{MECHANISM.lower()}.sasl.jaas.config"] = module
    return found | {
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{BROKER};User:{OWNER}",
        "allow.everyone.if.no.acl.found": "false",
    }


def _itself(settings: Settings) -> str:
    return f'{_PLAIN} username="{BROKER}" password="{made(settings, BROKER)}"'


def lines(properties: dict[str, str]) -> str:
    """As Kafka reads them."""
    return "".join(f"{name}={value}\n" for name, value in properties.items())


def leave(settings: Settings, folder: Path) -> None:
    """Writes what Compose's broker, and who asks after it, has to know, into its own volume.

    For all to read: the image of Kafka has a user of its own, and nobody but the two containers
    sees the volume, within the engine's folder, which is root's.

    Raises:
        OSError: a file cannot be read or written.
    """
    asking = {
        "security.protocol": SIGNED_IN,
        "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": f"{_itself(settings)};",
    }
    for name, properties in (
        (PROPERTIES, doors(settings, PARTS, MACHINE)),
        (HEALTH, asking),
    ):
        write_secret(folder / name, lines(properties))
        (folder / name).chmod(0o644)


def main() -> None:
    try:
        settings = environment.load()
        leave(settings, settings.state_dir / "kafka")
    except (OSError, SettingError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
