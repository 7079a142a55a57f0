"""The console in a real browser: what an operator sees and does in a night."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from services.alerts import store
from services.alerts.lifecycle import receive
from services.alerts.transitions import Names
from services.api.users import add_user
from services.api.wall import Head, part
from streams.configuration.log import append_missing, current
from streams.database import connect
from streams.events import DAY, MINUTE, SECOND, Mask, Micros, Place, Rule, Scenery, to_rfc3339
from streams.kafka.heartbeat import Beat
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.tables import scenery
from streams.tables.writer import copy
from tests.support import screen
from tests.support.alerting import (
    START,
    Kafka,
    dead,
    ended,
    explained,
    incident,
    jam,
    joined,
    photograph,
    proof,
)
from tests.support.extension import extended
from tests.support.nursery import Nursery
from tests.support.screen import (
    CAMERAS,
    LOOP,
    PASSWORD,
    SOURCES,
    Desk,
    Pulse,
    coloured,
    sign_in,
    unshared,
    violations,
)
from tests.support.waiting import eventually

PATHS = [[100, 800, 300, 700, 500, 650], [900, 500, 700, 520]]
LYING: ViewportSize = {"width": 1024, "height": 768}
STANDING: ViewportSize = {"width": 768, "height": 1024}
FINE = "✓Mọi nguồn và mọi bộ phận đều hoạt động"
NOTICED_MS = 10_000
"""Whatever dies, the header says so within this."""
SHOWN_AT_MOST = 80
"""Rows in the page, however many there are in the list."""


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


@pytest.fixture
def pulse(desk: Desk) -> Iterator[Pulse]:
    pulse = Pulse(desk.settings)
    yield pulse
    pulse.close()


AGED = re.compile(r"^\d\d:\d\d:\d\d · \d+ (s|phút) trước$")
CITY = ZoneInfo("Asia/Ho_Chi_Minh")


def stopped(kafka: Kafka, number: int, camera: str = "cam-1", **changes: Any) -> None:
    """A vehicle stops in a zone of its own, so that each is an alert of its own."""
    start = wall_clock() - MINUTE + number * SECOND
    made = incident(**{"start": start, "source": camera, "zone": f"lane-{number}", **changes})
    kafka.correlated(made)


def rows(page: Page) -> Any:
    return page.locator(".row")


def send(page: Page) -> None:
    """Sends what a dialog asks for. It stays until the answer, while it takes every key; the stream
    may show what was done before that.
    """
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)


def row(page: Page, number: int) -> Any:
    return rows(page).filter(has_text=f"lane-{number}")


def shown(page: Page) -> list[str]:
    """Ids of the rows from top to bottom."""
    places: list[tuple[float, str]] = page.evaluate(
        "[...document.querySelectorAll('.row')].map(row =>"
        " [row.getBoundingClientRect().top, row.dataset.alert])"
    )
    return [alert for _, alert in sorted(places)]


def test_an_incident_is_seen_at_once_and_acknowledged_by_key_and_by_click(
    desk: Desk, kafka: Kafka, pulse: Pulse
) -> None:
    page = desk.page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.reload()
    page.locator("input[name=name]").fill("admin")
    page.locator("input[name=password]").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Sai tên hoặc mật khẩu.")
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_have_text("Không có cảnh báo; mọi nguồn hoạt động")
    page.evaluate("window.same = true")

    frame = photograph(time=wall_clock())
    ref = kafka.frame(frame)
    stopped(kafka, 1, evidence=(proof(ref, frame.time),))
    expect(row(page, 1)).to_contain_text("Xe dừng trên làn — Cầu Rào")
    expect(page).to_have_title("(1) CityOps · Trung tâm điều hành đô thị")
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Xe dừng trên làn — Cầu Rào")).to_be_visible()
    picture = page.locator(".evidence img")
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert picture.evaluate("image => image.naturalWidth") > 100
    assert "street_detector 1.0.0" in page.locator(".evidence .model").inner_text()
    expect(page.locator(".evidence .taken")).to_have_text(AGED)
    live = page.locator(".live img")
    expect(live).to_be_visible()
    assert live.evaluate("image => image.naturalWidth") == 160
    # There is one picture only, so that it grows old.
    expect(page.locator(".live .stamp")).to_contain_text("Ảnh cũ")
    page.keyboard.press("a")
    expect(row(page, 1)).to_have_attribute("data-state", "acknowledged")
    expect(row(page, 1)).to_contain_text("admin")
    expect(page.locator(".timeline li").first).to_contain_text("Xác nhận")

    stopped(kafka, 2, camera="cam-2", severity="critical")
    row(page, 2).click()
    page.get_by_role("button", name="Xác nhận A").click()
    expect(row(page, 2)).to_have_attribute("data-state", "acknowledged")

    # The pointer is over the list: rows must not come, nor go.
    before = shown(page)
    page.mouse.move(*middle(row(page, 2)))
    for number in (3, 4, 5):
        stopped(kafka, number, severity="critical")
    new = page.get_by_role("button", name="3 mới")
    expect(new).to_be_visible()
    expect(new.locator(".shape.critical.filled")).to_be_visible()
    assert shown(page) == before
    page.keyboard.press("w")
    expect(rows(page)).to_have_count(5)
    assert not set(shown(page)[:3]) & set(before)

    row(page, 3).click()
    page.keyboard.press("r")
    page.keyboard.type("Đã điều xe cứu hộ")
    send(page)
    # Its row may be gone: under the dialog the pointer was over no list.
    expect(page.locator(".head .state")).to_have_text("Đã giải quyết")
    expect(page.locator(".timeline q")).to_have_text("Đã điều xe cứu hộ")
    assert page.evaluate("window.same")
    assert hosts - {""} == {urlsplit(desk.settings.api).netloc}


def middle(found: Any) -> tuple[float, float]:
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_whoever_comes_second_is_told_who_was_first(desk: Desk, kafka: Kafka) -> None:
    with connect(desk.settings, "test", autocommit=True) as connection:
        add_user(connection, "lan", "operator", PASSWORD)
    stopped(kafka, 1)
    page = desk.signed_in("/?lang=en")
    row(page, 1).click()
    acknowledge = page.get_by_role("button", name="Acknowledge A")
    expect(acknowledge).to_be_enabled()
    # This screen does not hear of what the other does.
    page.route("**/api/events*", lambda route: route.abort())

    def late(route: Route) -> None:
        first(desk)
        route.continue_()

    page.route("**/api/alerts/*/acknowledge", late)
    acknowledge.click()
    expect(page.locator(".outcome")).to_contain_text("lan was first to acknowledge")


def first(desk: Desk) -> None:
    with httpx.Client(base_url=desk.settings.api, timeout=30) as client:
        client.post("/api/session", json={"name": "lan", "password": PASSWORD}).raise_for_status()
        (alert,) = client.get("/api/alerts").json()["alerts"]
        command = {"command_id": "lan-1"}
        client.post(f"/api/alerts/{alert['id']}/acknowledge", json=command).raise_for_status()


def test_the_next_alert_need_not_wait_for_an_answer(desk: Desk, kafka: Kafka) -> None:
    stopped(kafka, 1)
    stopped(kafka, 2)
    page = desk.signed_in()
    expect(rows(page)).to_have_count(2)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/alerts/*/acknowledge", hold)
    for number in (1, 2):
        row(page, number).click()
        with page.expect_request("**/api/alerts/*/acknowledge"):
            page.keyboard.press("a")
    for route in held:
        route.continue_()
    for number in (1, 2):
        expect(row(page, number)).to_have_attribute("data-state", "acknowledged")


def test_the_pictures_of_a_cameras_fault_are_named_by_what_they_are(
    desk: Desk, kafka: Kafka
) -> None:
    dark, good = (
        proof(kafka.frame(photograph(number=number, time=time)), time)
        for number, time in ((2, START), (1, START - MINUTE))
    )
    kafka.correlated(
        incident(kind="camera_dark", rule="camera_dark", zone="", evidence=(dark, good))
    )
    page = desk.signed_in()
    rows(page).first.click()
    proofs = page.get_by_role("radiogroup", name="Bằng chứng từ nguồn nào").get_by_role("radio")
    expect(proofs).to_have_text(["Ảnh lúc có lỗi", "Ảnh tốt gần nhất"])
    picture = page.locator(".evidence img")
    first = picture.get_attribute("src")
    proofs.nth(1).click()
    expect(picture).not_to_have_attribute("src", first or "")


def test_what_camera_and_loop_prove_becomes_one_row_with_both_proofs(
    desk: Desk, kafka: Kafka, tmp_path: Path
) -> None:
    car = incident(evidence=(proof(kafka.frame(photograph())),))
    queue = jam(loop=LOOP)
    kafka.correlated(car, queue)
    page = desk.signed_in()
    expect(rows(page)).to_have_count(2)
    rows(page).filter(has_text="Ùn tắc").click()
    expect(page.locator(".head")).to_contain_text("Ùn tắc")
    page.mouse.move(*middle(page.locator(".head")))
    kafka.correlated(*joined(car, queue))
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".head .state")).to_have_text("Đã gộp")
    page.locator(".head").get_by_role("button", name="Xem cảnh báo chung").click()
    expect(page.locator(".head")).to_contain_text("Xe dừng")
    proofs = page.get_by_role("radiogroup", name="Bằng chứng từ nguồn nào").get_by_role("radio")
    expect(proofs).to_have_count(2)
    picture = page.locator(".evidence img")
    expect(picture).to_have_js_property("complete", value=True)
    first = picture.get_attribute("src")
    proofs.nth(1).click()
    expect(picture).not_to_have_attribute("src", first or "")
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert picture.evaluate("image => image.naturalWidth") > 100
    page.screenshot(path=tmp_path / "two-proofs.png")
    assert violations(page) == []


def test_what_to_do_and_why_are_said_with_the_values_of_then(
    desk: Desk, kafka: Kafka, tmp_path: Path
) -> None:
    """Of what became part of it too; of a kind that is gone nothing is made up."""
    rule = Rule("stopped", "stopped_vehicle", "high", parameters={"dwell_seconds": 12.5})
    append_missing(desk.settings, [rule, Rule("congestion", "congestion", "low")], "test")
    start = wall_clock()
    car = incident(start=start, after=0, zone="lane-1")
    queue = msgspec.structs.replace(jam(loop=LOOP), start=start, decided_at=start + SECOND)
    kafka.correlated(car, queue, *joined(car, queue))
    changed = msgspec.structs.replace(rule, parameters={"dwell_seconds": 99.0})
    append_missing(desk.settings, [changed], "test")
    stopped(kafka, 2, kind="sinkhole")

    page = desk.signed_in("/?lang=vi")
    row(page, 1).click()
    guidance = page.get_by_role("region", name="Hướng dẫn")
    expect(guidance.get_by_role("heading", name="Việc cần làm")).to_be_in_viewport()
    expect(guidance).to_contain_text("Xem hình, điều lực lượng gần nhất, mở biển cảnh báo.")
    expect(guidance.locator("dt")).to_have_text(["Vì sao", "Ngoài ra", "Có thể do", "Hậu quả"])
    said = guidance.locator("dd")
    expect(said.nth(0)).to_have_text("Một xe đã đứng yên trong vùng ít nhất 12,5 s.")
    expect(said.nth(1)).to_have_text("Tốc độ dưới 15 km/h, độ chiếm dụng trên 30 % suốt 30 s.")
    page.screenshot(path=tmp_path / "guidance-vi.png")
    page.keyboard.press("l")
    guidance = page.get_by_role("region", name="Guidance")
    expect(guidance).to_contain_text("A vehicle has stood in the zone for at least 12.5 s.")
    assert violations(page) == []
    page.screenshot(path=tmp_path / "guidance-en.png")

    row(page, 2).click()
    expect(guidance).to_contain_text("No guidance: this kind of alert is no longer installed")
    expect(said).to_have_count(0)
    expect(page.locator(".timeline li")).to_have_count(1)
    assert violations(page) == []


def test_the_header_says_what_died_and_nothing_is_lost_or_doubled(
    desk: Desk, kafka: Kafka, pulse: Pulse
) -> None:
    page = desk.signed_in()
    statement = page.locator(".statement")
    expect(statement).to_have_text(FINE)
    for number in (1, 2):
        stopped(kafka, number)
    expect(rows(page)).to_have_count(2)
    page.evaluate("window.same = true")

    pulse.speaking = ("cam-1", LOOP)
    expect(statement).to_contain_text("Camera Lạch Tray mất tín hiệu", timeout=NOTICED_MS)
    expect(page.locator(".vitals")).to_contain_text("1/2 camera")
    pulse.speaking = SOURCES
    expect(statement).to_have_text(FINE)

    desk.kill()
    expect(statement).to_contain_text("Mất kết nối với máy chủ", timeout=NOTICED_MS)
    expect(page.locator(".vitals")).to_contain_text("?/2 camera")
    for number in (3, 4, 5):
        stopped(kafka, number)
    desk.restart()
    expect(rows(page)).to_have_count(5)
    expect(statement).not_to_contain_text("Mất kết nối")
    stopped(kafka, 6)
    expect(rows(page)).to_have_count(6)
    assert len(set(shown(page))) == 6
    assert page.evaluate("window.same")

    worker = Beat(desk.settings, "detect-1")
    worker.beat(sources={"frames/0": wall_clock(), "frames/1": wall_clock() - MINUTE})
    expect(statement).to_contain_text("Giờ sự kiện đứng ở", timeout=NOTICED_MS)
    worker.close()
    worker = Beat(desk.settings, "detect-1")
    worker.beat(sources={"frames/0": wall_clock()})
    expect(statement).to_have_text(FINE)
    # its last word was its first
    expect(statement).to_contain_text(
        "Nhận dạng hình ảnh (detect-1) không phản hồi", timeout=NOTICED_MS
    )
    worker.close()


# kafka-python complains when a producer is thrown away whose broker does not answer.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_header_says_that_kafka_died(desk: Desk, pulse: Pulse) -> None:
    page = desk.signed_in()
    statement = page.locator(".statement")
    expect(statement).to_have_text(FINE)
    with desk.broker_frozen():
        expect(statement).to_contain_text("(Kafka) không phản hồi", timeout=NOTICED_MS)
        expect(page.locator(".vitals")).to_contain_text("?/2 camera·?/1 cảm biến")
        expect(page.locator(".empty")).to_contain_text("không rõ tình trạng các nguồn")
    expect(statement).to_have_text(FINE)


def test_what_is_not_known_is_not_claimed(desk: Desk, pulse: Pulse) -> None:
    """A service that hangs, a stream that does not open, a session that ends."""
    page = desk.signed_in("/?severity=high")
    page.get_by_role("button", name="Bỏ bộ lọc").click()
    empty = page.locator(".empty")
    expect(empty).to_have_text("Không có cảnh báo; mọi nguồn hoạt động")
    with desk.frozen():
        expect(page.locator(".statement")).to_contain_text(
            "Mất kết nối với máy chủ", timeout=NOTICED_MS
        )
        expect(empty).to_have_text("Không nhận được cảnh báo nào; không rõ tình trạng các nguồn")
        expect(page).to_have_title("⚠ CityOps · Trung tâm điều hành đô thị")
    expect(page.locator(".statement")).to_have_text(FINE)
    expect(empty).to_have_text("Không có cảnh báo; mọi nguồn hoạt động")

    unshared(page)
    page.route("**/api/events*", lambda route: route.abort())
    page.reload()
    expect(page.locator(".statement")).to_contain_text("Luồng cảnh báo bị ngắt")
    expect(empty).to_have_text("Không nhận được cảnh báo nào; không rõ tình trạng các nguồn")
    page.unroute("**/api/events*")
    expect(empty).to_have_text("Không có cảnh báo; mọi nguồn hoạt động")

    page.locator("#search").fill("cau rao")
    page.context.clear_cookies()
    expect(page.get_by_role("alert")).to_have_text(
        "Phiên làm việc đã kết thúc. Hãy đăng nhập lại.", timeout=NOTICED_MS
    )
    sign_in(page)
    expect(page.locator("#search")).to_have_value("cau rao")


@pytest.mark.parametrize("many", [2_000, pytest.param(5_000, marks=pytest.mark.slow)])
def test_thousands_of_alerts_scroll(desk: Desk, many: int) -> None:
    raise_many(desk.settings, many)
    page = desk.signed_in()
    expect(page.locator(".filters .segments")).to_contain_text(f"Đang mở {many // 1000}.000")
    expect(rows(page).first).to_be_visible()
    first = shown(page)[0]
    assert rows(page).count() < SHOWN_AT_MOST
    page.keyboard.press("j")
    page.locator(".listbox [role=option]").first.focus()
    page.keyboard.press("End")
    last = page.locator(f"[aria-posinset='{many}']")
    expect(last).to_be_in_viewport()
    assert rows(page).count() < SHOWN_AT_MOST
    page.keyboard.press("Home")
    expect(page.locator(f"[data-alert='{first}']")).to_be_in_viewport()
    page.locator("#search").fill("xe dung lane-13210")
    expect(page.locator(".empty")).to_contain_text("Không có cảnh báo nào")
    page.locator("#search").fill("lane-1321 RAO xe Dừng")
    expect(rows(page)).to_have_count(1)
    expect(page.locator(".foot .found")).to_have_text(f"1 trên {many // 1000}.000")
    expect(page.locator(".map .alarm .many")).to_have_text("2")  # that, and the selected one
    page.reload()
    expect(rows(page)).to_have_count(1)
    expect(page.locator("#search")).to_have_value("lane-1321 RAO xe Dừng")
    page.keyboard.press("l")
    expect(page.locator(".filters .segments")).to_contain_text(f"Open {many // 1000},000")


def raise_many(settings: Settings, number: int) -> None:
    """As the consumer does, but all of them in one transaction."""
    start: Micros = wall_clock() - 60 * MINUTE
    names = Names("Cầu Rào", "Rào bridge", "", "")
    with connect(settings, "test", autocommit=True) as connection, connection.transaction():
        store.lock(connection)
        for n in range(number):
            made = incident(start=start + n * SECOND // 2, zone=f"lane-{n}")
            transitions = receive(None, made, None, names=names, evidence=())
            store.append(connection, None, transitions, store.channel(settings.namespace))


TITLES = {"vi": "Xe dừng trên làn — Cầu Rào", "en": "Stopped vehicle — Rào bridge"}


@pytest.mark.parametrize(
    ("language", "acknowledge", "ago"),
    [
        ("vi", "Xác nhận A", "trước"),
        pytest.param("en", "Acknowledge A", "ago", marks=pytest.mark.slow),
    ],
)
def test_either_language_throughout_and_axe_finds_nothing(
    desk: Desk, kafka: Kafka, pulse: Pulse, language: str, acknowledge: str, ago: str
) -> None:
    title = TITLES[language]
    page = desk.page(f"/?lang={language}")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(".signin")).to_be_visible()
    found = violations(page)
    assert not found, "\n".join(found)
    page.context.close()

    page = desk.signed_in(f"/?lang={language}")
    expect(page.locator(".empty")).to_be_visible()
    found = violations(page)
    assert not found, "\n".join(found)
    frame = photograph(time=wall_clock())
    ref = kafka.frame(frame)
    stopped(kafka, 1, evidence=(proof(ref, frame.time),))
    stopped(kafka, 2, camera="cam-2", severity="low")
    row(page, 1).click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("button", name=acknowledge)).to_be_enabled()
    expect(page.locator(".live .stamp")).to_contain_text(ago)
    expect(page.locator(".newest")).to_contain_text(ago)
    expect(page.locator(".evidence img")).to_be_visible()
    # Both are on one road, so one mark on the map stands for both, and leads to each in turn.
    alarm = page.locator(".map .alarm")
    expect(alarm.locator(".many")).to_have_text("2")
    alarm.click()
    expect(page.locator(".head")).not_to_contain_text(title)
    alarm.click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    pulse.speaking = ("cam-1", LOOP)
    expect(page.locator(".statement")).to_have_attribute("data-tone", "faults")
    found = violations(page)
    assert not found, "\n".join(found)
    page.locator(".choice .button").first.click()
    expect(page.locator(".popover")).to_be_visible()
    found = violations(page)
    assert not found, "\n".join(found)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found = violations(page)
    assert not found, "\n".join(found)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_contain_text(title)
    found = violations(page)
    assert not found, "\n".join(found)
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    other = {"vi": "en", "en": "vi"}[language]
    expect(page.locator("html")).to_have_attribute("lang", other)
    expect(page.get_by_role("heading", name=TITLES[other])).to_be_visible()
    found = violations(page)
    assert not found, "\n".join(found)


def test_the_header_proves_that_the_screen_is_alive(desk: Desk, pulse: Pulse) -> None:
    page = desk.signed_in(timezone_id="America/New_York")
    expect(page.locator(".statement")).to_have_text(FINE)
    vitals, clock = page.locator(".vitals"), page.locator(".clock")
    expect(vitals).to_contain_text("2/2 camera·1/1 cảm biến")
    expect(vitals).to_have_text(re.compile(r"Sự kiện mới nhất \d,\d s trước"))
    expect(page.locator(".header .badge")).to_have_text(["BẢN GHI", "MÔ PHỎNG"])
    now = datetime.now(UTC).astimezone(CITY)
    around = [f"{now + timedelta(minutes=m):%H:%M:}" for m in (-1, 0, 1)]
    expect(clock).to_have_text(re.compile("|".join(around)))
    expect(clock).to_contain_text(re.compile(r"\d\d/\d\d/\d{4}"))
    expect(clock).not_to_have_text(clock.inner_text())

    pulse.speaking = tuple(CAMERAS)
    expect(vitals).to_contain_text("2/2 camera·0/1 cảm biến")
    expect(page.locator(".statement")).to_contain_text("Cảm biến Cầu Rào, làn 1 mất tín hiệu")
    expect(page.locator(".empty")).to_have_text(
        "Không có cảnh báo, nhưng không phải mọi nguồn đều hoạt động"
    )
    page.get_by_role("radio", name="English").click()
    expect(vitals).to_contain_text("2/2 cameras·0/1 sensors")
    expect(vitals).to_have_text(re.compile(r"Newest event \d\.\d s ago"))
    expect(page.locator(".header .badge")).to_have_text(["RECORDED", "SIMULATED"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    leave = page.get_by_role("button", name="Sign out").bounding_box()
    assert leave["x"] + leave["width"] <= 1440
    expect(page.locator(".statement")).to_contain_text("Sensor Rào bridge, lane 1 silent")


def test_the_header_of_a_demonstration_is_whole_at_usual_widths(desk: Desk, pulse: Pulse) -> None:
    """One origin and two, hundreds of sources, and many that rest since it was taken away."""
    origins = ["simulated"]

    def many(route: Route) -> None:
        answer = route.fetch()
        counts = {"frames": {"up": 24, "all": 24}, "readings": {"up": 699, "all": 699}}
        names = {"kind": "induction_loop", "name_vi": "", "name_en": "", "rests": "off"}
        resting = [{"id": f"storm-{number}", **names} for number in range(221)]
        told = {"sources": counts, "resting": resting, "origins": origins}
        route.fulfill(response=answer, json=answer.json() | told)

    page = desk.page()
    unshared(page)
    page.route("**/api/status", many)
    page.reload()
    sign_in(page)
    vitals = page.locator(".vitals")
    expect(vitals).to_contain_text("699/699")
    for badges in (1, 2):
        expect(page.locator(".header .badge")).to_have_count(badges)
        for language in ("English", "Tiếng Việt"):
            page.get_by_role("radio", name=language).click()
            for width in (1366, 1440, 1600, 1680, 1920):
                page.set_viewport_size({"width": width, "height": 900})
                for one in (vitals, vitals.locator(".newest")):
                    over = one.evaluate("one => one.scrollWidth - one.clientWidth")
                    assert over <= 0, f"{badges} origins, {language}, {width} pixels"
        origins.append("recorded")


def test_the_header_says_how_long_a_part_that_is_away_may_be(desk: Desk, pulse: Pulse) -> None:
    page = desk.signed_in()
    statement = page.locator(".statement")
    expect(statement).to_have_text(FINE)
    left, heard, awaited = 7200, False, 0

    def tell(route: Route) -> None:
        response = route.fetch()
        status = response.json()
        status["awaited"] = awaited
        if awaited:
            route.fulfill(response=response, json=status)
            return
        where = {"seconds": left, "reader": "writer", "topic": "scored", "partition": 0}
        status["away"] = [{"part": part, **where} for part in ("writer", "database")]
        writer = status["parts"][0] | {"part": "writer", "ok": heard, "detail": "silent"}
        status["parts"].append(writer)
        route.fulfill(response=response, json=status)

    unshared(page)
    page.route("**/api/status", tell)
    page.reload()
    expect(statement).to_contain_text("nếu kéo dài, sau 2 giờ nữa sẽ từ chối dữ liệu vào")
    heard, left = True, 0  # it is back, and has not read on yet
    over = "chậm quá nhiều: dữ liệu vào bị từ chối hoặc đang bị mất"
    expect(statement).to_have_text(f"!Ghi lịch sử {over}")
    page.get_by_role("radio", name="English").click()
    expect(statement).to_contain_text("is too far behind: inputs are refused, or data is being")
    left = 7200
    expect(statement).not_to_contain_text("refused")
    awaited = 324
    expect(statement).to_have_text(re.compile("324 sources are not heard yet"))


def test_the_header_names_what_is_configured_and_not_judged(desk: Desk, pulse: Pulse) -> None:
    page = desk.signed_in()
    statement = page.locator(".statement")
    expect(statement).to_have_text(FINE)
    with extended():  # as whoever had the folder that this installation lacks
        append_missing(desk.settings, [Rule("hw", "high_water", "high")], "test")
    expect(statement).to_contain_text("Quy tắc hw không được xét: ở đây không có loại high_water")
    page.get_by_role("radio", name="English").click()
    expect(statement).to_contain_text("Rule hw is not judged: there is no kind high_water here")


def test_a_row_says_what_where_since_when_how_often_and_whose(desk: Desk, kafka: Kafka) -> None:
    """And colour is for what nobody has acknowledged."""
    stopped(kafka, 1)
    stopped(kafka, 1, start=wall_clock() - 30 * SECOND, subject="track-2")
    stopped(kafka, 2, camera="cam-2", severity="critical")
    page = desk.signed_in()
    expect(row(page, 1)).to_contain_text("×2")
    expect(row(page, 1).get_by_role("img", name="Cao")).to_be_visible()
    expect(row(page, 2).get_by_role("img", name="Nguy cấp")).to_be_visible()
    expect(row(page, 1).locator(".title")).to_contain_text("Xe dừng trên làn — Cầu Rào")
    expect(row(page, 1).locator(".age")).to_have_text(re.compile(r"^\d+ (s|phút)$"))
    expect(row(page, 1).locator(".owner")).to_contain_text("chưa ai nhận")
    expect(page.locator(".map .alarm")).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(".head")).to_contain_text("Chưa xác nhận")
    shapes, elsewhere = coloured(page)
    assert shapes > 500
    assert elsewhere == 0

    for _ in range(2):
        page.keyboard.press("a")
        expect(page.locator(".head")).to_contain_text("Đã xác nhận")
        page.keyboard.press("n")
    expect(page.locator(".row[data-state=acknowledged]")).to_have_count(2)
    expect(row(page, 1).locator(".owner")).to_have_text("admin")
    expect(page.locator(".map .alarm .grey")).to_be_visible()
    assert coloured(page) == (0, 0)


def test_what_comes_while_event_time_stands_is_marked(
    desk: Desk, kafka: Kafka, pulse: Pulse, tmp_path: Path
) -> None:
    """Its end may be missing; so may that of what was there before, while it stands."""
    stopped(kafka, 1)
    page = desk.signed_in("/?lang=vi")
    expect(row(page, 1)).to_be_visible()
    expect(page.locator("[data-stalled]")).to_have_count(0)
    pulse.behind = MINUTE
    expect(row(page, 1).locator(".badge[data-stalled]")).to_have_text("GIỜ ĐỨNG")
    stopped(kafka, 2, camera="cam-2")
    row(page, 2).click()
    sentence = re.compile(r"Giờ sự kiện đứng ở \d\d:\d\d:\d\d: có thể chưa thấy kết thúc hoặc gộp")
    expect(page.locator(".head")).to_contain_text(sentence)
    expect(page.locator(".timeline li")).to_contain_text("khi giờ sự kiện đứng")
    assert not violations(page)
    page.screenshot(path=tmp_path / "stands.png")
    pulse.behind = 0
    expect(row(page, 1).locator("[data-stalled]")).to_have_count(0)
    expect(row(page, 2).locator("[data-stalled]")).to_be_visible()
    page.get_by_role("radio", name="English").click()
    expect(row(page, 2).locator("[data-stalled]")).to_have_text("TIME STALLED")


def test_an_alert_that_comes_and_goes_is_marked_as_flapping(desk: Desk, kafka: Kafka) -> None:
    start = wall_clock() - 5 * MINUTE

    def come_and_go(at: int) -> None:
        one = incident(start=at, zone="lane-1", subject="", after=5 * SECOND)
        kafka.correlated(one)
        kafka.correlated(ended(one, at + 30 * SECOND))

    come_and_go(start)
    come_and_go(start + MINUTE)
    page = desk.signed_in("/?lang=vi")
    expect(row(page, 1)).to_contain_text("×2")
    expect(page.locator("[data-flapping]")).to_have_count(0)
    come_and_go(start + 2 * MINUTE)
    expect(row(page, 1).locator(".badge[data-flapping]")).to_have_text("CHẬP CHỜN")
    row(page, 1).click()
    expect(page.locator(".head")).to_contain_text("đã xác nhận thì giữ nguyên")
    page.keyboard.press("a")
    expect(page.locator(".timeline li[data-kind=acknowledged]")).to_have_count(1)
    come_and_go(start + 3 * MINUTE)
    kafka.correlated(
        ended(incident(start=start - DAY, zone="lane-1", subject=""), start - DAY + MINUTE)
    )
    expect(page.locator(".timeline")).to_contain_text("giữ nguyên xác nhận")
    expect(page.locator(".timeline")).to_contain_text("nhận tin muộn")
    expect(page.locator(".timeline li[data-kind=acknowledged]")).to_have_count(1)
    assert not violations(page)
    page.get_by_role("radio", name="English").click()
    expect(page.locator(".head")).to_contain_text("Flaps since")
    expect(page.locator(".timeline")).to_contain_text("it flaps: stays acknowledged")


def test_an_alert_whose_source_is_not_heard_is_marked_as_unknown(
    desk: Desk, kafka: Kafka, tmp_path: Path
) -> None:
    start = wall_clock() - 5 * MINUTE
    first = incident(start=start, zone="lane-1")
    since = start + MINUTE
    lost = msgspec.structs.replace(
        first, unknown_since=since, decided_at=since + MINUTE, revision=1
    )
    kafka.correlated(first)
    page = desk.signed_in("/?lang=vi")
    expect(row(page, 1)).to_be_visible()
    expect(page.locator("[data-unknown]")).to_have_count(0)
    kafka.correlated(lost)
    expect(row(page, 1).locator(".badge[data-unknown]")).to_have_text(
        re.compile(r"KHÔNG RÕ TỪ \d\d:\d\d:\d\d")
    )
    row(page, 1).click()
    expect(page.locator(".head")).to_contain_text("không rõ còn hay hết")
    expect(page.locator(".timeline li[data-kind=unknown]")).to_contain_text("thấy lần cuối")
    assert not violations(page)
    page.screenshot(path=tmp_path / "unknown.png")
    page.get_by_role("radio", name="English").click()
    expect(row(page, 1).locator("[data-unknown]")).to_contain_text("UNKNOWN SINCE")
    back = msgspec.structs.replace(first, decided_at=since + 2 * MINUTE, revision=2)
    kafka.correlated(back)
    expect(page.locator("[data-unknown]")).to_have_count(0)
    expect(page.locator(".timeline li[data-kind=proven]")).to_contain_text("it lasts")
    over = msgspec.structs.replace(ended(lost, since), decided_at=since + 3 * MINUTE, revision=3)
    kafka.correlated(over)
    expect(page.locator(".timeline li[data-kind=returned]")).to_contain_text("nobody saw it end")


def test_consequences_are_listed_under_their_cause_and_what_outlasts_it_is_back(
    desk: Desk, kafka: Kafka, tmp_path: Path
) -> None:
    station = dead(LOOP, at=MINUTE)
    children = [dead(camera) for camera in CAMERAS]
    amended = [explained(child, station) for child in children]
    kafka.correlated(*children, station)
    page = desk.signed_in("/?lang=vi")
    expect(rows(page)).to_have_count(3)
    kafka.correlated(*amended)
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Hệ quả (2)")
    rows(page).click()
    listed = page.get_by_role("region", name="Hệ quả (2)")
    expect(listed.locator("li")).to_have_count(2)
    expect(listed).to_contain_text("Lạch Tray")
    expect(listed).to_contain_text(re.compile(r"từ \d\d:\d\d"))
    assert not violations(page)
    page.screenshot(path=tmp_path / "consequences.png")
    page.goto(f"{desk.settings.api}/map?lang=vi")
    cause = page.locator("[data-cause]")
    expect(cause).to_contain_text("Hệ quả (2)")
    cause.get_by_role("button").click()
    expect(cause.locator(".under li")).to_have_count(2)
    expect(page.locator(".city-map .alarm.here")).to_be_visible()
    expect(page.get_by_role("region", name="Lớp bản đồ")).to_contain_text("2 có sự cố")
    assert not violations(page)
    page.screenshot(path=tmp_path / "map.png")
    page.go_back()
    listed.get_by_role("button", name="Cầu Rào").click()
    expect(page.locator(".head .state")).to_have_text("Hệ quả")
    expect(page.locator(".head [data-why=depends]")).to_contain_text("Nguyên nhân:")
    page.get_by_role("radio", name="English").click()
    expect(page.locator(".timeline li[data-kind=explained]")).to_contain_text("A consequence")
    kafka.correlated(explained(amended[0], None))
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".head")).to_contain_text("Outlasts its cause")
    expect(page.locator(".head .state")).to_have_text("Unacknowledged")


def test_everything_has_a_key_and_filters_stand_in_the_address(desk: Desk, kafka: Kafka) -> None:
    for number, severity in ((1, "critical"), (2, "high"), (3, "low")):
        stopped(kafka, number, severity=severity)
    page = desk.signed_in()
    expect(rows(page)).to_have_count(3)
    heading = page.locator(".head")
    for key, number in (("j", 1), ("ArrowDown", 2), ("j", 3), ("k", 2), ("ArrowUp", 1), ("n", 2)):
        page.keyboard.press(key)
        expect(page.locator("[role=option][aria-selected=true]")).to_contain_text(f"lane-{number}")
    page.keyboard.press("c")
    page.keyboard.type("a r ? đang xem")
    send(page)
    expect(page.locator(".timeline q")).to_have_text("a r ? đang xem")
    expect(row(page, 2)).to_have_attribute("data-state", "unacknowledged")
    page.keyboard.press("a")
    expect(row(page, 2)).to_have_attribute("data-state", "acknowledged")
    page.keyboard.press("2")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("r")
    page.keyboard.type("xong")
    send(page)
    expect(heading).to_contain_text("Đã giải quyết")
    page.keyboard.press("4")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("1")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("Escape")
    expect(heading).to_contain_text("Chưa chọn cảnh báo")

    page.keyboard.press("?")
    listed = page.get_by_role("dialog").locator("kbd").all_inner_texts()
    assert listed == [*"↑↓JKNARCFBSUW1234/L", "Esc", "?"]
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.keyboard.press("/")
    page.keyboard.type("cau rao")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("option", name="Thấp", exact=True).click()
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("j")
    expect(heading).to_contain_text("lane-3")
    other = page.context.new_page()
    other.goto(page.url)
    expect(rows(other)).to_have_count(1)
    expect(row(other, 3)).to_be_visible()
    expect(other.locator(".head")).to_contain_text("lane-3")

    camera = page.get_by_role("button", name="Camera Lạch Tray")
    camera.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".live .where")).to_have_text(["Cầu Rào", "Lạch Tray"])
    page.keyboard.press("Escape")
    expect(page.locator(".live .where")).to_have_text(["Cầu Rào"])

    filtered = page.url
    page.get_by_role("button", name="Các trang").click()
    page.get_by_role("menuitemradio", name="Cài đặt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cài đặt")
    assert urlsplit(page.url).path == "/settings"
    assert not violations(page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cài đặt")
    page.go_back()
    expect(page.locator(".head")).to_contain_text("lane-3")
    assert page.url == filtered
    expect(rows(page)).to_have_count(1)

    nothing = page.goto(f"{desk.settings.api}/nothing")
    assert nothing
    assert nothing.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Không có trang này")
    assert not violations(page)
    page.get_by_role("link", name="Về trang cảnh báo").click()
    expect(rows(page)).to_have_count(2)


@pytest.mark.parametrize("language", ["vi", pytest.param("en", marks=pytest.mark.slow)])
def test_scenery_is_shown_on_the_picture_and_judged_there(
    desk: Desk, kafka: Kafka, pulse: Pulse, language: str
) -> None:
    time = wall_clock()
    sign = Scenery(
        "cam-1", time - SECOND, "simulated", "a1b2c3d4e5f6", learned=True, group="person",
        box=(300, 200, 500, 700), width=160, height=90, since=time - MINUTE, model="street@1.0",
    )  # fmt: skip
    stored = [*scenery.rows(sign), *scenery.rows(msgspec.structs.replace(sign, id="ffff"))]
    with connect(desk.settings, "test") as connection:
        copy(connection, scenery.TABLE, stored)
    mask = Mask("caption", "cam-1", ((0.0, 0.0), (0.4, 0.0), (0.4, 0.1), (0.0, 0.1)))
    append_missing(desk.settings, [mask], "test")
    kafka.frame(photograph(time=time))
    stopped(kafka, 1)
    page = desk.signed_in(f"/?lang={language}")
    row(page, 1).click()
    shapes = page.locator(".ground-shapes")
    expect(shapes.locator("rect.learned")).to_have_count(2)
    expect(shapes.locator("polygon.mask")).to_have_count(1)
    page.locator(".places summary").click()
    listed = page.locator(".places li")
    expect(listed).to_have_count(2)
    listed.first.get_by_role("button").first.click()
    expect(shapes.locator("rect.confirmed")).to_have_count(1)
    listed.last.get_by_role("button").last.click()
    expect(shapes.locator("rect.denied")).to_have_count(1)
    assert {one.confirmed for one in current(desk.settings).scenery.values()} == {True, False}
    found = violations(page)
    assert not found, "\n".join(found)
    listed.first.get_by_role("button").first.click()
    expect(shapes.locator("rect.learned")).to_have_count(1)

    masks = page.locator(".places p")
    masks.last.get_by_role("button").click()
    for x, y in ((0.6, 0.6), (0.9, 0.6), (0.9, 0.9)):
        box = shapes.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    masks.last.get_by_role("button").first.click()
    expect(masks).to_have_count(3)
    expect(shapes.locator("polygon.mask")).to_have_count(2)
    drawn = current(desk.settings).masks["cam-1-mask-1"].polygon
    assert len(drawn) == 3
    assert all(0.5 <= part <= 1 for corner in drawn for part in corner)
    masks.nth(1).get_by_role("button").click()
    expect(masks).to_have_count(2)
    expect(shapes.locator("polygon.mask")).to_have_count(1)
    assert set(current(desk.settings).masks) == {"cam-1-mask-1"}
    with connect(desk.settings, "test", autocommit=True) as connection:
        add_user(connection, "lan", "operator", PASSWORD)
    other = desk.page("/")
    other.locator("input[name=name]").fill("lan")
    other.locator("input[name=password]").fill(PASSWORD)
    other.keyboard.press("Enter")
    row(other, 1).click()
    other.locator(".places summary").click()
    expect(other.locator(".places li")).to_have_count(2)
    expect(other.locator(".places button")).to_have_count(0)


TONES = """
    window.tones = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
        window.tones.push(this.frequency.value);
        return start.apply(this, when);
    };
    let pressed = false;
    window.addEventListener("pointerdown", () => (pressed = true), true);
    window.AudioContext = class extends AudioContext {
        constructor() {
            super();
            void this.suspend();
        }
        resume() {
            return pressed ? super.resume() : Promise.reject(new Error("nothing was pressed"));
        }
    };
