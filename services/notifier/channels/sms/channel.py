"""Hands a text message to a gateway over HTTP: a template of a JSON body, or of the address.

Not tried against any provider's gateway: only against a receiver of our own. ``{number}``,
``{text}`` and ``{key}`` are filled in after the template was read, so that nothing in them is more
than a value. What says that it is an exercise stands first, and is never cut.
"""

import re
from typing import Any, Literal
from unicodedata import normalize
from urllib.parse import quote

import msgspec

from services.notifier.channel import BadConfigurationError, RefusedError, Way, Written
from services.notifier.channels.sms.gsm import fitting, plain
from services.notifier.posting import check_url, post

ADDRESSED = True
PUBLIC = False
FOLLOWS = False
BODY = '{"to": "{number}", "text": "{text}", "id": "{key}"}'
NATIONAL = "+84"
"""Of a number that begins with 0."""
_BLANKS = re.compile(r"\{(number|text|key)\}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = ""
    """Of the address, for people; the whole of it is sealed, as it may hold a token."""
    method: Literal["POST", "GET"] = "POST"
    """``GET``: all is in the address."""
    body: str = BODY
    """JSON; of a POST."""
    header: str = "Authorization"
    """In which the secret ``token`` goes, where there is one."""
    accents: bool = False
    """Vietnamese with its marks, of which 70 characters fit a segment instead of 160."""
    segments: int = 3
    """What is longer is cut."""


class Secrets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str = ""
    token: str = ""
    """The value of ``header``, such as ``Bearer …``; empty: none is sent."""

    def __repr__(self) -> str:
        return "Secrets(…)"


def asks(configuration: dict[str, str]) -> tuple[str, ...]:
    return ("url", "token") if "header" in configuration else ("url",)


def check(configuration: Configuration, secrets: Secrets) -> tuple[Configuration, Secrets]:
    host = check_url(_BLANKS.sub("x", secrets.url))
    if _BLANKS.search(secrets.url.partition("?")[0].partition("://")[2].partition("/")[0]):
        raise BadConfigurationError("url: no blank in the name of the host")
    if not 1 <= configuration.segments <= 10:
        raise BadConfigurationError("segments: 1 to 10")
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", configuration.header):
        raise BadConfigurationError("header: the name of one")
    if not secrets.token.isprintable() or not secrets.token.isascii():
        raise BadConfigurationError("token: printable characters of ASCII")
    try:
        template = msgspec.json.decode(configuration.body)
    except msgspec.DecodeError:
        raise BadConfigurationError("body: give JSON with {number} and {text} in it") from None
    where = secrets.url if configuration.method == "GET" else msgspec.json.encode(template).decode()
    if not {"number", "text"} <= {*_BLANKS.findall(where)}:
        what = "url" if configuration.method == "GET" else "body"
        raise BadConfigurationError(f"{what}: it has to have {{number}} and {{text}}")
    return msgspec.structs.replace(configuration, host=host), secrets


def keeps(_before: Configuration, _after: Configuration) -> bool:
    """Where it goes is a secret itself."""
    return True


def check_address(address: str) -> str:
    number = re.sub(r"[\s.()-]", "", address)
    if number.startswith("0") and not number.startswith("00"):
        number = NATIONAL + number[1:]
    if not _NUMBER.fullmatch(number):
        raise BadConfigurationError("address: give a telephone number, such as +84912345678")
    return number


def text_of(configuration: Configuration, written: Written) -> str:
    """What is sent: the subject, and where the first alert is opened.

    Raises:
        RefusedError: the link, with the mark, is too long alone.
    """
    (first, *_) = written.data
    tail = "" if first["test"] else f"\n{first['link']}"
    # In one character each, where marks come on their own: or twice as much is paid, and cut apart.
    said = normalize("NFC", written.subject) if configuration.accents else plain(written.subject)
    marked = written.exercise or first["test"]
    cut = said.find("] ") + 2 if marked and said.startswith("[") else 0
    try:
        return fitting(said[:cut], said[cut:], tail, configuration.segments)
    except ValueError:
        raise RefusedError("its link, and mark, do not fit so many segments") from None


def _filled(template: Any, values: dict[str, str]) -> Any:
    """With every blank filled in, in each string of it."""
    if isinstance(template, str):
        return _BLANKS.sub(lambda found: values[found[1]], template)
    if isinstance(template, list):
        return [_filled(each, values) for each in template]
    if isinstance(template, dict):
        return {key: _filled(each, values) for key, each in template.items()}
    return template


def send(way: Way, written: Written) -> None:
    where: Configuration = way.configuration
    values = {"number": way.address, "text": text_of(where, written), "key": way.key}
    url = _BLANKS.sub(lambda found: quote(values[found[1]], safe=""), way.secrets.url)
    headers = {"Idempotency-Key": way.key}
    if way.secrets.token:
        headers[where.header] = way.secrets.token
    if where.method == "GET":
        post(way.connector, url, None, headers, "GET")
        return
    headers["Content-Type"] = "application/json; charset=utf-8"
    body = msgspec.json.encode(_filled(msgspec.json.decode(where.body), values))
    post(way.connector, url, body, headers)
