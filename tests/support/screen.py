"""A browser in front of the alerts service, which runs as a process of its own."""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from streams.control_log import append_missing
from streams.events import Place, Source, Zone
from streams.heartbeat import Beat
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support.fleet import Fleet
from tests.support.serving import with_free_port

CONSOLE = Path(__file__).parents[2] / "services" / "console"
CITYOPS = str(Path(sys.executable).with_name("cityops"))
PASSWORD = "correct horse"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_MS = 30_000
"""For what should take a second on a machine that does nothing else."""
SERVICE = "alerts"
CAMERAS = {"cam-1": ("Cầu Rào", "Rào bridge"), "cam-2": ("Lạch Tray", "Lạch Tray street")}


def require(there: bool, what: str) -> None:
    """Skips the test on somebody's own machine, fails it in CI."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def chromium() -> Iterator[Browser]:
    program = shutil.which("chromium")
    require(program is not None, "no chromium here")
    require((CONSOLE / "dist" / "index.html").is_file(), "the console is not built: make up")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Pulse:
    """Says every half second that the cameras speak, as the city's own heartbeat does."""

    def __init__(self, settings: Settings) -> None:
        self.speaking: Sequence[str] = tuple(CAMERAS)
        self._beat = Beat(settings, "city")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.5):
            self._beat.beat(sources=dict.fromkeys(self.speaking, wall_clock()))

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._beat.close()


class Desk:
    """An operator's place: the service, and pages that look at it."""

    def __init__(self, settings: Settings, fleet: Fleet, browser: Browser) -> None:
        self.settings, self.fleet, self._browser = settings, fleet, browser

    def page(self, address: str = "/", **options: Any) -> Page:
        """A browser of its own, not signed in yet."""
        context = self._browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(self.settings.api + address)
        return page

    def signed_in(self, address: str = "/", **options: Any) -> Page:
        page = self.page(address, **options)
        sign_in(page)
        return page

    def kill(self) -> None:
        """SIGKILL; it stays away until ``restart``."""
        self.fleet.processes[SERVICE].kill()
        self.fleet.processes[SERVICE].wait()

    def restart(self) -> None:
        self.fleet.tend()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile the service holds its connections and answers nobody."""
        process = self.fleet.processes[SERVICE]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)


def sign_in(page: Page) -> None:
    page.locator("input[name=name]").fill("admin")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".console")).to_be_visible()


@contextmanager
def desk(settings: Settings, browser: Browser, logs: Path) -> Iterator[Desk]:
    """Two cameras are configured, the service is up."""
    settings = msgspec.structs.replace(with_free_port(settings), admin_password=PASSWORD)
    append_missing(settings, _configuration(), "test")
    with Fleet(settings, logs) as fleet:
        fleet.start(SERVICE, CITYOPS, "run", "alerts")
        wait_healthy(settings)
        desk = Desk(settings, fleet, browser)
        try:
            yield desk
        finally:
            for context in browser.contexts:
                context.close()


def wait_healthy(settings: Settings) -> None:
    import httpx

    from tests.support.waiting import eventually

    def healthy() -> bool:
        try:
            return httpx.get(f"{settings.api}/healthz").is_success
        except httpx.HTTPError:
            return False

    eventually(healthy, 60)


def _configuration() -> list[Any]:
    changes: list[Any] = []
    for number, (camera, (vietnamese, english)) in enumerate(CAMERAS.items()):
        place = Place(20.85 + number / 100, 106.68, f"street-{number}")
        changes.append(
            Source(camera, "camera", vietnamese, english, "simulated", place, period=200_000)
        )
        corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
        changes.append(Zone(f"outer-{number}", camera, "Làn ngoài", "Outer lane", corners))
    return changes
