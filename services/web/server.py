"""The HTTP server: the one place where the app meets the network.

In the clear connections are those of ``services.web.connections``; where a certificate is given
they come through the door of ``services.web.secure``, which speaks HTTP/2 too (docs/tls.md).
"""

import asyncio
import contextlib
import resource
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from services.web.connections import (
    HEAD_BYTES,
    KEEP_ALIVE_SECONDS,
    MOST,
    bounded,
    proxies_of,
)
from streams.settings import Settings

GRACE_SECONDS = 3
"""For requests that are being answered when the service is told to stop."""
FILES = 4 * MOST
"""Open at a time: a connection is one."""


def server_of(
    app: ASGIApp, settings: Settings, ending: Callable[[], None] = lambda: None
) -> "Server":
    """What serves the app as the settings say.

    Args:
        ending: called when it is told to stop; ends what would go on otherwise.

    Raises:
        OSError, ssl.SSLError: certificate or key cannot be used.
    """
    _open_files()
    proxies = proxies_of(settings.trusted_proxies)
    if not settings.tls_certificate:
        return Server(_config(app, settings, bounded(proxies)), ending)
    from services.web.secure import Certificate, Loop, door

    certificate = Certificate(Path(settings.tls_certificate), Path(settings.tls_key))
    secure = {
        "ssl_context_factory": lambda *_: certificate.context,
        "loop": f"{Loop.__module__}:{Loop.__name__}",
    }
    return Server(_config(app, settings, door(proxies), **secure), ending, certificate.follow)


def _config(
    app: ASGIApp, settings: Settings, http: type[asyncio.Protocol], **more: Any
) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=http,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the app itself asks who is trusted
        server_header=False,
        h11_max_incomplete_event_size=HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **more,
    )


class Server(uvicorn.Server):
    """Ends the live streams when it is told to stop: they would be waited for otherwise."""

    def __init__(
        self,
        config: uvicorn.Config,
        ending: Callable[[], None],
        beside: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        """``beside``: what runs as long as it serves."""
        super().__init__(config)
        self._ending, self._beside = ending, beside

    async def main_loop(self) -> None:
        beside = asyncio.create_task(self._beside()) if self._beside else None
        await super().main_loop()
        if beside is not None:
            beside.cancel()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._ending()

    def end(self) -> None:
        """As SIGTERM does; from any thread."""
        self.should_exit = True
        self._ending()


def _open_files() -> None:
    """As many as connections may need, where the machine allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
