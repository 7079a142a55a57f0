"""All sources, the city's map and connecting a sensor, in a browser, from what is stored."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from services.api.life import Acquaintance
from streams.configuration.log import append
from streams.events import HOUR, MINUTE, SECOND, Change, Micros, Place, Rule, Source, to_datetime
from streams.stamps import steady_clock, wall_clock
from streams.tables import incidents, readings, source_hours
from streams.tables.rows import rows_of
from streams.tables.writer import copy
from tests.support import screen
from tests.support.alerting import jam
from tests.support.desk import Desk, open_desk
from tests.support.people import PASSWORD
from tests.support.screen import violations

MANY = 400
WARD = "Hồng Bàng"
MEASURED = 40
"""Minutes, each with a value."""
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}


def configuration() -> list[Change]:
    """Loops in two wards, and a limit on the first one's flow."""
    changes: list[Change] = [
        Source(
            f"loop-{n}", "loop", f"Đường số {n}" if n > 1 else "Cầu Rào", f"Street {n}", "live",
            Place(20.85 + n % 20 / 400, 106.66 + n // 20 / 400), f"gw-{n}", period=60 * SECOND,
            ward=WARD if n % 2 else "Ngô Quyền",
        )
        for n in range(1, MANY + 1)
    ]  # fmt: skip
    parameters = {"limit": 1200.0, "metric": 1.0}
    return [*changes, Rule("loop-1-high", "high_value", "high", ("loop-1",), (), (), parameters)]


def measured(desk: Desk, source: str, value: float, at: Micros) -> None:
    time = to_datetime(at)
    for metric, said in (("flow", value), ("occupancy", value / 100)):
        row = (time, source, metric, said, None, False, "live", "", f"gw-{source}", None)
        copy(desk.database, readings.TABLE, [row])


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path_factory.mktemp("state")) as desk:
        # It has waited for all of them in vain.
        desk.app.state.acquaintance = Acquaintance(steady_clock() - HOUR)
        append(desk.database, configuration(), "test")
        now = wall_clock()
        with desk.database.transaction():
            # All within the last hour, also where the tests take some minutes.
            for minute in range(1, 1 + MEASURED):
                measured(desk, "loop-1", 900.0 + 10 * (minute % 5), now - minute * MINUTE)
            measured(desk, "loop-2", 700.0, now - 2 * MINUTE)
        start = now - 20 * MINUTE
        found = msgspec.structs.replace(
            jam(loop="loop-1"), start=start, decided_at=start + MINUTE, end=start + 5 * MINUTE
        )
        copy(desk.database, incidents.TABLE, rows_of(found)[incidents.TABLE])
        hour = wall_clock() // HOUR * HOUR - HOUR
        for n, arrived in ((1, 60), (2, 40)):
            delivered = f"loop-{n}", "induction_loops", f"gw-{n}", "live", 60, arrived, 0, 0, 0
            row = (to_datetime(hour), *delivered, to_datetime(hour + HOUR))
            copy(desk.database, source_hours.TABLE, [row])
        yield desk


def test_the_course_of_one_source_and_the_newest_value_of_all(desk: Desk) -> None:
    machine = desk.machine()
    values = {each["source"]: each for each in machine.get("/api/measured").json()["values"]}
    assert {name: each["value"] for name, each in values.items()} == {"loop-1": 9.1, "loop-2": 7}
    measured(desk, "loop-2", 750.0, wall_clock() - MINUTE)
    desk.app.state.latest._asked = 0.0
    values = {each["source"]: each for each in machine.get("/api/measured").json()["values"]}
    assert values["loop-2"]["value"] == 7.5, "what came since is read, too"
    found = machine.get("/api/measured/loop-1", params={"hours": 1}).json()
    flow, occupancy = found["courses"]
    assert (flow["metric"], len(flow["points"]), found["step_seconds"]) == ("flow", MEASURED, 60)
    assert flow["points"][0]["usual_low"] is None
    band = flow["points"][-1]
    assert band["usual_low"] < 900 < 940 < band["usual_high"]
    limit = {"rule": "loop-1-high", "severity": "high", "side": "above", "value": 1200}
    assert [one | limit for one in flow["limits"]] == flow["limits"]
    assert not occupancy["limits"]
    assert [one["name"]["en"] for one in found["incidents"]] == ["Congestion"]
    assert [hour["axes"]["complete"] for hour in found["hours"]] == [100.0]
    other = machine.get("/api/measured/loop-2").json()
    assert other["hours"][0]["broken"] == ["complete"]
    assert not other["courses"][0]["limits"], "the rule is another source's"
    assert machine.get("/api/measured/none").status_code == 404


def test_sources_the_map_and_a_new_sensor(desk: Desk, tmp_path: Path) -> None:
    with screen.chromium() as browser:
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.goto(f"{desk.settings.api}/sources?lang=vi")
        page.locator("input[name=name]").fill(desk.person("engineer"))
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        _sources(page, tmp_path)
        _map(page, tmp_path)
        _connects(page, desk, tmp_path)


