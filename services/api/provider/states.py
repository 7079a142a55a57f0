"""One sign-in under way, in a cookie of the browser that began it, which only we can read."""

import hmac
import secrets
import time

import msgspec

from services.api.provider.refusal import NotByProviderError
from streams.sealing import Seal, SealError
from streams.settings import Settings

SECONDS = 600
"""For typing a password, and finding the telephone for a second factor."""
_KEY = "oidc-states"


class State(msgspec.Struct, frozen=True, kw_only=True):
    value: str
    """What the provider gives back in the address."""
    nonce: str
    """What stands in its token."""
    verifier: str
    """Shows the provider that whoever has the code has begun the sign-in (PKCE, RFC 7636)."""
    back: str
    """Where in the console somebody is to go on."""
    until: float
    """Seconds since 1970."""


def begun(back: str) -> State:
    """A new one; nobody guesses any of it."""
    return State(
        value=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        back=back,
        until=time.time() + SECONDS,
    )


def sealed(state: State, settings: Settings) -> str:
    """As the cookie has it."""
    return Seal(settings, _KEY).close(msgspec.json.encode(state).decode()).decode()


def opened(cookie: str, given: str, settings: Settings) -> State:
    """The sign-in that this browser has begun.

    Args:
        given: the state that stands in the address.

    Raises:
        NotByProviderError: it is not this browser's, or too old.
    """
    try:
        found = msgspec.json.decode(Seal(settings, _KEY).open(cookie.encode()), type=State)
    except (SealError, msgspec.MsgspecError, UnicodeEncodeError):
        raise NotByProviderError("wrong_state", "no sign-in was begun in this browser") from None
    if not hmac.compare_digest(found.value.encode(), given.encode()):
        said = "the sign-in was begun elsewhere, or another one was begun after it"
        raise NotByProviderError("wrong_state", said)
    if time.time() > found.until:
        raise NotByProviderError("state_expired", f"it took longer than {SECONDS} s")
    return found
