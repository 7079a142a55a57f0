"""An identity provider that says whatever a test has it say: what a real one never would."""

import hmac
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64encode

from tests.support.certificates import secure
from tests.support.threaded import serve

CLIENT = "cityops"
SECRET = "a secret of the client's, thirty-two bytes"

Claims = dict[str, Any]
Sign = Callable[[Claims, RSAKey], str]


def signed(claims: Claims, key: RSAKey) -> str:
    """As a provider signs; its JSON may say what no UTF-8 does."""
    header, payload = {"alg": "RS256", "kid": key.kid}, json.dumps(claims).encode()
    return jws.serialize_compact(header, payload, key, algorithms=["RS256"])


def unsigned(claims: Claims, key: RSAKey) -> str:
    return _part({"alg": "none", "kid": key.kid}) + "." + _part(claims) + "."


def by_public_key(claims: Claims, key: RSAKey) -> str:
    """HS256 with the public key, which everybody has, taken for a shared secret."""
    return _by_shared(claims, key, key.as_pem(private=False))


def by_clients_secret(claims: Claims, key: RSAKey) -> str:
    return _by_shared(claims, key, SECRET.encode())


def by_another_key(claims: Claims, key: RSAKey) -> str:
    """Under the name of the provider's."""
    other = RSAKey.generate_key(2048, {"kid": str(key.kid)})
    return signed(claims, other)


def altered(claims: Claims, key: RSAKey) -> str:
    head, _, signature = signed({**claims, "groups": []}, key).split(".")
    return f"{head}.{signed(claims, key).split('.')[1]}.{signature}"


def _by_shared(claims: Claims, key: RSAKey, secret: bytes) -> str:
    text = _part({"alg": "HS256", "kid": key.kid}) + "." + _part(claims)
    signature = hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{urlsafe_b64encode(signature).decode()}"


def _part(content: Claims) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode()


class Hostile:
    """Well-behaved until a test changes something."""

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.key = RSAKey.generate_key(2048, {"kid": "key-1"}, auto_kid=False)
        self.behave()

    def behave(self) -> None:
        now = int(time.time())
        self.sign: Sign = signed
        self.claims: Claims = {
            "iss": self.issuer,
            "sub": "user-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": "",
            "preferred_username": "linh",
            "groups": ["desk"],
        }
        self.document: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        """By path, in place of what is answered there otherwise."""
        self.forms: list[str] = []
        """What the token endpoint was sent."""

    def says(self, path: str) -> Any:
        if path == "/.well-known/openid-configuration":
            return self.document
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False, use="sig", alg="RS256")]}
        return {
            "access_token": "an access token",
            "token_type": "Bearer",
            "id_token": self.sign(self.claims, self.key),
        }


@contextmanager
def hostile(context: ssl.SSLContext | None = None) -> Iterator[Hostile]:
    """Args:
    context: by which it speaks TLS; None: it is in the clear.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            instead = found.answers.get(self.path)
            if instead is not None:
                instead(self)
                return
            body = json.dumps(found.says(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            found.forms.append(self.rfile.read(length).decode())
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        secure(server, context)
    scheme = "https" if context else "http"
    found = Hostile(f"{scheme}://127.0.0.1:{server.server_address[1]}")
    serve(server)
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
