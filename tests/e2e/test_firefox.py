"""The console in Firefox: what an operator needs of it, in both languages."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import requirements
from streams.events import MINUTE
from streams.stamps import wall_clock
from tests.support.bidi import Firefox, firefox
from tests.support.desk import Desk, open_desk
from tests.support.people import PASSWORD
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow
LOADED = (
    "document.querySelector('main h1') && !/Loading …|Đang tải …/.test(document.body.innerText)"
)
PAGES = ("cameras", "connect", "health", "indicators", "load", "map", "settings", "sources")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Firefox]:
    program = requirements.firefox()
    if program is None:
        pytest.skip("no Firefox here: make firefox")
    (tmp_path / "profile").mkdir()
    with firefox(program, tmp_path / "profile") as page:
        yield page


@pytest.fixture
def desk(database_server: str, template_database: str, tmp_path: Path) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path) as desk:
        yield desk


def fill(page: Firefox, selector: str, text: str) -> None:
    page.see(f"document.querySelector({json.dumps(selector)}).focus()")
    page.type(text)


def test_an_alert_is_seen_and_acknowledged_and_every_page_opens(
    desk: Desk, page: Firefox, tmp_path: Path
) -> None:
    page.size(1280, 800)
    name, titles = desk.person("administrator"), {}
    for language in ("vi", "en"):
        page.open(f"{desk.settings.api}/?lang={language}")
        if language == "vi":
            eventually(lambda: page.see("document.querySelector('input[name=name]') !== null"))
            fill(page, "input[name=name]", name)
            fill(page, "input[name=password]", f"{PASSWORD}\ue007")
        eventually(lambda: page.see("document.querySelector('.console') !== null"))
        alert = desk.alert(start=wall_clock() - MINUTE, severity="critical", origin="live")
        state = f"document.querySelector('[data-alert=\"{alert}\"]')?.dataset.state"
        eventually(lambda state=state: page.see(state) == "unacknowledged")
        page.see(f"document.querySelector('[data-alert=\"{alert}\"]').click()")
        eventually(lambda: page.see("document.querySelector('.head h1') !== null"))
        page.type("a")
        eventually(lambda state=state: page.see(state) == "acknowledged")
        page.picture(tmp_path / f"alert-{language}.png")
        titles[language] = []
        for path in PAGES:
            page.open(f"{desk.settings.api}/{path}?lang={language}")
            eventually(lambda: page.see(LOADED))
            titles[language].append(page.see("document.querySelector('main h1').textContent"))
            wide = page.see("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{path} is {wide} too wide"
            page.picture(tmp_path / f"{path}-{language}.png")
    assert not {*titles["vi"]} & {*titles["en"]}, titles
    assert page.complaints == []
