"""The command line's way to the alerts service: signed in, and every failure one clear line."""

from typing import Any

from services.commandline.output import CommandError
from streams.settings import Settings

TIMEOUT_SECONDS = 15


def token_of(settings: Settings) -> str:
    """The token that the command line signs in with."""
    if settings.token:
        return settings.token
    try:
        return settings.secret("token").read_text().strip()
    except OSError:
        raise CommandError("not signed in: run 'make up' first, or set CITYOPS_TOKEN") from None


def call(settings: Settings, method: str, path: str, body: Any = None, **query: Any) -> Any:
    """What the service answers, decoded; raises CommandError with what it says went wrong."""
    import httpx

    headers = {"Authorization": f"Bearer {token_of(settings)}"}
    try:
        answer = httpx.request(
            method,
            settings.api + path,
            json=body,
            params=query,
            headers=headers,
            timeout=TIMEOUT_SECONDS,
        )
    except httpx.HTTPError as error:
        raise CommandError(
            f"the alerts service does not answer at {settings.api}"
            f" ({type(error).__name__}); see 'cityops status'"
        ) from None
    if answer.is_success:
        return answer.json() if answer.content else None
    raise CommandError(_detail(answer))


def _detail(answer: Any) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the alerts service answered {answer.status_code} {answer.reason_phrase}"
