"""Asks the provider: bounded in time and size, led nowhere else, and sure of whom it asks.

Nothing else here opens a connection. What it answers is a stranger's.
"""

import asyncio
import ssl
from collections.abc import Mapping

import httpx

from services.api.provider.refusal import NotByProviderError

SECONDS = 4.0
"""For a request and all of its answer, from looking its name up on."""
MAX_BYTES = 2**18
"""A discovery document has 3 KiB, a set of keys 10, a token with a hundred groups 20."""
AT_A_TIME = 16
"""Requests that wait for the provider; more are refused, as whoever floods signing in would have us
flood the provider."""
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "cityops",
}
"""Nothing is unpacked here: 32 KiB in zstd can be a gigabyte, all of it at once."""


class Client:
    """Belongs to one event loop.

    Args:
        authorities: file (PEM) with the certificates that the provider's must come from; empty:
            those that this machine trusts.

    Raises:
        OSError, ssl.SSLError: the file cannot be used.
    """

    def __init__(self, authorities: str) -> None:
        self._context = ssl.create_default_context(cafile=authorities or None)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._asking = 0

    async def get(self, address: str, *, token: str = "", seconds: float = SECONDS) -> bytes:
        """What is there; raises NotByProviderError where anything but 200 is answered."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        status, body = await self._ask("GET", address, headers, seconds)
        if status != 200:
            raise NotByProviderError("provider_away", f"{_place(address)} answers {status}")
        return body

    async def post(
        self, address: str, fields: Mapping[str, str], user: tuple[str, str] | None
    ) -> tuple[int, bytes]:
        """Status and answer to a form.

        Args:
            user: name and password, where they do not stand in the form.
        """
        return await self._ask("POST", address, {}, SECONDS, data=fields, auth=user)

    async def _ask(
        self,
        method: str,
        address: str,
        headers: Mapping[str, str],
        seconds: float,
        *,
        data: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> tuple[int, bytes]:
        if self._asking >= AT_A_TIME:
            raise NotByProviderError("provider_busy", "too many wait for the provider")
        self._asking += 1
        try:
            async with (
                asyncio.timeout(seconds),
                httpx.AsyncClient(
                    verify=self._context, follow_redirects=False, timeout=seconds
                ) as client,
                client.stream(
                    method, address, headers={**HEADERS, **headers}, data=data, auth=auth
                ) as answer,
            ):
                packed = answer.headers.get("Content-Encoding", "identity").strip().lower()
                if packed != "identity":
                    said = f"{_place(address)} answers in {packed[:40]!r}, unasked"
                    raise NotByProviderError("provider_away", said)
                body = bytearray()
                async for piece in answer.aiter_raw(2**14):
                    body += piece
                    if len(body) > MAX_BYTES:
                        said = f"{_place(address)} answers more than {MAX_BYTES} bytes"
                        raise NotByProviderError("provider_away", said)
                return answer.status_code, bytes(body)
        except TimeoutError:
            said = f"{_place(address)} does not answer within {seconds:g} s"
            raise NotByProviderError("provider_away", said) from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            said = f"{_place(address)}: {type(error).__name__}: {_first(error)}"
            raise NotByProviderError("provider_away", said) from None
        finally:
            self._asking -= 1


def _place(address: str) -> str:
    """Without what may be secret in it."""
    return address.partition("?")[0][:200]


def _first(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]
