"""Web push in a real browser, as far as it goes without its maker's push service.

What a page subscribes to is ours; all else is real: the page, the service, the notifier, a push
service that decrypts with the browser's key, and the service worker to which the browser hands
what came.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.support import screen
from tests.support.house import House, open_house
from tests.support.people import PASSWORD
from tests.support.push import Browser as PushBrowser
from tests.support.push import PushService, push_service
from tests.support.screen import PATIENCE_MS, violations
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

SUBSCRIBED = """
const given = %s;
const raw = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
const made = (key) => key && {
  endpoint: given.endpoint,
  options: { applicationServerKey: raw(key) },
  getKey: (name) => raw(given[name]),
  unsubscribe: async () => (delete localStorage.subscribed, true),
};
PushManager.prototype.getSubscription = async () => made(localStorage.subscribed) ?? null;
PushManager.prototype.subscribe = async ({ applicationServerKey }) =>
  made((localStorage.subscribed = applicationServerKey));
"""
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
  ({ title, body, tag, actions, data }) => ({ title, body, tag, data,
    actions: actions.map(({ title }) => title) }))"""

LEFT = """async () => {
  const there = await navigator.serviceWorker.ready;
  return [(await there.pushManager.getSubscription()) !== null,
    (await there.getNotifications()).length];
}"""

