"""More consoles in one browser than it has connections to a server: all live, none in the way."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from streams.events import MINUTE, SECOND
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support import screen
from tests.support.alerting import Kafka, incident
from tests.support.nursery import Nursery
from tests.support.screen import Desk, sign_in, unshared
from tests.support.waiting import eventually

CONNECTIONS = 6
"""Of a browser to one server, by HTTP/1.1."""
ANSWERED = """async () => {
    const signal = AbortSignal.timeout(8000);
    try { return (await fetch("/api/alerts?limit=1", { signal })).ok } catch { return false }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screen.chromium() as browser:
        yield browser


@pytest.fixture
def desk(settings: Settings, browser: Browser, tmp_path: Path, nursery: Nursery) -> Iterator[Desk]:
    with screen.desk(settings, browser, tmp_path, nursery) as desk:
        yield desk


@pytest.fixture
def kafka(settings: Settings) -> Iterator[Kafka]:
    kafka = Kafka(settings)
    yield kafka
    kafka.close()


def stopped(kafka: Kafka, number: int) -> None:
    start = wall_clock() - MINUTE + number * SECOND
    kafka.correlated(incident(start=start, source="cam-1", zone=f"lane-{number}"))


def opened(beside: Page) -> Page:
    """One more tab of the same browser, which is signed in."""
    page = beside.context.new_page()
    page.goto(beside.url, wait_until="commit")
    return page


def end_worker(browser: Browser) -> None:
    """As a crash does."""
    session = browser.new_browser_cdp_session()
    targets = session.send("Target.getTargets")["targetInfos"]
    (worker,) = (each["targetId"] for each in targets if each["type"] == "shared_worker")
    session.send("Target.closeTarget", {"targetId": worker})


def show(pages: Sequence[Page], number: int) -> None:
    for page in pages:
        expect(page.locator(".row")).to_have_count(number)


def test_an_eighth_opens_the_first_can_act_and_none_depends_on_another(
    desk: Desk, kafka: Kafka, browser: Browser
) -> None:
    first = desk.signed_in()
    asked: list[str] = []
    first.context.on("request", lambda request: asked.append(request.url))
    pages = [opened(first) for _ in range(CONNECTIONS + 1)]
    stopped(kafka, 1)
    show([first, *pages], 1)
    assert first.evaluate(ANSWERED)
    first.bring_to_front()
    first.keyboard.press("j")
    first.keyboard.press("a")
    for page in (first, *pages):
        expect(page).to_have_title("CityOps · Trung tâm điều hành đô thị")
        expect(page.locator(".vitals")).to_contain_text("0/2 camera")
    polled = [url for url in asked if url.endswith(("/api/status", "/api/sources"))]
    assert asked
    assert not polled, "one asks for all of them"

    first.close()
    stopped(kafka, 2)
    show(pages, 2)

    end_worker(browser)
    stopped(kafka, 3)
    show(pages, 3)

    pages = [*pages[1:], opened(pages[1])]
    stopped(kafka, 4)
    show(pages, 4)
    desk.kill()
    expect(pages[0].locator(".statement")).to_contain_text("Mất kết nối với máy chủ")
    stopped(kafka, 5)
    desk.restart()
    show(pages, 5)


@pytest.mark.slow
def test_control_with_a_stream_for_each_tab_the_first_cannot_act(desk: Desk) -> None:
    first = desk.page()
    unshared(first)
    first.reload()
    sign_in(first)
    assert first.evaluate(ANSWERED)
    for _ in range(CONNECTIONS - 1):
        expect(opened(first).locator(".console")).to_be_visible()
    # The last one's stream may be a moment behind what it shows.
    eventually(lambda: not first.evaluate(ANSWERED), 30)
