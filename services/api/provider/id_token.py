"""Whether an ID token is the provider's, for us, of now, and of this very sign-in."""

import binascii
import json
from collections.abc import Sequence
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64decode

from services.api.provider.refusal import NotByProviderError

LEEWAY_SECONDS = 60
"""By which the provider's clock may differ from ours."""
OLDEST_SECONDS = 600
"""A token is made when its code is exchanged: an older one was made for something else."""
LONGEST = 2**17
LONGEST_SUBJECT = 255
"""Characters, all of them ASCII (OpenID Connect Core 1.0, 2)."""


def claims_of(
    token: str,
    keys: KeySet,
    *,
    algorithms: Sequence[str],
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now: float,
) -> dict[str, Any]:
    """What the token says.

    Args:
        algorithms: those that it may be signed by, whatever it says itself.
        now: seconds since 1970.

    Raises:
        NotByProviderError: it must not be believed; why is in the message.
    """
    try:
        found = jwt.decode(token, keys, algorithms=list(algorithms))
        options = {
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
            "sub": {"essential": True},
        }
        known = {"nonce": nonce, "client_id": client_id, "access_token": access_token}
        claims = CodeIDToken(found.claims, found.header, options, known)
        claims.validate(now=int(now), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        said = str(error).splitlines() or [""]
        raise _wrong(f"{type(error).__name__}: {said[0][:200]}") from None
    # Beyond what the library asks.
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if len(audience) > 1 and claims.get("azp") != client_id:
        raise _wrong("it is for several, and not given to us")
    if claims["iat"] < now - OLDEST_SECONDS:
        raise _wrong("it was issued too long ago")
    subject = claims["sub"]
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise _wrong("sub: it is none")
    return dict(claims)


def key_of(token: str) -> str | None:
    """What the token says that its key is called; None: nothing.

    Raises:
        NotByProviderError: it is no token.
    """
    try:
        if len(token) > LONGEST:
            raise ValueError
        header = json.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
        named = header.get("kid")
    except (ValueError, AttributeError, binascii.Error, RecursionError):
        raise _wrong("it cannot be read") from None
    return named if isinstance(named, str) else None


def _wrong(why: str) -> NotByProviderError:
    return NotByProviderError("wrong_token", f"the provider's ID token: {why}")
