"""A night shift in a real browser: a flood, a runbook, a hand-over and the load of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from streams.events import MINUTE, SECOND
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support import screen
from tests.support.alerting import Kafka, incident
from tests.support.screen import Desk, violations

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screen.chromium() as browser:
        yield browser


@pytest.fixture
def desk(settings: Settings, browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    with screen.desk(settings, browser, tmp_path) as desk:
        yield desk


@pytest.fixture
def kafka(settings: Settings) -> Iterator[Kafka]:
    kafka = Kafka(settings)
    yield kafka
    kafka.close()


def test_a_night_shift_sees_the_flood_ticks_the_runbook_and_hands_over(
    desk: Desk, kafka: Kafka, tmp_path: Path
) -> None:
    start = wall_clock() - 2 * MINUTE
    for n in range(14):
        at = start + n * SECOND
        kafka.correlated(incident(start=at, zone=f"lane-{n}", severity="medium"))
    page = desk.signed_in("/?lang=en")
    expect(page.locator(".flood")).to_contain_text("Flood of alerts: 14")
    page.screenshot(path=tmp_path / "flood.png")
    page.locator(".flood").get_by_role("button").click()
    expect(page.locator(".head [data-priority]")).to_contain_text("Priority")
    book = page.locator(".runbook")
    book.locator("summary").click()
    expect(book).to_contain_text("0 of 4 done")
    book.get_by_text("Look at the evidence").click()
    expect(book).to_contain_text("1 of 4 done")
    expect(book.locator("li").first).to_contain_text("admin")
    expect(page.locator(".timeline li").first).to_contain_text("step 1 done")
    page.screenshot(path=tmp_path / "runbook.png")
    assert not violations(page)

    page.get_by_role("button", name="Pages").click()
    page.get_by_role("menuitemradio", name="Shift").click()
    page.get_by_role("button", name="I am on shift").click()
    page.get_by_label("Note for the next shift").fill("The pump is on its spare")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".shift li")).to_contain_text("The pump is on its spare")
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("[data-offered]")).to_contain_text("admin hands over")
    assert not violations(page)
    page.screenshot(path=tmp_path / "shift.png")

    page.get_by_role("button", name="Pages").click()
    page.get_by_role("menuitemradio", name="Load").click()
    figures = page.locator("[data-alarms]")
    expect(figures).to_have_attribute("data-alarms", re.compile("^14$"))
    assert not violations(page)
    page.screenshot(path=tmp_path / "load.png")
