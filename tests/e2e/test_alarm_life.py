"""What is put aside in a real browser: it is counted, says why, and comes back."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from streams.events import MINUTE, SECOND
from streams.settings import Settings
from streams.stamps import wall_clock
from tests.support import screen
from tests.support.alerting import Kafka, incident
from tests.support.nursery import Nursery
from tests.support.screen import Desk, violations
from tests.support.waiting import eventually


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


def stopped(kafka: Kafka, number: int, camera: str = "cam-1", **changes: Any) -> None:
    start = wall_clock() - MINUTE + number * SECOND
    zone = f"lane-{number}"
    kafka.correlated(incident(**{"start": start, "source": camera, "zone": zone, **changes}))


def row(page: Page, camera: str) -> Any:
    return page.locator(".row").filter(has_text=camera)


def tab(page: Page, name: str) -> Any:
    return page.locator(".filters").get_by_role("radio", name=re.compile(f"^{name}"))


def test_what_is_put_aside_is_counted_says_why_and_comes_back(
    desk: Desk, kafka: Kafka, tmp_path: Path
) -> None:
    stopped(kafka, 1)
    stopped(kafka, 2, camera="cam-2", severity="critical")
    page = desk.signed_in("/?lang=vi")
    row(page, "Cầu Rào").click()
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Tạm gác cảnh báo")
    send = dialog.get_by_role("button", name="Tạm gác")
    expect(send).to_be_disabled()
    dialog.get_by_role("radio", name="2 giờ", exact=True).click()
    dialog.get_by_role("textbox").fill("Xe cứu hộ đang ở đó")
    page.screenshot(path=tmp_path / "shelve-vi.png")
    assert not violations(page)
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(".head .state")).to_have_text("Tạm gác")
    expect(page.locator(".head")).to_contain_text("admin tạm gác đến")
    expect(page.locator(".timeline li").first).to_contain_text("Tạm gác")
    expect(row(page, "Cầu Rào")).to_have_count(0)
    expect(tab(page, "Gác lại")).to_contain_text("1")
    tab(page, "Gác lại").click()
    expect(row(page, "Cầu Rào")).to_contain_text("Xe cứu hộ đang ở đó")
    assert not violations(page)
    page.screenshot(path=tmp_path / "aside-vi.png")
    page.keyboard.press("u")  # what was done last is taken back
    expect(page.locator(".head .state")).to_have_text("Chưa xác nhận")
    expect(page.locator(".empty")).to_contain_text("Không có gì được tạm gác")

    page.keyboard.press("1")
    row(page, "Lạch Tray").click()
    page.get_by_role("radio", name="English").click()
    page.get_by_role("button", name="More").click()
    page.screenshot(path=tmp_path / "more-en.png")
    page.get_by_role("menuitem", name="Source out of service").click()
    expect(dialog).to_contain_text("Take Lạch Tray street out of service")
    dialog.get_by_role("textbox").fill("Lens is broken")
    page.screenshot(path=tmp_path / "out-en.png")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(".head .state")).to_have_text("Out of service")
    expect(page.locator(".head")).to_contain_text("until it is returned: Lens is broken")
    page.keyboard.press("3")
    expect(row(page, "Lạch Tray street")).to_contain_text("Lens is broken")
    page.screenshot(path=tmp_path / "aside-en.png")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Return to service").click()
    dialog.get_by_role("textbox").fill("New lens")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".head .state")).to_have_text("Unacknowledged")

    page.keyboard.press("r")
    dialog.get_by_role("radio", name="a test").click()
    dialog.get_by_role("textbox").fill("Trying it")
    page.screenshot(path=tmp_path / "resolve-en.png")
    assert not violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".head")).to_contain_text("It was: a test")
    page.get_by_role("button", name="Open again").click()
    dialog.get_by_role("textbox").fill("It is not")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".head .state")).to_have_text("Acknowledged")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="I see to it").click()
    expect(page.locator(".head")).to_contain_text("Seen to by admin")
    page.screenshot(path=tmp_path / "mine-en.png")

    page.keyboard.press("1")
    row(page, "Rào bridge").click()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Merge into another").click()
    dialog.get_by_role("textbox").fill("The same lorry")
    merge = dialog.get_by_role("button", name="Merge", exact=True)
    expect(merge).to_be_disabled()
    offered = dialog.get_by_role("option")
    expect(offered).to_have_count(1)
    stopped(kafka, 3, camera="cam-2", severity="critical")
    stopped(kafka, 4, camera="cam-2", severity="low")
    expect(page.locator(".row")).to_have_count(4)
    expect(offered).to_have_count(1)  # nothing moves under the pointer
    search = dialog.get_by_role("searchbox")
    search.fill("duong khong co")
    expect(offered).to_have_count(0)
    expect(dialog.get_by_role("status")).to_have_text("No alert matches the filters")
    search.fill("TRAY lach")  # without the one that is less severe
    expect(offered).to_have_count(2)
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    def held() -> bool:
        page.wait_for_timeout(50)
        return bool(asked)

    page.route("**/api/alerts?*text=*", hold)
    search.fill("duong khong co")
    offered.first.click()
    expect(merge).to_be_enabled()
    eventually(held)
    for route in asked:
        route.continue_()
    page.unroute("**/api/alerts?*text=*")
    expect(offered).to_have_count(0)
    expect(merge).to_be_disabled()  # nobody sees any more what was chosen
    search.fill("TRAY lach")
    expect(offered).to_have_count(2)
    search.press("ArrowDown")
    search.press("Enter")
    expect(offered.filter(has_text="Lạch Tray street · lane-").first).to_have_attribute(
        "aria-selected", "true"
    )
    page.screenshot(path=tmp_path / "merge-en.png")
    assert not violations(page)
    merge.click()
    expect(page.locator(".head .state")).to_have_text("Merged")
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Split off again").click()
    dialog.get_by_role("textbox").fill("Another one")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".head .state")).to_have_text("Unacknowledged")
    page.set_viewport_size({"width": 1024, "height": 768})
    page.screenshot(path=tmp_path / "tablet-en.png")
    page.get_by_role("radio", name="Tiếng Việt").click()
    page.set_viewport_size({"width": 390, "height": 844})
    page.screenshot(path=tmp_path / "phone-vi.png", full_page=True)
