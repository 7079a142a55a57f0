"""Named people at their consoles, in real browsers: signing in, acting, being managed."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local import ports
from services.alerts.transitions import Names
from services.api.users import add_user
from services.notifier.sending import Sender
from streams.database import connect
from tests.support import screen
from tests.support.audit import told
from tests.support.desk import Desk, open_desk
from tests.support.identity import Identity
from tests.support.people import PASSWORD
from tests.support.screen import PATIENCE_MS, violations

OTHER = "eleven wet ferries"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screen.chromium() as browser:
        yield browser


@pytest.fixture
def desk(database_server: str, template_database: str, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path) as desk:
        yield desk


@pytest.fixture
def opened(browser: Browser) -> Iterator[list[Any]]:
    contexts: list[Any] = []
    yield contexts
    for context in contexts:
        context.close()


class Seat:
    """Browsers of their own."""

    def __init__(self, desk: Desk, browser: Browser, opened: list[Any]) -> None:
        self._desk, self._browser, self._opened = desk, browser, opened

    def page(self, name: str, password: str = PASSWORD, lang: str = "en") -> Page:
        context = self._browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        self._opened.append(context)
        page = context.new_page()
        page.goto(f"{self._desk.settings.api}/?lang={lang}")
        page.locator("input[name=name]").fill(name)
        page.locator("input[name=password]").fill(password)
        page.keyboard.press("Enter")
        return page


@pytest.fixture
def seat(desk: Desk, browser: Browser, opened: list[Any]) -> Seat:
    return Seat(desk, browser, opened)


def test_somebody_comes_in_by_the_provider_and_goes_out_of_it_again(
    identity: Identity,
    database_server: str,
    template_database: str,
    tmp_path: Path,
    browser: Browser,
    opened: list[Any],
) -> None:
    port = ports.free()
    public = f"http://127.0.0.1:{port}"
    given = identity.register(public).settings(identity.issuer, public, tmp_path)
    given["oidc_name"] = "City of Hải Phòng"
    identity.knows("e2e", "desk", name="Đỗ Hà")
    with open_desk(database_server, template_database, tmp_path, http_port=port, **given) as desk:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(PATIENCE_MS)
        opened.append(context)
        page = context.new_page()
        page.route(re.compile(r"^https:"), lambda route: route.abort())  # fonts of the provider's
        page.goto(f"{public}/?lang=en&show=closed")
        button = page.get_by_role("button", name="Sign in with City of Hải Phòng")
        expect(button).to_be_enabled()
        assert not violations(page)

        def sign_in() -> None:
            button.click()
            page.locator("input[name=login]").fill("e2e")
            page.locator("input[name=password]").fill("any will do")
            page.locator("button[type=submit]").click()
            page.locator("button[type=submit]").click()  # it asks whether we may know who it is

        sign_in()
        expect(page.get_by_role("button", name="Account of Đỗ Hà")).to_be_visible()
        assert page.url == f"{public}/?lang=en&show=closed"
        page.get_by_role("button", name="Account of Đỗ Hà").click()
        expect(page.get_by_role("dialog")).to_contain_text("are the identity provider’s")
        expect(page.get_by_role("tab", name="Password")).to_have_count(0)
        page.get_by_role("button", name="Close", exact=True).click()
        page.get_by_role("button", name="Sign out").click()
        page.locator("button[name=logout]").click()  # the provider asks whether that is meant
        button = page.get_by_role("button", name="Đăng nhập bằng City of Hải Phòng")
        expect(button).to_be_enabled()

        identity.knows("e2e", "choir", name="Đỗ Hà")
        sign_in()
        expect(page.get_by_role("alert")).to_contain_text("không thuộc nhóm nào có vai trò")
        assert "signin" not in page.url
        assert not violations(page)
        assert desk.machine().get("/api/users").is_success


def test_a_role_that_needs_a_second_factor_leads_to_setting_one_up(desk: Desk, seat: Seat) -> None:
    machine = desk.machine()
    machine.put("/api/roles/engineer/factor", json={"required": True}).raise_for_status()
    assert add_user(desk.database, "lan", "engineer", PASSWORD)
    page = seat.page("lan")
    expect(page.get_by_role("heading")).to_have_text("Set up a second factor")
    expect(page.locator(".console")).to_have_count(0)
    assert not violations(page)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    secret = page.locator(".factor code").inner_text()
    page.locator("input[name=code]").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".told code span")).to_have_count(10)
    page.get_by_role("button", name="I have kept them: go on").click()
    expect(page.locator(".console")).to_be_visible()


def choose(page: Page, old: str, new: str, again: str = "") -> None:
    page.locator("input[name=old]").fill(old)
    page.locator("input[name=new]").fill(new)
    page.locator("input[name=again]").fill(again or new)
    page.keyboard.press("Enter")


def test_two_operators_sign_in_and_one_sees_what_the_other_has_done(desk: Desk, seat: Seat) -> None:
    for name in ("Trần Thị Lan", "Lê Minh"):
        assert add_user(desk.database, name, "operator", PASSWORD)
    lan, minh = seat.page("Trần Thị Lan"), seat.page("lê minh")
    alert = desk.alert()
    for page in (lan, minh):
        page.locator(".row").click()
    lan.get_by_role("button", name="Acknowledge A").click()
    expect(minh.locator(".row .owner")).to_have_text("Trần Thị Lan")
    expect(minh.locator(".timeline")).to_contain_text("Trần Thị Lan")
    assert desk.machine().get(f"/api/alerts/{alert}").json()["acknowledged_by"] == "Trần Thị Lan"


def test_what_others_have_written_is_shown_and_turns_nothing_around(desk: Desk, seat: Seat) -> None:
    hostile = "Cầu <b>[/] x\x1b[2J \u202enovo\u2066 \u200b\u2028\x9b"
    shown = "Cầu <b>[/] x␛[2J \\u202enovo\\u2066 \\u200b\\u2028\\x9b"
    assert add_user(desk.database, "lan", "operator", PASSWORD)
    page = seat.page("lan")
    alert = desk.alert(Names(hostile, hostile, hostile, hostile))
    said = {"command_id": "1", "comment": hostile}
    desk.machine().post(f"/api/alerts/{alert}/comment", json=said).raise_for_status()
    expect(page.locator(".row")).to_contain_text(shown)
    page.locator(".row").click()
    expect(page.locator(".timeline")).to_contain_text(shown)
    page.reload()
    expect(page.locator(".timeline")).to_contain_text(shown)
    text = page.evaluate(
        "[document.title, document.body.innerText, ...[...document.querySelectorAll('*')].flatMap("
        "e => [...e.attributes].map(a => a.value))].join(' ')"
    )
    assert not set(text) & (set(hostile) - set(shown)), "control: these stand in the answer"
    answered = desk.machine().get(f"/api/alerts/{alert}").json()
    assert answered["names"]["source_vi"] == hostile


def test_the_first_sign_in_asks_for_a_password_and_shows_nothing_before(
    desk: Desk, seat: Seat
) -> None:
    first = desk.settings.secret("admin-password").read_text().strip()
    page = seat.page("admin", first)
    expect(page.get_by_role("heading")).to_have_text("Choose a password")
    expect(page.locator(".console")).to_have_count(0)
    assert not violations(page)
    choose(page, first, OTHER, "something else")
    expect(page.get_by_role("alert")).to_have_text("The two new passwords are not the same.")
    choose(page, first, "admin-cityops")
    expect(page.get_by_role("alert")).to_contain_text("guessed easily")
    choose(page, "wrong", OTHER)
    expect(page.get_by_role("alert")).to_have_text("The password until now is wrong.")
    choose(page, first, OTHER)
    expect(page.locator(".console")).to_be_visible()
    page.reload()
    expect(page.locator(".console")).to_be_visible()


def test_an_administrator_adds_resets_and_disables_and_the_other_is_gone_at_once(
    desk: Desk, seat: Seat
) -> None:
    assert add_user(desk.database, "boss", "administrator", PASSWORD)
    boss = seat.page("boss")
    boss.get_by_role("button", name="Account of boss").click()
    boss.get_by_role("tab", name="Users").click()
    boss.get_by_label("Name of a new user").fill("Phạm Văn Bình")
    boss.get_by_label("Role of the new user").select_option("analyst")
    boss.get_by_role("button", name="Add", exact=True).click()
    password = boss.locator(".told code").inner_text()
    assert not violations(boss)
    line = boss.locator("tr", has_text="Phạm Văn Bình")
    expect(line).to_contain_text("must choose a password")
    expect(boss.locator("tr", has_text="machine").get_by_role("button")).to_have_count(0)

    desk.alert()
    binh = seat.page("Phạm Văn Bình", password)
    choose(binh, password, OTHER)
    binh.locator(".row").click()
    expect(binh.locator(".evidence")).to_contain_text("Your role sees no pictures")
    expect(binh.get_by_role("button", name="Acknowledge A")).to_be_disabled()
    expect(binh.locator(".actions")).to_contain_text("analyst")

    boss.get_by_label("Role of Phạm Văn Bình").select_option("operator")
    expect(binh.get_by_role("button", name="Acknowledge A")).to_be_enabled()
    expect(binh.locator(".evidence")).not_to_contain_text("Your role sees no pictures")

    line.get_by_role("button", name="Disable").click()
    line.get_by_role("button", name="Sure?").click()
    expect(line).to_contain_text("disabled")
    expect(binh.get_by_role("alert")).to_have_text("Your session has ended. Sign in again.")


def test_people_are_limited_to_a_ward_before_a_source_is_in_it(desk: Desk, seat: Seat) -> None:
    for name, role in (("boss", "administrator"), ("lan", "operator")):
        assert add_user(desk.database, name, role, PASSWORD)
    boss = seat.page("boss")
    boss.get_by_role("button", name="Account of boss").click()
    boss.get_by_role("tab", name="Users").click()
    line = boss.locator("tr", has_text="lan")
    line.get_by_label("What lan sees: everywhere").click()
    line.get_by_label("A ward that no source is in yet").fill("An Biên")
    expect(line).to_contain_text("Spelled as sources will have it")
    boss.keyboard.press("Enter")
    expect(line.get_by_label("An Biên (no source yet)")).to_be_checked()
    assert not violations(boss)
    line.get_by_role("button", name="Save").click()
    expect(line.get_by_label("What lan sees: An Biên")).to_be_visible()

    boss.get_by_label("Name of a new team").fill("tổ 1")
    boss.get_by_label("Ward of the new team").select_option("another ward…")
    form = boss.locator("form", has_text="Add team")
    form.get_by_label("A ward that no source is in yet").fill("An Bien")
    form.get_by_role("button", name="Add team").click()
    expect(boss.locator("p.message")).to_contain_text("A ward of nearly this name is known")
    form.get_by_label("A ward that no source is in yet").fill("Hải An")
    form.get_by_role("button", name="Add team").click()
    expect(boss.get_by_label("What tổ 1 sees: Hải An")).to_be_visible()


def test_ones_own_sessions_are_shown_and_ended(desk: Desk, seat: Seat) -> None:
    assert add_user(desk.database, "lan", "operator", PASSWORD)
    here, there = seat.page("lan", lang="vi"), seat.page("lan", lang="vi")
    expect(there.locator(".console")).to_be_visible()
    here.get_by_role("button", name="Tài khoản của lan").click()
    expect(here.get_by_role("tab", name="Người dùng")).to_have_count(0)
    here.get_by_role("tab", name="Phiên").click()
    rows = here.locator(".rows tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="tại đây")).to_have_count(1)
    here.get_by_role("button", name="Kết thúc").click()
    expect(rows).to_have_count(1)
    expect(there.get_by_role("alert")).to_have_text(
        "Phiên làm việc đã kết thúc. Hãy đăng nhập lại."
    )
    here.get_by_role("tab", name="Mật khẩu").click()
    choose(here, PASSWORD, OTHER)
    expect(here.locator(".people")).to_contain_text("Đã đổi mật khẩu")
    assert desk.try_in("lan", OTHER).is_success


def test_a_console_that_nobody_uses_says_so_before_it_signs_out(desk: Desk, seat: Seat) -> None:
    assert add_user(desk.database, "lan", "operator", PASSWORD)
    page = seat.page("lan")
    expect(page.locator(".console")).to_be_visible()
    page.clock.install()
    page.reload()
    expect(page.locator(".console")).to_be_visible()
    page.clock.fast_forward("57:00")
    expect(page.locator(".statement")).to_contain_text(re.compile(r"in \d+ s it signs out"))
    used = page.expect_request(lambda one: one.method == "PUT" and one.url.endswith("/api/session"))
    with used:
        page.keyboard.press("Shift")
    expect(page.locator(".statement")).not_to_contain_text("signs out")


def test_a_second_factor_is_set_up_and_asked_for(desk: Desk, seat: Seat) -> None:
    assert add_user(desk.database, "lan", "operator", PASSWORD)
    page = seat.page("lan")
    page.get_by_role("button", name="Account of lan").click()
    page.get_by_role("tab", name="Second factor").click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    telephone = pyotp.TOTP(page.locator(".factor code").inner_text())
    assert not violations(page)
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.locator("input[name=code]").fill(telephone.now())
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator(".told span")).to_have_count(10)
    recovery = page.locator(".told span").first.inner_text()
    other = seat.page("lan")
    other.locator("input[name=code]").fill(recovery)
    other.keyboard.press("Enter")
    expect(other.locator(".console")).to_be_visible()


def test_an_administrator_reads_who_did_what(desk: Desk, seat: Seat) -> None:
    assert add_user(desk.database, "chi", "administrator", PASSWORD)
    name, alert = desk.person("analyst", "Phạm Văn Bình"), desk.alert()
    desk.signed_in(name).get(f"/api/alerts/{alert}/picture")
    desk.machine().put("/api/users/a\u202eb/role", json={"role": "operator"})
    told(desk, lambda one: one.actor == name and one.outcome == "refused")
    chi = seat.page("chi")
    chi.get_by_role("button", name="Account of chi").click()
    chi.get_by_role("tab", name="Audit log").click()
    rows = chi.locator(".audit tbody tr")
    seen = rows.filter(has_text="saw a picture of the alert")
    expect(seen).to_have_count(1)
    for text in (name, alert, "refused", "browser", "127.0.0.1"):
        expect(seen).to_contain_text(text)
    expect(rows.filter(has_text="changed the role of")).to_contain_text("a\\u202eb")
    chi.get_by_label("Of whom").fill(name)
    chi.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    chi.get_by_label("Outcome").select_option("refused")
    expect(rows).to_have_count(1)
    assert violations(chi) == []

    lan = seat.page(desk.person("supervisor"), lang="vi")
    lan.locator(".user .name").click()
    expect(lan.get_by_role("tab", name="Người dùng")).to_be_visible()
    expect(lan.get_by_role("tab", name="Nhật ký kiểm toán")).to_have_count(0)


def test_an_engineer_sees_who_was_told_and_tries_a_channel_out(desk: Desk, seat: Seat) -> None:
    machine = desk.machine()
    hook = {"type": "webhook", "secrets": {"url": "http://127.0.0.1:9/hook"}}
    assert machine.put("/api/channels/room", json=hook).status_code == 200
    lan = desk.person(name="lan")
    turns = {"people": [lan], "start": "2026-01-01T00:00:00Z"}
    assert machine.put("/api/rotations/desk", json=turns).status_code == 200
    page = seat.page(desk.person("engineer", "Phạm Bình"))
    page.locator(".user .name").click()
    page.get_by_role("tab", name="Notifications").click()
    expect(page.get_by_text("desk: lan")).to_be_visible()
    page.get_by_role("button", name="Send a test").click()
    row = page.locator(".audit tbody tr")
    expect(row).to_contain_text("a test of the channel")
    with connect(desk.settings, "notifier", autocommit=True) as connection:
        sender = Sender(desk.settings, connection)
        sender.round()
        sender.round()
        sender.close()
    expect(row).to_contain_text("failed")
    expect(row).to_contain_text("CITYOPS_CHANNEL_NETWORKS")
    assert violations(page) == []


def test_an_analyst_takes_away_what_the_filters_show(desk: Desk, seat: Seat) -> None:
    named = [Names(source_vi=name, source_en=name) for name in ("=1+1", "Cầu Rào")]
    ids = [desk.alert(one) for one in named]
    page = seat.page(desk.person("analyst"), lang="vi")
    expect(page.locator(".listbox [role=option]")).to_have_count(2)

    def exported() -> list[dict[str, str]]:
        with page.expect_download() as coming:
            page.get_by_role("button", name="Xuất CSV").click()
        assert re.fullmatch(r"cityops-alerts-\d{8}T\d{6}Z\.csv", coming.value.suggested_filename)
        with Path(coming.value.path()).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    assert {row["id"]: row["source_vi"] for row in exported()} == {
        ids[0]: "'=1+1",
        ids[1]: "Cầu Rào",
    }
    page.locator("#search").fill("cau rao")
    assert [row["id"] for row in exported()] == [ids[1]]
    expect(page.locator(".foot .said")).to_have_text("Đã xuất 1 cảnh báo")
    assert not violations(page)
    page.locator("#search").fill("")
    expect(page.locator(".foot .said")).to_have_text("")

    page.route("**/api/exports/**", lambda route: route.abort())
    page.get_by_role("button", name="Xuất CSV").click()
    expect(page.locator(".foot .said")).to_contain_text("máy chủ không phản hồi")
    other = seat.page(desk.person("operator"), lang="vi")
    expect(other.locator(".listbox [role=option]")).to_have_count(2)
    expect(other.get_by_role("button", name="Xuất CSV")).to_have_count(0)
