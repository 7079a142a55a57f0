"""The provider, as far as it has been heard of: where it is asked, and what it vouches for."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from models.files import SMALL, read_file
from services.api.provider.claims import claim, groups_in, name_of, shown_second_factor
from services.api.provider.client import SECONDS, Client
from services.api.provider.discovery import WELL_KNOWN, Metadata, metadata_of
from services.api.provider.id_token import claims_of, key_of
from services.api.provider.keys import Keys
from services.api.provider.refusal import NotByProviderError
from services.api.provider.states import State
from streams.groups import second_factors
from streams.settings import SettingError, Settings

CALLBACK = "/api/session/provider/callback"
KEPT_SECONDS = 600.0
"""For which what the provider says of itself is believed."""
LOOK_SECONDS = {True: 60.0, False: 5.0}
"""Between two looks, whether it was there the last time or not."""
FIRST_SECONDS = 1.5
"""For finding it when somebody waits who only wants to be sent there."""
SECRET = "oidc-client-secret"

log = logging.getLogger(__name__)


class Person(NamedTuple):
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    """Together they are who it is; a name or an address of mail may be another's tomorrow."""
    name: str
    groups: frozenset[str]
    second_factor: bool


class Provider:
    """Belongs to one event loop.

    Raises:
        SettingError: the client's secret, or the file with certificates, cannot be read.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._secret = _secret(settings)
        try:
            self._client = Client(settings.oidc_ca)
        except (OSError, ValueError) as error:  # of which ssl.SSLError is one
            raise SettingError(f"CITYOPS_OIDC_CA={settings.oidc_ca!r}: {error}") from None
        self._keys = Keys(self._client.get, time.monotonic)
        self._finding = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._found_at = self._looked_at = -float("inf")
        self._looking: asyncio.Task[None] | None = None
        self.up = True
        """Whether it was there when it was last looked for."""

    @property
    def name(self) -> str:
        return self._settings.oidc_name or urlsplit(self._settings.oidc_issuer).netloc

    @property
    def signs_out(self) -> bool:
        return bool(self._metadata and self._metadata.end_session_endpoint)

    def look(self) -> None:
        """Finds out soon whether it is there; nobody waits for that."""
        idle = self._looking is None or self._looking.done()
        if idle and time.monotonic() - self._looked_at > LOOK_SECONDS[self.up]:
            self._looking = asyncio.create_task(self._look())

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def address(self, state: State) -> str:
        """Where the browser is sent to sign in; raises NotByProviderError."""
        found, settings = await self._find(), self._settings
        asked = {
            "response_type": "code",
            "client_id": settings.oidc_client_id,
            "redirect_uri": self._back,
            "scope": settings.oidc_scopes,
            "state": state.value,
            "nonce": state.nonce,
            "code_challenge": create_s256_code_challenge(state.verifier),
            "code_challenge_method": "S256",
        }
        classes = [value for name, value in self._second_factors if name == "acr"]
        if classes:
            asked["acr_values"] = " ".join(classes)
        return _with(found.authorization_endpoint, asked)

    async def check_issuer(self, said: str | None) -> None:
        """Whether an answer is this provider's, as it says itself (RFC 9207).

        Raises:
            NotByProviderError
        """
        found = await self._find()
        if said is None and not found.authorization_response_iss_parameter_supported:
            return
        if said != found.issuer:
            raise NotByProviderError("wrong_issuer", "the answer is another provider's")

    async def person(self, code: str, state: State) -> Person:
        """Who has signed in there, by the code that it gave them; raises NotByProviderError."""
        found, settings = await self._find(), self._settings
        answer = await self._exchange(found, code, state.verifier)
        token, access = str(answer.get("id_token") or ""), str(answer.get("access_token") or "")
        claims: Mapping[str, Any] = claims_of(
            token,
            await self._keys.of(found.jwks_uri, key_of(token)),
            algorithms=found.algorithms,
            issuer=found.issuer,
            client_id=settings.oidc_client_id,
            nonce=state.nonce,
            access_token=access,
            now=time.time(),
        )
        subject = claims["sub"]
        factor = shown_second_factor(claims, self._second_factors)
        wanted = (settings.oidc_groups_claim, settings.oidc_name_claim)
        if found.userinfo_endpoint and any(claim(claims, each) is None for each in wanted):
            claims = {**await self._userinfo(found.userinfo_endpoint, access, subject), **claims}
        return Person(
            issuer=found.issuer,
            subject=subject,
            name=name_of(claims, settings.oidc_name_claim),
            groups=groups_in(claim(claims, settings.oidc_groups_claim)),
            second_factor=factor,
        )

    async def farewell(self) -> str | None:
        """Where the browser is sent to sign out there, too; None: nowhere.

        No token is kept for it, so the provider may ask whether it is meant.
        """
        try:
            found = await self._find()
        except NotByProviderError:
            return None
        if not found.end_session_endpoint:
            return None
        public = self._settings.public_url.rstrip("/")
        asked = {
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": f"{public}/",
        }
        return _with(found.end_session_endpoint, asked)

    @property
    def _back(self) -> str:
        """By the setting: what a request says that its host is may be anything."""
        return self._settings.public_url.rstrip("/") + CALLBACK

    @property
    def _second_factors(self) -> tuple[tuple[str, str], ...]:
        return second_factors(self._settings.oidc_second_factor)

    async def _look(self) -> None:
        with suppress(NotByProviderError):
            await self._read(SECONDS)

    async def _find(self) -> Metadata:
        if self._metadata is not None and time.monotonic() - self._found_at < KEPT_SECONDS:
            return self._metadata
        return await self._read(FIRST_SECONDS)

    async def _read(self, seconds: float) -> Metadata:
        """Those who ask at once wait for one answer."""
        waited_from = time.monotonic()
        async with self._finding:
            if self._looked_at >= waited_from:
                if self.up and self._metadata is not None:
                    return self._metadata
                raise NotByProviderError("provider_away", "the provider is away")
            issuer = self._settings.oidc_issuer
            try:
                document = await self._client.get(issuer.rstrip("/") + WELL_KNOWN, seconds=seconds)
                self._metadata = metadata_of(document, issuer)
                self._found_at = time.monotonic()
                if not self.up:
                    log.warning("the identity provider is there again")
                self.up = True
            except NotByProviderError as error:
                if self.up:
                    log.warning("the identity provider is away: %s", error)
                self.up = False
                raise
            finally:
                self._looked_at = time.monotonic()
            return self._metadata

    async def _exchange(self, found: Metadata, code: str, verifier: str) -> dict[str, Any]:
        settings = self._settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        user: tuple[str, str] | None
        if found.secret_in_form:
            form |= {"client_id": settings.oidc_client_id, "client_secret": self._secret}
            user = None
        else:  # as in a form, before it is in base64 (RFC 6749, 2.3.1)
            user = quote(settings.oidc_client_id, safe=""), quote(self._secret, safe="")
        status, body = await self._client.post(found.token_endpoint, form, user)
        answer = _object(body)
        if status != 200:
            why = str(answer.get("error", ""))[:60]
            raise NotByProviderError("code_refused", f"the provider answers {status} {why!r}")
        return answer

    async def _userinfo(self, address: str, token: str, subject: str) -> dict[str, Any]:
        said = _object(await self._client.get(address, token=token))
        if said.get("sub") != subject:
            raise NotByProviderError("wrong_token", "what is said of the user is another's")
        return said


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _object(body: bytes) -> dict[str, Any]:
    """Empty where it is none."""
    try:
        found = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return {}
    return found if isinstance(found, dict) else {}


def _secret(settings: Settings) -> str:
    given = settings.oidc_client_secret_file
    path = Path(given) if given else settings.secret(SECRET)
    try:
        secret = read_file(path, SMALL).decode().strip()
    except (OSError, ValueError) as error:
        said = f"CITYOPS_OIDC_ISSUER: the client's secret is not in {path} ({type(error).__name__})"
        raise SettingError(said) from None
    if not secret:
        raise SettingError(f"CITYOPS_OIDC_ISSUER: {path} is empty: put the client's secret there")
    return secret