"""
"""Has what is played from now on. A page sounds once something was pressed in it, as in people's
browsers; in one that is driven, whatever looks at a page counts as a press.
"""
CRITICAL = [988, 784, 988, 784, 988]
HIGH = [784, 784, 784]


def test_alerts_sound_until_somebody_acknowledges_them(
    desk: Desk, kafka: Kafka, pulse: Pulse
) -> None:
    page = desk.signed_in()
    page.context.add_init_script(TONES)
    page.reload()

    def played() -> list[float]:
        return list(page.evaluate("window.tones.splice(0)"))

    def hear(tone: list[int]) -> None:
        eventually(lambda: page.evaluate("window.tones.length > 0"))
        assert played()[: len(tone)] == tone

    stopped(kafka, 1, severity="critical", origin="recorded")
    expect(row(page, 1)).to_be_visible()
    # A page that was only loaded may not sound, and says so.
    off = page.get_by_role("button", name="Âm thanh đang tắt")
    expect(off).to_be_visible()
    off.click()
    expect(page.get_by_role("button", name="Âm thanh đang bật")).to_be_visible()
    assert played() == []

    stopped(kafka, 2, severity="high")
    hear(HIGH)
    stopped(kafka, 3, severity="critical")
    hear(CRITICAL)
    hear(CRITICAL)
    row(page, 3).click()
    page.keyboard.press("a")
    expect(row(page, 3)).to_have_attribute("data-state", "acknowledged")
    played()
    hear(HIGH)

    page.get_by_role("button", name="Âm thanh đang bật").click()
    page.get_by_role("menuitem", name="Tắt tiếng 15 phút").click()
    muted = page.get_by_role("button", name=re.compile(r"Tắt tiếng đến \d\d:\d\d"))
    expect(muted).to_be_visible()
    played()
    stopped(kafka, 4, severity="critical")
    expect(row(page, 4)).to_be_visible()
    assert played() == []
    muted.click()
    page.get_by_role("menuitem", name="Bật tiếng lại").click()
    hear(CRITICAL)
    assert not violations(page)


def test_what_has_no_place_is_listed_and_every_stop_of_the_map_is_in_sight(
    desk: Desk, kafka: Kafka, pulse: Pulse
) -> None:
    """And the same visit: a comment in place, pictures enlarged, a phone, either colour."""
    frame = photograph(time=wall_clock())
    stopped(kafka, 1, evidence=(proof(kafka.frame(frame), frame.time),))
    stopped(kafka, 2, camera="cam-7", place=None)
    stopped(kafka, 3, camera="cam-8", place=Place(21.9, 105.1, "far-away"))
    page = desk.signed_in("/?lang=vi")
    nowhere = page.locator(".nowhere summary")
    expect(nowhere).to_have_text("Không rõ vị trí: 1")
    nowhere.click()
    page.locator(".nowhere .link").click()
    expect(page.locator(".head")).to_contain_text("lane-2")
    expect(page.locator(".map .alarm")).to_have_count(2)
    for pin in page.locator(".map button.camera, .map button.alarm").all():
        pin.focus()
        expect(pin).to_be_in_viewport(ratio=1)
        box, ground = pin.bounding_box(), page.locator(".ground").bounding_box()
        assert box is not None
        assert ground is not None
        assert ground["x"] <= box["x"] <= ground["x"] + ground["width"] - box["width"]
        assert ground["y"] <= box["y"] <= ground["y"] + ground["height"] - box["height"]

    row(page, 1).click()
    page.keyboard.press("c")
    page.keyboard.type("đang xem f a")
    page.keyboard.press("Enter")
    expect(page.locator(".timeline q")).to_have_text("đang xem f a")
    expect(page.locator(".evidence img")).to_be_visible()
    expect(page.locator(".live img")).to_be_visible()
    page.keyboard.press("f")
    shown = page.get_by_role("dialog")
    expect(shown).to_contain_text("Bằng chứng: Xe dừng trên làn — Cầu Rào")
    page.keyboard.press("f")
    expect(shown).to_contain_text("Ảnh hiện tại: Cầu Rào")
    assert not violations(page)
    page.keyboard.press("f")
    expect(shown).to_have_count(0)

    for width, height in ((390, 844), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        for shown in (".head .actions .button", ".evidence .picture"):
            page.locator(shown).first.scroll_into_view_if_needed()
            expect(page.locator(shown).first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        over = page.locator(".header").evaluate("it => it.scrollWidth - it.clientWidth")
        assert over <= 0, f"the header is {over} too wide at {width}"
    page.set_viewport_size({"width": 390, "height": 844})
    expect(rows(page).first).to_be_hidden()
    page.get_by_role("button", name="Danh sách").click()
    expect(rows(page)).to_have_count(3)
    page.set_viewport_size({"width": 1440, "height": 900})
    row(page, 1).click()
    assert page.locator(".head h1").evaluate("it => it.getClientRects().length") == 1

    tiles = page.locator(".wall .tile")
    small: list[str] = []
    page.on("request", lambda request: "/api/wall" in request.url and small.append(request.url))
    page.goto(f"{desk.settings.api}/cameras")
    expect(tiles).to_have_count(2)
    expect(tiles.first).to_have_attribute("data-camera", "cam-1")
    stopped(kafka, 4, camera="cam-2", severity="critical", place=Place(20.86, 106.68, "street-1"))
    expect(tiles.first).to_have_attribute("data-camera", "cam-2")
    expect(page.locator(".tile img")).to_be_visible()
    assert small
    assert all("width=480" in url for url in small)
    page.keyboard.press("b")
    expect(page.locator(".tile .drawn polygon").first).to_be_visible()
    assert "boxes=true" in small[-1]
    assert not violations(page)
    age = 0

    def wall(route: Route) -> None:
        time = to_rfc3339(wall_clock() - age)
        head = Head(camera="cam-1", type="image/jpeg", time=time, origin="live", paths=PATHS)
        route.fulfill(body=part(head, photograph().jpeg))

    page.route("**/api/wall?*", wall)
    page.keyboard.press("b")
    page.keyboard.press("b")
    expect(page.locator(".tile .drawn polyline")).to_have_count(len(PATHS))
    expect(page.locator(".tile .drawn polyline").first).to_be_visible()
    age = MINUTE
    expect(page.locator(".tile .drawn polyline").first).to_be_hidden()
    expect(page.locator(".tile .drawn")).to_be_visible()
    page.unroute_all(behavior="wait")
    tiles.first.get_by_role("button").click()
    expect(page.locator(".head")).to_contain_text("lane-4")

    page.goto(f"{desk.settings.api}/settings")
    page.get_by_role("radio", name="Sáng").click()
    page.get_by_role("radio", name="200").click()
    assert not violations(page)
    page.go_back()
    expect(page.locator(".head")).to_contain_text("lane-4")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440
    assert not violations(page)


def test_what_is_shed_is_said_and_a_page_behind_it_has_the_figures(
    desk: Desk, pulse: Pulse
) -> None:
    page = desk.signed_in()
    unshared(page)
    begun = wall_clock()

    def tell(route: Route) -> None:
        response = route.fetch()
        status = response.json()
        seconds = (wall_clock() - begun) // SECOND
        status["counts"] |= {"shed": 3 * seconds, "frames.accepted": 8 * seconds}
        status["dead_lettered"]["count"] = seconds
        route.fulfill(response=response, json=status)

    page.route("**/api/status", tell)
    page.reload()
    statement = page.locator(".statement")
    expect(statement).to_contain_text(re.compile(r"Bỏ qua [23],\d ảnh mỗi giây"))
    expect(statement).to_contain_text("tin không dùng được trong phút qua")
    page.get_by_role("button", name="Tình trạng hệ thống").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tình trạng hệ thống")
    expect(page.locator(".amounts .bad")).to_contain_text(re.compile(r"[23],\d/giây"))
    assert not violations(page)
    page.unroute_all(behavior="wait")  # one may be on its way


@pytest.mark.parametrize("language", ["en", pytest.param("vi", marks=pytest.mark.slow)])
def test_a_tablet_shows_all_of_it_to_a_finger(
    desk: Desk, kafka: Kafka, pulse: Pulse, language: str
) -> None:
    stopped(kafka, 1)
    page = desk.signed_in(f"/?lang={language}", viewport=LYING, has_touch=True, is_mobile=True)
    expect(page.locator(".header .badge")).to_have_count(2)
    row(page, 1).tap()
    acknowledge = page.locator(".actions .button").first
    expect(acknowledge).to_be_enabled()
    for size in (LYING, STANDING):
        page.set_viewport_size(size)
        for shown in ("html", ".header", ".filters .segments", ".head", ".actions", ".rationale"):
            over = page.locator(shown).evaluate("it => it.scrollWidth - it.clientWidth")
            assert over <= 0, f"{shown} is {over} too wide"
        for button in page.locator(".header button, .actions button, .filters button").all():
            expect(button).to_be_in_viewport(ratio=1)
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44, button.inner_text()
        found = violations(page)
        assert not found, "\n".join(found)
    acknowledge.tap()
    expect(row(page, 1)).to_have_attribute("data-state", "acknowledged")
