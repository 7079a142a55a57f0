"""Hands a message to a mail server: text and HTML, one recipient each, with its key as Message-ID.

Nothing that an alert says can become a header or an address: ``EmailMessage`` refuses line breaks,
and there are none left in what it is given (``services.notifier.templates``).
"""

import re
import smtplib
import socket
import ssl
from contextlib import closing, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

import msgspec

from services.notifier.channel import (
    SECONDS,
    BadConfigurationError,
    FailedError,
    RefusedError,
    Way,
    Written,
)
from services.notifier.connecting import ClosedError, Connector, Limit, unanswered

ADDRESSED = True
PUBLIC = False
FOLLOWS = False
PERMANENT = 500
"""RFC 5321, 4.2.1: from here on a reply says that it is no use to try again."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """``none`` is for a server on this machine, or in a network that is the city's own."""
    sender: str
    """Whom it is from, such as cityops@example.vn."""
    user: str = ""
    """Who signs in there; empty: nobody is asked."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    password: str = ""

    def __repr__(self) -> str:
        return "Secrets(…)"


def asks(configuration: dict[str, str]) -> tuple[str, ...]:
    return ("password",) if configuration.get("user") else ()


def check(configuration: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", configuration.host):
        raise BadConfigurationError("host: give the name or address of the mail server")
    if not 0 < configuration.port < 65536:
        raise BadConfigurationError("port: 1 to 65535")
    check_address(configuration.sender)
    if bool(configuration.user) != bool(secrets.password):
        raise BadConfigurationError("user and password are given together")
    if configuration.user and configuration.security == "none":
        raise BadConfigurationError("security: a password is not sent in the clear")
    return configuration, secrets


def check_address(address: str) -> str:
    address = address.strip()
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise BadConfigurationError("address: give an e-mail address, such as lan@example.vn")
    return address


def keeps(before: Configuration, after: Configuration) -> bool:
    """A password goes to the server, and for the user, that it was given for."""

    def whose(one: Configuration) -> tuple[str, int, str, str]:
        return one.host, one.port, one.security, one.user

    return whose(before) == whose(after)


def message_of(way: Way, written: Written) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    sender: str = way.configuration.sender
    message["From"] = Address("CityOps", addr_spec=sender)
    message["To"] = Address(addr_spec=way.address)
    message["Subject"] = written.subject
    message["Date"] = format_datetime(written.time)
    message["Message-ID"] = f"<{way.key}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    message["Content-Language"] = written.language
    message.set_content(written.text)
    message.add_alternative(written.html, subtype="html")
    return message


class _Line(smtplib.SMTP):
    """To what is open only."""

    def __init__(self, connector: Connector, where: Configuration, context: ssl.SSLContext) -> None:
        self._connector = connector
        self._context = context if where.security == "tls" else None
        self._limit: Limit | None = None
        name = where.sender.rpartition("@")[2]
        super().__init__(where.host, where.port, local_hostname=name, timeout=SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = self._connector.connect(host, port, timeout)
        self._limit = self._connector.limit(line)
        return self._context.wrap_socket(line, server_hostname=host) if self._context else line

    def close(self) -> None:
        super().close()
        if self._limit is not None:
            self._limit.end()


def send(way: Way, written: Written) -> None:
    where = way.configuration
    context = ssl.create_default_context()
    try:
        with closing(_Line(way.connector, where, context)) as line:
            if where.security == "starttls":
                line.starttls(context=context)
            if where.user:
                line.login(where.user, way.secrets.password)
            line.send_message(message_of(way, written), where.sender, [way.address])
            with suppress(smtplib.SMTPException, OSError):  # it has the message, whatever it says
                line.quit()
    except ClosedError as error:
        raise RefusedError(str(error)) from None
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=PERMANENT)
        raise _of(code, "the recipient is refused") from None
    except smtplib.SMTPResponseException as error:
        raise _of(error.smtp_code, "it refuses") from None
    except smtplib.SMTPNotSupportedError:
        raise RefusedError(
            "it does not do what the configuration asks for: STARTTLS (without it:"
            " security=none), or signing in"
        ) from None
    except (smtplib.SMTPException, OSError) as error:
        raise FailedError(unanswered(error)) from None


def _of(code: int, said: str) -> FailedError | RefusedError:
    sort = RefusedError if code >= PERMANENT else FailedError
    return sort(f"{said}, with code {code}")
