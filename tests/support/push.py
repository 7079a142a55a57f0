"""A push service of ours, over TLS, and browsers that have subscribed there: nobody's real one.

What comes is judged as RFC 8030 and RFC 8292 ask a push service to, and decrypted by the browser's
own key, as RFC 8188 and RFC 8291 have it, by none of the product's code.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.notifier.channel import Device
from tests.support.certificates import Authority, secure
from tests.support.threaded import serve

PERSON = "lan"


class Pushed(NamedTuple):
    """What a browser has."""

    path: str
    headers: dict[str, str]
    notice: dict[str, Any]


class Browser:
    """Whoever has subscribed."""

    def __init__(self, service: "PushService", name: str) -> None:
        self._service, self.name = service, name
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)
        self.path = f"/push/{name}-{os.urandom(12).hex()}"

    @property
    def subscription(self) -> dict[str, str]:
        return {
            "endpoint": f"https://127.0.0.1:{self._service.port}{self.path}",
            "p256dh": text(_point(self._key.public_key())),
            "auth": text(self._secret),
        }

    @property
    def id(self) -> str:
        return hashlib.sha256(self.subscription["endpoint"].encode()).hexdigest()[:32]

    @property
    def address(self) -> str:
        """As the database has it, before it is sealed."""
        return json.dumps(self.subscription)

    def read(self, body: bytes) -> dict[str, Any]:
        assert len(body) <= 4096, "more than push services take"
        salt, (size, length) = body[:16], struct.unpack("!IB", body[16:21])
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._key.exchange(ec.ECDH(), theirs)
        own = _point(self._key.public_key())
        key = _expand(_mac(self._secret, shared), b"WebPush: info\0" + own + sender, 32)
        first = _mac(salt, key)
        content = _expand(first, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _expand(first, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(content).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain.endswith(b"\2"), "it is not the last record"
        found: dict[str, Any] = json.loads(plain[:-1])
        return found


class PushService:
    """``pushed``: what has come, of each browser, in order."""

    def __init__(self) -> None:
        self.port, self.public = 0, ""
        """The key that browsers were told; empty: any is."""
        self.browsers: dict[str, Browser] = {}
        self.pushed: list[Pushed] = []
        self.statuses: dict[str, list[int]] = {}
        """By a browser's name: what is answered next; then 201."""
        self.retry_after: dict[int, str] = {}
        """By a status: what is asked for with it."""
        self.tried = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def configuration(self) -> dict[str, Any]:
        return {"contact": "mailto:ops@example.vn", "services": self.host}

    def browser(self, name: str = "phone") -> Browser:
        made = Browser(self, name)
        self.browsers[made.path] = made
        return made

    def titles(self, browser: Browser) -> list[str]:
        return [one.notice["title"] for one in self.pushed if one.path == browser.path]

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        self.tried += 1
        browser = self.browsers.get(path)
        if browser is None:
            return 404
        if self.statuses.get(browser.name):
            return self.statuses[browser.name].pop(0)
        if not self._known(headers.get("Authorization", "")):
            return 403
        assert headers["Content-Encoding"] == "aes128gcm"
        assert int(headers["TTL"]) > 0
        assert headers["Urgency"] in ("high", "normal")
        assert re.fullmatch("[A-Za-z0-9_-]{1,32}", headers["Topic"])
        self.pushed.append(Pushed(path, headers, browser.read(body)))
        return 201

    def _known(self, authorization: str) -> bool:
        """By RFC 8292: who sends is who the browser has let, for this service, and now."""
        found = re.fullmatch(r"vapid t=([^,]+), k=([\w-]+)", authorization)
        if not found or (self.public and found[2] != self.public):
            return False
        said, _, signature = found[1].rpartition(".")
        raw = raw_of(signature)
        pair = (int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw_of(found[2]))
        try:
            key.verify(encode_dss_signature(*pair), said.encode(), ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        head, claims = (json.loads(raw_of(part)) for part in said.split("."))
        return (
            head["alg"] == "ES256"
            and claims["aud"] == f"https://{self.host}"
            and time.time() < claims["exp"] <= time.time() + 86_400
            and claims["sub"].startswith(("mailto:", "https:"))
        )


class Turned:
    """Devices of one person without a database."""

    def __init__(self, *browsers: Browser, person: str = PERSON) -> None:
        self.person = person
        self.there = {each.id: Device(each.id, each.address, "", "") for each in browsers}
        self.said: dict[str, str] = {}

    def of(self, person: str) -> list[Device]:
        return list(self.there.values()) if person == self.person else []

    def took(self, id: str, key: str) -> None:
        self.there[id] = self.there[id]._replace(taken=key, failed="")

    def failed(self, id: str, key: str, why: str) -> None:
        self.there[id], self.said[id] = self.there[id]._replace(failed=key), why

    def ended(self, id: str, why: str) -> None:
        del self.there[id]
        self.said[id] = why


@contextmanager
def push_service() -> Iterator[PushService]:
    """Until its end this process trusts its certificate."""
    there = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = there.take(self.path, dict(self.headers.items()), body)
            self.send_response(status)
            if asked := there.retry_after.get(status):
                self.send_header("Retry-After", asked)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Whoever does not trust it hangs up."""

    with TemporaryDirectory() as folder, Server(("127.0.0.1", 0), Handler) as server:
        authority = Authority(Path(folder))
        secure(server, authority.sign("127.0.0.1"))
        there.port = server.server_port
        serve(server)
        name = ssl.get_default_verify_paths().openssl_cafile_env
        before = os.environ.get(name)
        os.environ[name] = str(authority.file)
        try:
            yield there
        finally:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before
            server.shutdown()


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, "sha256")


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return _mac(key, info + b"\x01")[:length]
