"""What supervisors edit and decide in a real browser: the table of priorities, public warnings."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from services.api.users import add_user
from streams.database import connect
from streams.events import MINUTE
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support import screen
from tests.support.alerting import Kafka, incident
from tests.support.people import PASSWORD
from tests.support.screen import Desk, violations
from tests.support.trust import TRUST

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screen.chromium() as browser:
        yield browser


@pytest.fixture
def desk(settings: Settings, browser: Browser, tmp_path: Path) -> Iterator[Desk]:
    with screen.desk(settings, browser, tmp_path) as desk:
        yield desk


def machine(desk: Desk) -> httpx.Client:
    token = desk.settings.secret("token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=desk.settings.api, headers=headers, verify=TRUST, timeout=30)


def by_the_system(page: Page) -> None:
    """From now on it is as dark or light as the system says."""
    page.evaluate("""localStorage.setItem("cityops-settings", '{"theme": "system"}')""")
    page.reload()


def looks_well(page: Page, folder: Path, name: str) -> None:
    """In the sizes and colours that there are."""
    for width, height, scheme in ((1440, 900, "dark"), (390, 844, "light"), (844, 390, "dark")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert not violations(page)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_table_of_priorities_is_edited_and_nobody_overwrites_anothers(
    desk: Desk, tmp_path: Path
) -> None:
    page = desk.signed_in("/priority?lang=en")
    by_the_system(page)
    rows = page.locator(".prio > li")
    expect(rows).to_have_count(9)
    assert rows.first.inner_text().lower().count("critical") == 1, "what it is called is what fits"
    page.get_by_role("button", name="Move up: high").click()
    expect(rows.nth(1)).to_contain_text("high")
    page.get_by_role("button", name="Add a row").click()
    expect(rows).to_have_count(10)
    added = rows.nth(8)
    added.locator("summary").first.click()
    added.get_by_label("Name of the row").fill("ferries at night")
    added.locator("select").first.select_option("2")
    added.get_by_label("From").select_option("22")
    added.get_by_label("Until before").select_option("5")
    expect(added).to_contain_text("22:00 to 5:00")
    save = page.get_by_role("button", name="Save as version 1")
    expect(save).to_be_disabled()
    page.get_by_label("Why it changes").fill("Ferries first")
    looks_well(page, tmp_path, "priority")
    save.click()
    expect(page.locator(".saving .outcome")).to_contain_text("Version 1 is saved")

    page.get_by_role("button", name="Move down: critical").click()
    with machine(desk) as other:
        table = other.get("/api/priority").json()
        body = {"rows": table["rows"][1:], "reason": "One less", "expected_version": 1}
        body["rows"].insert(0, table["rows"][0])
        other.put("/api/priority", json=body).raise_for_status()
        page.get_by_label("Why it changes").fill("Mine")
        page.get_by_role("button", name="Save as version 2").click()
        overtaken = page.locator(".saving .told")
        expect(overtaken).to_contain_text("machine has written version 2 meanwhile")
        assert not violations(page)
        overtaken.get_by_role("button", name="Go on with mine").click()
        page.get_by_role("button", name="Save as version 3").click()
        expect(page.locator(".saving .outcome")).to_contain_text("Version 3 is saved")
        assert other.get("/api/priority").json()["reason"] == "Mine"


def test_two_persons_warn_the_public_and_see_what_was_sent(
    desk: Desk, settings: Settings, tmp_path: Path
) -> None:
    kafka = Kafka(settings)
    start = wall_clock() - MINUTE
    kafka.correlated(incident(start=start, origin="live", severity="critical"))
    kafka.close()
    with connect(desk.settings, "test", autocommit=True) as database:
        assert add_user(database, "an", "supervisor", PASSWORD)
    with machine(desk) as setting:
        channel = {"type": "cap", "secrets": {"url": "https://warn.example.vn/cap"}, "public": True}
        setting.put("/api/channels/sirens", json=channel).raise_for_status()
    page = desk.signed_in("/?lang=en")
    by_the_system(page)
    page.locator(".row").first.click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Warn the public").click()
    expect(page.locator("form select").first).not_to_have_value("")
    page.get_by_label("Why, for who is").fill("The quay is on fire.")
    page.get_by_role("button", name="Propose").click()
    proposal = page.locator("section[data-warning]")
    expect(proposal).to_contain_text("Somebody else has to confirm")
    looks_well(page, tmp_path, "warnings")

    other = desk.page("/warnings?lang=en")
    other.locator("input[name=name]").fill("an")
    other.locator("input[name=password]").fill(PASSWORD)
    other.keyboard.press("Enter")
    theirs = other.locator("section[data-warning]")
    expect(theirs).to_contain_text("The quay is on fire.")
    theirs.get_by_role("button", name="Confirm").click()
    theirs.get_by_role("button", name="Tell the public by sirens now").click()
    decided = other.locator("tr[data-warning]")
    expect(decided).to_contain_text("admin → an")
    expect(decided).to_contain_text("By sirens: waiting")
    assert not violations(other)
    other.screenshot(path=tmp_path / "decided.png")