def _sources(page: Page, shots: Path) -> None:
    rows = page.locator(".estate-row")
    expect(page.get_by_role("radio", name=f"Mất tín hiệu {MANY}")).to_be_visible()
    expect(rows.first).to_be_visible()
    assert rows.count() < 60, "those in sight, and some"
    page.get_by_role("radio", name="Dưới cam kết 1").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Đường số 2")
    expect(rows).to_contain_text("66,6 %")
    page.get_by_role("radio", name="Tất cả").click()
    page.get_by_role("searchbox").fill("cau rao hong bang")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="1 trên 400 nguồn")).to_be_visible()
    expect(rows).to_contain_text("9,1 %")
    assert not violations(page)
    page.screenshot(path=shots / "sources.png")
    page.set_viewport_size(PHONE)
    expect(page.locator(".cards .estate-row")).to_contain_text("Đủ")
    _fits(page)
    assert not violations(page)
    page.locator(".listbox [role=option]").focus()
    page.keyboard.press("Enter")
    chart = page.locator("[data-metric=flow]")
    expect(chart.get_by_role("img")).to_have_attribute(
        "aria-label", re.compile("lưu lượng: từ 900 đến 940")
    )
    expect(chart).to_contain_text("giới hạn trên 1.200 xe/giờ")
    expect(chart.locator("[data-incident]")).to_have_count(1)
    expect(page.locator(".moments li")).to_be_visible()
    _fits(page)
    assert not violations(page)
    page.screenshot(path=shots / "source.png")


def _fits(page: Page) -> None:
    over = page.locator("main.page").evaluate("it => it.scrollWidth - it.clientWidth")
    assert over <= 0, f"the page is {over} too wide"


def _map(page: Page, shots: Path) -> None:
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name="Các trang").click()
    page.get_by_role("menuitemradio", name="Bản đồ thành phố").click()
    layer = page.get_by_role("region", name="Lớp bản đồ")
    expect(layer).to_contain_text("400")
    expect(layer).to_contain_text("400 mất tín hiệu")
    expect(page.get_by_text("Không có sự cố nào đang mở.")).to_be_visible()
    page.locator(".city-map canvas").first.wait_for()
    page.screenshot(path=shots / "map.png")
    layer.get_by_role("checkbox").uncheck()
    page.set_viewport_size(PHONE)
    ground = page.locator(".city-map .ground").bounding_box()
    frame = page.locator(".city-map").bounding_box()
    assert ground is not None
    assert frame is not None
    assert ground["height"] >= frame["height"] - 2, "all of the frame is map"
    _fits(page)
    assert not violations(page)
    layer.get_by_role("button", name="Hiện tất cả").click()
    expect(layer.get_by_role("checkbox")).to_be_checked()


def _connects(page: Page, desk: Desk, shots: Path) -> None:
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name="Các trang").click()
    page.get_by_role("menuitemradio", name="Kết nối cảm biến").click()
    page.get_by_role("radio", name="Loại mới, từ một mẫu dữ liệu").check()
    page.get_by_label("Một dòng dữ liệu").fill('{"temperature": 28.4, "rain": 3}')
    page.locator("[data-metric=rain]").get_by_role("checkbox").uncheck()
    page.get_by_label("Nhỏ nhất").fill("-40")
    page.get_by_label("Lớn nhất").fill("125")
    page.get_by_label("Tên hệ thống, tiếng Việt").fill("Nhiệt kế bến phà")
    expect(page.locator(".file pre").first).to_contain_text("id: nhiet_ke_ben_pha")
    expect(page.locator(".file")).to_contain_text("cityops feed add nhiet_ke_ben_pha.yaml")
    assert not violations(page)
    page.screenshot(path=shots / "feed.png", full_page=True)
    page.get_by_role("radio", name="Loại đã có").check()
    page.get_by_label("Loại nguồn").select_option("induction_loop")
    page.get_by_label("Mã nguồn").fill("loop-new")
    page.get_by_role("button", name="Thêm nguồn").click()
    expect(page.get_by_text("Đã thêm nguồn loop-new.")).to_be_visible()
    page.get_by_label("cao hơn là vượt").fill("1500,5")
    page.get_by_role("button", name="Thêm quy tắc").click()
    expect(page.get_by_text("Đã thêm quy tắc: Giá trị cao.")).to_be_visible()
    page.get_by_role("button", name="Tạo khóa gửi dữ liệu").click()
    expect(page.locator(".secret")).to_contain_text("cityops_")
    expect(page.get_by_text("Đang chờ giá trị đầu tiên")).to_be_visible()
    measured(desk, "loop-new", 900.0, wall_clock())
    expect(page.locator("[data-arrived=yes]")).to_be_visible()
    assert not violations(page)
    page.set_viewport_size(PHONE)
    _fits(page)
    page.screenshot(path=shots / "connected.png")
    rules = {each["id"]: each for each in desk.machine().get("/api/rules").json()}
    assert rules["loop-new-high-value"]["parameters"]["limit"] == 1500.5
    page.get_by_role("button", name="Xem nguồn này").click()
    expect(page.locator("[data-metric=flow]")).to_contain_text("giới hạn trên 1.500,5 xe/giờ")
