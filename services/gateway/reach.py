"""What cameras' addresses may lead to: files in some folders, and hosts in some networks.

Whoever may add a camera has the gateway open what it names, with the gateway's rights and from the
gateway's place in the network. What is not open is answered as what is not there.
"""

import os
import re
import socket
import ssl
import stat
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import certifi
import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from services.gateway.decoder.door import NO_HOST, Door
from streams.configuration.address import user_of
from streams.networks import networks
from streams.settings import Settings

SCHEMES = ("http", "https", "rtmp", "rtsp", "rtsps")
"""With these one connects; with others one listens (udp, rtp, tcp), reads what is here (file, pipe,
data) or has one address in another (concat, subfile, crypto)."""
NO_FILE = (
    "there is no such file where cameras' files may be: in {media}, and in the folders that"
    " CITYOPS_CAMERA_FOLDERS names"
)
NOT_READ = "the user that the gateway runs as may not read this file"
_TRUSTED = (ssl.get_default_verify_paths().cafile, "/etc/ssl/certs/ca-certificates.crt")
SYSTEM_AUTHORITIES = next(
    (file for file in _TRUSTED if file and Path(file).is_file()), certifi.where()
)
"""Whom this machine trusts: as Python was built, as Debian has it, or as Mozilla does."""
_DEVICE = re.compile(r"\d{1,3}|/dev/video\d{1,3}")


class NotThereError(Exception):
    """It is not there or not open, which are not told apart; the message names no address."""


class Reach(NamedTuple):
    folders: tuple[Path, ...]
    networks: tuple[str, ...] = ()
    servers: tuple[tuple[str, int], ...] = ()
    """Hosts and ports of our own servers, which are no cameras."""

    authorities: str = SYSTEM_AUTHORITIES
    """File with the certificates (PEM) that those of hosts are signed by."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        named = map(Path, filter(None, settings.camera_folders.split(":")))
        return cls(
            (settings.media, *named),
            networks(settings.camera_networks),
            _servers(settings),
            settings.camera_authorities or SYSTEM_AUTHORITIES,
        )

    @classmethod
    def only(cls, file: Path) -> Self:
        """Nothing but a file that somebody has named on the command line, with their own rights."""
        return cls((file.absolute().parent, file.resolve().parent))

    def open_file(self, path: str) -> int:
        """A descriptor, to be closed by the caller.

        Raises:
            NotThereError: it is absent, no regular file, elsewhere, also by a link, or not ours to
                read.
        """
        try:
            self._insist(Path(path).resolve(strict=True))
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except (OSError, RuntimeError, ValueError):
            raise NotThereError(self._no_file) from None
        try:
            # What was found, whoever has changed a link meanwhile, and before it is opened.
            found = Path(f"/proc/self/fd/{place}")
            self._insist(found.readlink())
            if not stat.S_ISREG(os.fstat(place).st_mode):
                raise NotThereError(self._no_file)
            return os.open(found, os.O_RDONLY | os.O_CLOEXEC)
        except PermissionError:
            raise NotThereError(NOT_READ) from None
        except OSError:
            raise NotThereError(self._no_file) from None
        finally:
            os.close(place)

    def fault(self, address: str) -> str:
        """Why it will not be opened, by its words alone: nothing is asked of disks or networks.

        Empty: nothing speaks against it.
        """
        scheme, mark, _ = address.partition("://")
        if not mark:
            named = _spelled(address)
            folders = {*map(_spelled, self.folders), *(each.resolve() for each in self.folders)}
            inside = any(named.is_relative_to(folder) for folder in folders)
            return "" if inside or _DEVICE.fullmatch(address) else self._no_file
        if scheme.lower() not in SCHEMES:
            return f"no scheme {scheme!r}; give a file or one of {', '.join(SCHEMES)}"
        try:
            parts = urlsplit(address)
            host, port = ip_address(parts.hostname or ""), parts.port or 0
        except ValueError:
            return ""  # a name: the decoder judges what it leads to
        return "" if self.door().is_open(host, port) else NO_HOST

    def door(self) -> Door:
        return Door(**self.order())

    def order(self, address: str = "") -> dict[str, Any]:
        """For ``Door``, in another process."""
        return {
            "networks": [*self.networks],
            "own": _own(),
            "closed": _resolved(self.servers),
            "only": _only(address),
        }

    def _insist(self, path: Path) -> None:
        if not any(path.is_relative_to(folder.resolve()) for folder in self.folders):
            raise NotThereError(self._no_file)

    @property
    def _no_file(self) -> str:
        return NO_FILE.format(media=self.folders[0])


def is_device(address: str) -> bool:
    """Of a camera on this machine, by its number or path."""
    return bool(_DEVICE.fullmatch(address))


def _spelled(path: str | Path) -> Path:
    """From the root, without ``..``, links left as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100  (absolute() keeps "..")


def _only(address: str) -> str:
    """The host that a password is for; by HTTP FFmpeg gives it to no other by itself."""
    scheme = address.partition("://")[0].lower()
    if scheme not in ("rtsp", "rtsps") or not user_of(address):
        return ""
    return urlsplit(address).hostname or ""


def _servers(settings: Settings) -> tuple[tuple[str, int], ...]:
    """Kafka, the database and the API, of this machine or another."""
    found = [
        ("127.0.0.1", port)
        for port in (
            settings.kafka_controller_port,
            settings.database_port,
            settings.http_port,
            settings.receiver_port,
        )
    ]
    for each in settings.bootstrap.split(","):
        host, _, port = each.strip().rpartition(":")
        if port.isdigit():
            found.append((host.strip("[]"), int(port)))
    with suppress(psycopg.Error, ValueError):
        told = conninfo_to_dict(settings.database_url)
        if host := str(told.get("host") or ""):
            found.append((host, int(told.get("port") or 5432)))
    return tuple(found)


def _resolved(servers: tuple[tuple[str, int], ...]) -> list[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for host, port in servers:
        with suppress(OSError):
            told = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found |= {(str(each[4][0]).partition("%")[0], port) for each in told}
    return sorted(found)


def _own() -> list[str]:
    inside = (socket.AF_INET, socket.AF_INET6)
    return [
        each.address.partition("%")[0]
        for addresses in psutil.net_if_addrs().values()
        for each in addresses
        if each.family in inside
    ]
