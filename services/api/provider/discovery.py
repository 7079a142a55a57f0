"""What a provider says of itself (OpenID Connect Discovery 1.0), and whether that can be used."""

from urllib.parse import urlsplit

import msgspec

from services.api.provider.refusal import NotByProviderError
from streams.settings import OWN_HOSTS

WELL_KNOWN = "/.well-known/openid-configuration"
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
"""By which a token may be signed. All have a key that only the provider has: ``none`` has no key,
and of HS256 and its like everybody who knows the client's secret, or a public key that is taken for
one, could sign."""


class Metadata(msgspec.Struct, frozen=True):
    """Names as in the document; what is not used here is passed over."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool = False

    @property
    def algorithms(self) -> list[str]:
        return [each for each in ALGORITHMS if each in self.id_token_signing_alg_values_supported]

    @property
    def secret_in_form(self) -> bool:
        """Whether the client's secret stands in the form, as not every provider takes a header."""
        return "client_secret_basic" not in self.token_endpoint_auth_methods_supported


def metadata_of(document: bytes, issuer: str) -> Metadata:
    """Reads the document of the provider that calls itself ``issuer``.

    Raises:
        NotByProviderError: it is none, of another one, or leads over lines that others can read.
    """
    try:
        found = msgspec.json.decode(document, type=Metadata)
    except msgspec.MsgspecError as error:
        raise _useless(f"it cannot be read: {error}") from None
    if found.issuer != issuer:
        raise _useless(f"it is of {found.issuer[:200]!r}, not of {issuer!r}")
    for name in (
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "end_session_endpoint",
    ):
        address = getattr(found, name)
        if address is not None and not _is_safe(address):
            raise _useless(f"{name} {address[:200]!r} is no address that begins with https://")
    if not found.algorithms:
        raise _useless("it signs with nothing that is taken here")
    methods = found.code_challenge_methods_supported
    if methods is not None and "S256" not in methods:
        raise _useless("it knows no S256 (PKCE)")
    return found


def _is_safe(address: str) -> bool:
    if not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.fragment or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in OWN_HOSTS)


def _useless(why: str) -> NotByProviderError:
    return NotByProviderError("provider_away", f"the provider's discovery document: {why}")
