"""A browser in front of the alerts service, which runs as a process of its own."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from deploy.local import requirements
from streams.configuration.log import append_missing
from streams.events import SECOND, Micros, Origin, Place, Source, Zone
from streams.kafka.heartbeat import Beat
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support.fleet import Fleet
from tests.support.nursery import Nursery
from tests.support.people import PASSWORD, settle_admin
from tests.support.serving import with_free_port
from tests.support.trust import TRUST

CONSOLE = Path(__file__).parents[2] / "services" / "console"
CITYOPS = str(Path(sys.executable).with_name("cityops"))
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_MS = 60_000
"""For what should take a second on a machine that does nothing else."""
SERVICE = "alerts"
GREY = 45
"""Of 255 between the strongest and the weakest of red, green and blue, at most."""
CAMERAS = {"cam-1": ("Cầu Rào", "Rào bridge"), "cam-2": ("Lạch Tray", "Lạch Tray street")}
LOOP = "loop-1"
SOURCES = (*CAMERAS, LOOP)


def require(there: bool, what: str) -> None:
    """Skips the test on somebody's own machine, fails it in CI."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def chromium(*, notifies: bool = False) -> Iterator[Browser]:
    """``notifies``: what a service worker shows is there; only the one with windows has that."""
    program = shutil.which("chromium") if notifies else requirements.chromium()
    require(program is not None, "no chromium here")
    require((CONSOLE / "dist" / "index.html").is_file(), "the console is not built: make up")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Pulse:
    """Says that the sources speak, as the city's own heartbeat does, and a worker's last tick."""

    def __init__(self, settings: Settings) -> None:
        self.speaking: Sequence[str] = SOURCES
        self.behind: Micros | None = None
        """How far behind the clock event time is; None: no worker says."""
        self._beat, self._worker = Beat(settings, "city"), Beat(settings, "streams-1")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(0.5):
            self._beat.beat(sources=dict.fromkeys(self.speaking, wall_clock()))
            if self.behind is not None:
                self._worker.beat(sources={"detections/0": wall_clock() - self.behind})

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._beat.close()
        self._worker.close()


class Desk:
    """An operator's place: the service, and pages that look at it."""

    def __init__(self, settings: Settings, fleet: Fleet, browser: Browser) -> None:
        self.settings, self.fleet, self._browser = settings, fleet, browser

    def page(self, address: str = "/", **options: Any) -> Page:
        """A browser of its own, not signed in yet."""
        desktop = {"viewport": {"width": 1440, "height": 900}}
        context = self._browser.new_context(**{**desktop, **options})
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
        with _stopped(psutil.Process(self.fleet.processes[SERVICE].pid)):
            yield

    @contextmanager
    def broker_frozen(self) -> Iterator[None]:
        """Meanwhile Kafka holds its connections and answers nobody."""
        port = int(self.settings.bootstrap.rsplit(":", 1)[1])
        listening = [
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
            and getattr(connection.laddr, "port", 0) == port
        ]
        require(bool(listening and listening[0]), "Kafka runs on another machine")
        with _stopped(psutil.Process(listening[0])):
            yield


@contextmanager
def _stopped(process: psutil.Process) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def sign_in(page: Page) -> None:
    page.locator("input[name=name]").fill("admin")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".console")).to_be_visible()


def unshared(page: Page) -> None:
    """From the next load on it has a stream of its own, whose requests can be intercepted."""
    page.context.add_init_script("delete window.SharedWorker")


@contextmanager
def desk(
    settings: Settings, browser: Browser, logs: Path, nursery: Nursery | None = None
) -> Iterator[Desk]:
    """Two cameras are configured, the service is up."""
    settings = msgspec.structs.replace(with_free_port(settings), admin_password=PASSWORD)
    append_missing(settings, _configuration(), "test")
    with Fleet(settings, logs, nursery) as fleet:
        fleet.start(SERVICE, CITYOPS, "run", "alerts")
        wait_healthy(settings)
        settle_admin(settings)
        desk = Desk(settings, fleet, browser)
        try:
            yield desk
        finally:
            for context in browser.contexts:
                for page in context.pages:  # else what is on its way fails in the next test
                    page.unroute_all(behavior="ignoreErrors")
                context.close()


def wait_healthy(settings: Settings) -> None:
    import httpx

    from tests.support.waiting import eventually

    def healthy() -> bool:
        try:
            return httpx.get(f"{settings.api}/healthz", timeout=30, verify=TRUST).is_success
        except httpx.HTTPError:
            return False

    eventually(healthy, 60)


def violations(page: Page) -> list[str]:
    """What axe finds, in short; with the sizes of targets (WCAG 2.2), which it leaves out else."""
    axe = CONSOLE / "node_modules" / "axe-core" / "axe.min.js"
    require(axe.is_file(), "the console's checks are not installed: make check")
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.read_text())
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"
    )
    on_the_map = "it => document.querySelector(it)?.closest('.map .ol-overlay-container') != null"
    return [
        f"{violation['id']}: {node['html'][:200]} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
        # Where things stand on a map is what it is for: 2.5.8 excepts that.
        if not (violation["id"] == "target-size" and page.evaluate(on_the_map, node["target"][0]))
    ]


def clipped(page: Page) -> list[str]:
    """Where text is cut, or reaches out of the window, without an ellipsis that says so."""
    found: list[str] = page.evaluate(Path(__file__).with_name("clipped.js").read_text())
    return found


def coloured(page: Page) -> tuple[int, int]:
    """How many pixels have a saturated colour: within shapes of alarms that nobody has
    acknowledged, and elsewhere; pictures of cameras aside.
    """
    shot = page.screenshot(animations="disabled", style=".picture { visibility: hidden }")
    pixels = np.asarray(cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR), int)
    saturated = pixels.max(axis=2) - pixels.min(axis=2) > GREY
    everywhere = int(saturated.sum())
    for box in page.locator(".shape.filled, .shape.hollow").all():
        at = box.bounding_box()
        assert at is not None
        x, y = int(at["x"]), int(at["y"])
        saturated[y - 2 : y + int(at["height"]) + 3, x - 2 : x + int(at["width"]) + 3] = False
    elsewhere = int(saturated.sum())
    return everywhere - elsewhere, elsewhere


def _configuration() -> list[Any]:
    changes: list[Any] = []
    for number, (camera, (vietnamese, english)) in enumerate(CAMERAS.items()):
        place = Place(20.85 + number / 100, 106.68, f"street-{number}")
        origin: Origin = "recorded" if number else "simulated"
        changes.append(Source(camera, "camera", vietnamese, english, origin, place, period=200_000))
        corners = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))
        changes.append(Zone(f"outer-{number}", camera, "Làn ngoài", "Outer lane", corners))
    place = Place(20.85, 106.69, "street-0")
    lane = ("Cầu Rào, làn 1", "Rào bridge, lane 1")
    changes.append(Source(LOOP, "loop", *lane, "simulated", place, "gw-1", period=SECOND))
    return changes
