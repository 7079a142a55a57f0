"""Every page in every size: nothing is cut or reaches out of the window, and axe finds nothing.

Pairs rather than all combinations: each page in six sizes, each size in either language, dark and
light, with text of 100 and 200 %; ``--slow`` tries each page in all of these looks.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from services.alerts.transitions import Names
from streams.configuration.log import append
from streams.events import MINUTE, SECOND, Change, Place, Source
from streams.stamps import wall_clock
from tests.support import screen
from tests.support.desk import Desk, open_desk
from tests.support.people import PASSWORD
from tests.support.screen import CONSOLE, clipped, violations

SIZES = ((320, 568), (390, 844), (844, 390), (768, 1024), (1440, 900), (1920, 1080))
LOOKS = (
    ("vi", "dark", 100), ("vi", "light", 200), ("en", "dark", 200), ("en", "light", 100)
)  # fmt: skip
"""Language, colours, per cent of the usual size of text: each two of them stand together."""
PAGES = (
    "alert", "merge", "account", "cameras", "health", "indicators", "map", "sources",
    "sources/loop-1", "connect", "quality", "settings", "shift", "load", "priority", "warnings",
)  # fmt: skip
SHOWN = tuple((page, LOOKS[n % len(LOOKS)]) for n, page in enumerate(PAGES))
OTHERS = tuple(one for one in product(PAGES, LOOKS) if one not in SHOWN)
ACCOUNT = re.compile("^(Account|Tài khoản)$")
MERGE = re.compile("^(Merge into|Gộp vào)")
LOADING = re.compile("^(Loading …|Đang tải …)$")
BOXES = """() => {
  const boxes = (at) => [...document.querySelectorAll(at)].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x, y, width, height];
  });
  const [page, tiles, pictures] = [".page", ".wall .tile", ".wall .picture"].map(boxes);
  return { page: page[0], tiles, pictures };
}"""
LONG = "Nút giao Ỏ Ễ ợ Nguyễn Bỉnh Khiêm – Lạch Tray"
NAMES = Names(source_vi=LONG, source_en="Lach Tray flyover", zone_vi="Làn gần cổng", zone_en="Gate")


def configuration() -> list[Change]:
    place = Place(20.86, 106.68, "street-1")
    names = LONG, "Lach Tray flyover, near the gate of the port"
    return [
        Source("cam-1", "camera", *names, "live", place, period=SECOND // 5),
        Source("loop-1", "loop", *names, "live", place, "gw-1", period=MINUTE),
    ]


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path_factory.mktemp("state")) as desk:
        append(desk.database, configuration(), "test")
        for severity in ("critical", "high", "medium"):
            desk.alert(NAMES, start=wall_clock(), severity=severity, origin="live")
        yield desk


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screen.chromium() as browser:
        yield browser


def look(page: Page, desk: Desk, path: str, how: tuple[str, str, int], size: int) -> list[str]:
    """What is wrong with a page, in words; axe looks at it in one size."""
    language, theme, text = how
    settings = f'{{"theme": "{theme}", "text": {text}}}'
    page.evaluate(f"""localStorage.setItem("cityops-settings", '{settings}')""")
    width, height = SIZES[0]
    page.set_viewport_size({"width": width, "height": height})
    where = "" if path in ("alert", "merge", "account") else path
    page.goto(f"{desk.settings.api}/{where}?lang={language}")
    if path == "account":
        page.locator(".pages").click()
        page.get_by_role("menuitem", name=ACCOUNT).click()
        page.get_by_role("tab").nth(5).click()
        expect(page.get_by_role("tabpanel").get_by_role("row").nth(1)).to_be_visible()
    elif not where:
        page.locator(".row").last.click()
        expect(page.locator(".rationale")).to_be_visible()
        if path == "merge":
            page.locator(".actions .caret").click()
            page.get_by_role("menuitem", name=MERGE).click()
            expect(page.get_by_role("option").first).to_be_visible()
    else:
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text(LOADING)).to_have_count(0)
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wrong = clipped(page)
        if (width, height) == SIZES[size % len(SIZES)]:
            wrong += violations(page)
        found += [f"{path} {language} {theme} {text} % {width}x{height}: {one}" for one in wrong]
    return found


def signed_in(desk: Desk, browser: Browser) -> tuple[BrowserContext, Page]:
    context = browser.new_context()
    context.set_default_timeout(screen.PATIENCE_MS)
    page = context.new_page()
    page.goto(desk.settings.api)
    page.locator("input[name=name]").fill(desk.person("administrator"))
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".console")).to_be_visible()
    return context, page


def tried(desk: Desk, browser: Browser, shown: Any) -> list[str]:
    """Of each page and look what is wrong with it."""
    context, page = signed_in(desk, browser)
    found = []
    for n, (path, how) in enumerate(shown):
        # By a step more after each round of looks: or axe would see half of the sizes dark only.
        found += look(page, desk, path, how, n + n // len(LOOKS))
    context.close()
    return found


def test_every_page_fits_in_six_sizes(desk: Desk, browser: Browser) -> None:
    assert {path.stem for path in CONSOLE.glob("src/pages/*.tsx")} <= {*PAGES}, "add it to PAGES"
    found = tried(desk, browser, SHOWN)
    assert not found, "\n".join(found)


def test_a_wall_of_cameras_fits_wholly_and_its_pictures_keep_their_shape(
    desk: Desk, browser: Browser
) -> None:
    more = [
        Source(
            f"cam-{n}",
            "camera",
            f"Cầu {n}",
            f"Bridge {n}",
            "live",
            Place(20.86, 106.68),
            period=SECOND // 5,
        )
        for n in range(2, 17)
    ]
    append(desk.database, more, "test")
    context, page = signed_in(desk, browser)
    page.goto(f"{desk.settings.api}/cameras?lang=en")
    expect(page.locator(".wall .tile")).to_have_count(4)
    for tiles, (width, height) in product((4, 9, 16), SIZES):
        page.set_viewport_size({"width": width, "height": height})
        page.get_by_role("radio", name=str(tiles), exact=True).click()
        expect(page.locator(".wall .tile")).to_have_count(tiles)
        boxes = page.evaluate(BOXES)
        what = f"{tiles} in {width}x{height}: {boxes}"
        for _, _, wide, high in boxes["pictures"]:
            assert wide / high == pytest.approx(16 / 9, abs=0.03), what
            assert wide >= 100, what
        _, top, _, whole = boxes["page"]
        inside = [y + high <= top + whole for _, y, _, high in boxes["tiles"]]
        assert all(inside) or min(width, height) < 500, "only a phone scrolls: " + what
    context.close()


def test_a_phone_has_no_row_for_the_clock_alone_and_logs_nothing(
    desk: Desk, browser: Browser
) -> None:
    made = Source(
        "made-1", "loop", "Vòng", "Loop", "simulated", Place(20.86, 106.68), "gw-1", period=MINUTE
    )
    append(desk.database, [made], "test")
    context, page = signed_in(desk, browser)
    logged: list[str] = []
    page.on("console", lambda said: logged.append(said.text))
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("""localStorage.setItem("cityops-settings", '{"sound": false}')""")
    for language, off in (("vi", "Âm thanh đang tắt"), ("en", "Sound is off")):
        page.goto(f"{desk.settings.api}/?lang={language}")
        expect(page.locator(".header .badge")).to_be_visible()
        button = page.get_by_role("button", name=off, exact=True)
        expect(button).to_be_visible()
        beside, clock = button.bounding_box(), page.locator(".header .clock").bounding_box()
        assert beside is not None
        assert clock is not None
        assert beside["y"] < clock["y"] < beside["y"] + beside["height"], (language, beside, clock)
    assert not [text for text in logged if "AudioContext" in text]
    context.close()


@pytest.mark.slow
def test_every_page_fits_in_every_look(desk: Desk, browser: Browser) -> None:
    found = tried(desk, browser, OTHERS)
    assert not found, "\n".join(found)


def test_control_what_is_cut_is_found(desk: Desk, browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<div style='width: 90px; overflow: hidden; white-space: nowrap'>Nguyễn Bỉnh Khiêm</div>"
        "<p style='height: 8px; overflow: hidden; font-size: 20px'>Ễ ợ g</p>"
        "<p style='width: 90px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap'>"
        "Nguyễn Bỉnh Khiêm</p><div style='position: absolute; left: -40px'>Nguyễn</div>"
        "<main style='width: 5000px; height: 9px'></main>"
    )
    cut, wide = "cut sideways by div", f"the page is {5000 + 8 - page.evaluate('innerWidth')}"
    found = [one.split(":")[0].removesuffix(" too wide") for one in clipped(page)]
    assert found == [cut, "cut above or below by p", "out of the window", wide]
    page.close()