CLICKED = """async (tag) => {
  const [notification] = await self.registration.getNotifications({ tag });
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""

RENEWED = """async ({ before, after }) => {
  const raw = (text) => Uint8Array.from(
    atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer;
  const made = (given) => given && { endpoint: given.endpoint, getKey: (name) => raw(given[name]) };
  const event = new ExtendableEvent("pushsubscriptionchange");
  Object.assign(event, { oldSubscription: made(before), newSubscription: made(after) });
  self.dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with screen.chromium(notifies=True) as browser:
        yield browser


@pytest.fixture
def there() -> Iterator[PushService]:
    with push_service() as found:
        yield found


@pytest.fixture
def house(
    database_server: str, template_database: str, tmp_path: Path, there: PushService
) -> Iterator[House]:
    with open_house(database_server, template_database, tmp_path) as found:
        yield found


def page_of(house: House, browser: Browser, subscription: dict[str, str]) -> Page:
    """Lan's settings."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["notifications"], origin=house.desk.settings.api)
    context.add_init_script(SUBSCRIBED % json.dumps(subscription))
    page = context.new_page()
    page.goto(f"{house.desk.settings.api}/settings?lang=en")
    sign_in(page, "lan")
    return page


def sign_in(page: Page, name: str) -> None:
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")


def worker_of(page: Page) -> tuple[CDPSession, dict[str, str]]:
    """By which what was pushed is handed to the service worker, as a browser does."""
    versions: list[dict[str, Any]] = []
    session = page.context.new_cdp_session(page)
    session.on("ServiceWorker.workerVersionUpdated", lambda said: versions.extend(said["versions"]))
    session.send("ServiceWorker.enable")

    def found() -> bool:
        page.wait_for_timeout(50)
        return any(one["status"] == "activated" for one in versions)

    eventually(found, 20)
    registration = next(one["registrationId"] for one in versions if one["status"] == "activated")
    return session, {"origin": page.evaluate("location.origin"), "registrationId": registration}


def test_push_is_turned_on_by_a_click_shown_opened_and_over_with_signing_out(
    house: House, there: PushService, browser: Browser, tmp_path: Path
) -> None:
    phone = there.browser("phone")
    page = page_of(house, browser, phone.subscription)
    card = page.locator(".devices")
    expect(card).to_contain_text("An engineer sets one")
    made = house.put("channels/push", {"type": "web_push", "configuration": there.configuration})
    there.public = made["configuration"]["public_key"]
    button = card.get_by_role("button", name="Turn on in this browser")
    expect(button).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.getRegistration('/')") is None, "nobody clicked"
    card.get_by_label("Name of this browser").fill("Lan's desk")
    button.click()
    expect(card.locator("li")).to_contain_text("(this browser)")
    expect(card).to_contain_text("It is on in this browser.")
    card.get_by_role("button", name="Send a test to Lan's desk").click()
    expect(card).to_contain_text("A test is on its way to Lan's desk.")
    house.rounds()
    expect(card.locator("li")).to_contain_text("took a message last")
    assert not violations(page)
    card.screenshot(path=tmp_path / "push.png")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card.screenshot(path=tmp_path / "push-phone.png")
    page.set_viewport_size({"width": 1280, "height": 1000})

    house.policy((0, "user:lan"))
    alert = house.raised()
    house.rounds()
    notice = there.pushed[-1].notice
    session, worker = worker_of(page)

    def delivered(said: Any) -> list[dict[str, Any]]:
        session.send("ServiceWorker.deliverPushMessage", worker | {"data": said})
        page.wait_for_timeout(500)
        found: list[dict[str, Any]] = page.evaluate(SHOWN)
        return found

    (shown,) = delivered(json.dumps(notice))
    assert shown["title"] == notice["title"] == "Critical: Stopped vehicle · Quay 3, Fence"
    assert shown["actions"] == ["Acknowledge"]
    assert (shown["tag"], shown["data"]["open"]) == (alert, f"/?alert={alert}&lang=en")
    assert len(delivered(json.dumps(notice))) == 1, "what comes twice is shown once"
    assert len(delivered("{no JSON")) == 2, "what cannot be read is shown as something"

    (running,) = page.context.service_workers
    running.evaluate(CLICKED, alert)
    expect(page).to_have_url(re.compile(rf"/\?alert={alert}&lang=en$"))
    expect(page.locator(".head")).to_contain_text("Stopped vehicle")

    def known() -> list[tuple[str, str]]:
        rows = house.database.execute("SELECT id, name FROM push_devices").fetchall()
        return [(str(row[0]), str(row[1])) for row in rows]

    def renewed(before: PushBrowser | None, after: PushBrowser) -> None:
        given = before and before.subscription
        running.evaluate(RENEWED, {"before": given, "after": after.subscription})

    # The browser subscribes anew by itself: of what is not this person's nothing is told.
    anew, other = there.browser("anew"), there.browser("other")
    renewed(None, other)
    renewed(there.browser("nobody"), other)
    renewed(phone, anew)
    eventually(lambda: known() == [(anew.id, "Lan's desk")])

    assert page.evaluate(LEFT) == [True, 1]
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("input[name=password]")).to_be_visible()
    assert house.database.execute("SELECT FROM push_devices").fetchall() == []
    eventually(lambda: page.evaluate(LEFT) == [False, 0])
    renewed(anew, other)
    page.wait_for_timeout(500)
    assert known() == [], "nobody is signed in"

    # Nobody has signed out, and nothing says any more which browser it is: another signs in.
    page.goto(f"{house.desk.settings.api}/settings?lang=en")
    sign_in(page, "lan")
    button.click()
    expect(card.locator("li")).to_contain_text("(this browser)")
    assert len(delivered(json.dumps(notice))) == 1
    page.reload()
    expect(card.locator("li")).to_contain_text("(this browser)")
    assert page.evaluate(LEFT) == [True, 1], "control: it is still theirs"
    page.context.clear_cookies()
    page.reload()
    sign_in(page, "duc")
    expect(card).to_contain_text("It is on nowhere yet.")
    eventually(lambda: page.evaluate(LEFT) == [False, 0])


def test_where_a_browser_may_not_it_says_so(
    house: House, there: PushService, browser: Browser
) -> None:
    house.put("channels/push", {"type": "web_push", "configuration": there.configuration})
    page = page_of(house, browser, there.browser("desk").subscription)
    page.context.clear_permissions()
    page.evaluate("Notification.requestPermission = async () => 'denied'")
    card = page.locator(".devices")
    card.get_by_role("button", name="Turn on in this browser").click()
    expect(card).to_contain_text("The browser does not allow it.")
    expect(card).to_contain_text("It is on nowhere yet.")
    page.evaluate("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.get_by_role("button", name="Pages").click()
    page.get_by_role("menuitemradio", name="Shift").click()
    page.go_back()
    expect(card).to_contain_text("it asks for HTTPS")
    assert page.evaluate("navigator.serviceWorker.getRegistration('/')") is None
