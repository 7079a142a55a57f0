"""Serves the web console, as the build has left it; plain ASGI, in front of the API's routes."""

from pathlib import Path

import msgspec
from starlette.datastructures import Headers
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

BUILT = Path(__file__).parents[1] / "console" / "dist"
"""Where ``make up`` puts the console; while there is none, ``/`` describes the API."""
ASSETS = "/assets/"
LICENCES = "/licences.txt"
"""Whose work the page carries, and under which terms: who is given it may read that."""
FIXED = {
    LICENCES: "text/plain; charset=utf-8",
    "/pushed.js": "text/javascript; charset=utf-8",
    "/cityops.webmanifest": "application/manifest+json",
    "/icon-192.png": "image/png",
    "/icon-512.png": "image/png",
}
"""What has the same address in each release: beside the licences the service worker, which shows
what is pushed, and what a telephone asks for that puts the console on its home screen."""
PAGES = "pages.json"
"""Beside the page: the first parts of the paths where it is shown; the rest is the API's."""
API = ("api", "healthz", "openapi.json")
"""First parts of paths that are the API's, whoever asks: what is not there is a problem document.
"""
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
    " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing comes from elsewhere; inline styles are how rows of a long list are placed."""
_PAGE = {"Cache-Control": "no-cache", "Content-Security-Policy": POLICY}
_ASSET = {"Cache-Control": "public, max-age=31536000, immutable"}
"""Their names carry a hash of their content."""


class Console:
    """Answers for the page and its assets, which hold no secrets; passes on everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._folder = app, BUILT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            answer = self._file(scope["path"], Headers(scope=scope))
        await (answer or self._app)(scope, receive, send)

    def _file(self, path: str, headers: Headers) -> Response | None:
        page = self._folder / "index.html"
        shows = "text/html" in headers.get("accept", "") and page.is_file()
        if shows and self._is_page(path):
            return FileResponse(page, headers=_PAGE)
        found = self._beside(path, headers)
        if found is None and shows and _first(path) not in API:
            # The page says in words that there is no such one.
            return HTMLResponse(page.read_bytes(), 404, _PAGE)
        return found

    def _beside(self, path: str, headers: Headers) -> FileResponse | None:
        """What is no page."""
        if path in FIXED and (self._folder / path[1:]).is_file():
            return FileResponse(self._folder / path[1:], headers=_PAGE, media_type=FIXED[path])
        name = path.removeprefix(ASSETS)
        if path == name or "/" in name or name.startswith("."):
            return None
        asset = self._folder / "assets" / name
        if not _is_file(asset):
            return None
        squeezed = asset.with_name(f"{name}.gz")
        if "gzip" not in headers.get("accept-encoding", "") or not squeezed.is_file():
            return FileResponse(asset, headers=_ASSET)
        found = FileResponse(squeezed, headers={**_ASSET, "Content-Encoding": "gzip"})
        found.headers["Content-Type"] = FileResponse(asset).headers["Content-Type"]
        return found

    def _is_page(self, path: str) -> bool:
        """Whether the console shows something there: ``/``, and what begins with a page's name."""
        return path == "/" or _first(path) in self._pages()

    def _pages(self) -> list[str]:
        listed = self._folder / PAGES
        return msgspec.json.decode(listed.read_bytes(), type=list[str]) if listed.is_file() else []


def _first(path: str) -> str:
    return path.split("/")[1] if path.startswith("/") else ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False  # a longer name than a file can have
