"""``/api/acknowledge``: acknowledging from a message by a signed link, without signing in.

Scanners of mail follow links, so asking for one shows a page and changes nothing; its button does.
The link only says who it was sent to: what they may is asked anew each time.
"""

import hashlib
import logging
from collections.abc import Iterable
from html import escape
from typing import Annotated, Any, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.alerts import kinds, store, suppression_store
from services.alerts.alert import Alert, fold
from services.alerts.area import seen_by
from services.alerts.commands import Command, Refused
from services.alerts.holding import worse
from services.alerts.transitions import Amended, Asked, Parted, Reopened, Repeated, Withdrawn
from services.api import factors, roles, users
from services.api.asked import asked
from services.api.auth import pool_of
from services.api.life import event_time
from services.api.permissions import Permission
from services.api.problems import answers
from services.api.recording import recorded
from services.api.tries import Tries
from services.api.users import TOKEN, Session, User
from services.oncall import links
from services.oncall.links import LONGEST, PURPOSE, Claim, LinkError
from streams.sealing import CHANNELS, Seal
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.visible import line
from streams.words import Words

router = APIRouter(tags=["alerts"], prefix="/api/acknowledge")

LABEL = "signed link"
TRIES = Tries(30, 60.0)
"""Of what is no link, from one address in a minute."""
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page for a person", "content": {"text/html": {}}},
    403: {
        "description": "The link is none, is too old, or its person may not do it",
        "content": {"text/html": {}},
    },
    409: {
        "description": "It is acknowledged, or is not what it was when the message was sent",
        "content": {"text/html": {}},
    },
    429: {"description": "Too many tries from this address", "content": {"text/html": {}}},
    **answers(422),
}
_ANEW = (Amended, Asked, Parted, Reopened, Withdrawn)
"""After these it is not what somebody was told of, beside occurrences that ask."""
_REASONS = {
    "forged": Words("Liên kết không hợp lệ.", "This is no valid link."),
    "expired": Words("Liên kết đã hết hạn.", "The link has expired."),
    "not_allowed": Words(
        "Bạn không còn được xác nhận cảnh báo này.", "You may not acknowledge this alert any more."
    ),
    "changed": Words(
        "Cảnh báo đã thay đổi sau khi tin được gửi: hãy mở bảng điều khiển.",
        "The alert has changed since the message was sent: open the console.",
    ),
    "already": Words("Cảnh báo đã được xác nhận.", "The alert is acknowledged already."),
    "too_many": Words("Thử quá nhiều lần; hãy chờ một phút.", "Too many tries; wait a minute."),
}
_STATUS = {"changed": 409, "already": 409, "too_many": 429}
_DONE = Words("Đã xác nhận.", "Acknowledged.")
_CONSOLE = Words("Mở bảng điều khiển", "Open the console")
_BUTTON = Words("Xác nhận", "Acknowledge")

Token = Annotated[str, Query(alias="t", description=f"Of the message; at most {LONGEST} letters")]

log = logging.getLogger(__name__)


class _Refusal(Exception):
    def __init__(self, reason: str, claim: Claim | None = None) -> None:
        super().__init__(reason)
        self.reason, self.claim = reason, claim


class _Case(NamedTuple):
    """What may be done, and in whose name."""

    claim: Claim
    account: users.Account
    alert: Alert


@router.get("", response_class=Response, responses=_PAGES)
def ask_to_acknowledge(request: Request, token: Token = "") -> HTMLResponse:
    """A page with a button; changes nothing, whoever follows the link."""
    try:
        with pool_of(request).connection() as connection:
            case = _case(request, connection, token)
    except _Refusal as refusal:
        return _page(refusal)
    return _shown([_of(case.alert)], 200, button=token)


@router.post("", response_class=Response, responses=_PAGES)
def acknowledge_by_link(request: Request, token: Token = "") -> HTMLResponse:
    """Acknowledges as whoever the link was sent to, if they may now."""
    told = asked(request)
    try:
        with pool_of(request).connection() as connection, recorded(request, connection):
            case = _case(request, connection, token)
            told.by(_session(case.account))
            told.subject = case.alert.id
            _acknowledge(request, connection, case, token)
    except _Refusal as refusal:
        if refusal.claim is not None:
            told.actor, told.subject = refusal.claim.user, refusal.claim.alert
        told.means, told.label = "token", LABEL
        if refusal.reason == "too_many":
            told.rule = None  # or whoever tries would fill the log
        failed = refusal.reason in ("already", "changed")
        if told.rule is not None:
            told.turned_away("failed" if failed else "refused", f"link_{refusal.reason}")
        return _page(refusal)
    return _shown([_of(case.alert), _DONE], 200)


def key(settings: Settings) -> bytes:
    return Seal(settings, CHANNELS).derived(PURPOSE)


def _case(request: Request, connection: store.Connection, token: str) -> _Case:
    """Raises _Refusal."""
    address = request.client.host if request.client else ""
    try:
        claim = links.read(key(request.app.state.settings), token, wall_clock())
    except LinkError as error:
        # Only what is none counts: people of one office may have one address, a proxy's, and
        # whoever tries there must keep nobody from a link of theirs.
        if error.reason == "forged" and TRIES.wait(address):
            raise _Refusal("too_many") from None
        raise _Refusal(error.reason) from None
    account = users.account(connection, claim.user)
    if (
        account is None
        or not account.person
        or account.disabled_at is not None
        or account.must_change
        or Permission.ALERTS_ACT not in account.permissions
        or _must_enrol(connection, account)
    ):
        raise _Refusal("not_allowed", claim)
    try:
        alert = store.get(connection, claim.alert)
    except store.NoAlertError:
        raise _Refusal("not_allowed", claim) from None
    seen = seen_by(alert, account.area)
    if seen is None or not seen.own:
        raise _Refusal("not_allowed", claim)
    if changed(store.history(connection, alert.id, alert.version), claim.version):
        raise _Refusal("changed", claim)
    if not alert.asks:
        raise _Refusal("already", claim)
    return _Case(claim, account, alert)


def changed(history: Iterable[store.Recorded], told: int) -> bool:
    """Whether it is not what it was at that version. One that has asked all the while, and comes
    again as severe as it was, is."""
    lines = [one.transition for one in history]
    before = fold(one for one in lines if one.version <= told)
    for one in lines[before.version :]:
        if isinstance(one.event, _ANEW):
            return True
        match one.event:
            case Repeated(manner="anew", because=why, severity=severity) if why or worse(
                severity, before.severity
            ):
                return True
            case _:
                pass
    return False


def _must_enrol(connection: store.Connection, account: users.Account) -> bool:
    """Whether their role needs a second factor, and none is known here: they may do nothing else
    by a session either. What an identity provider was shown is of one session, and not of a link.
    """
    needed = account.role in roles.factors_required(connection)
    return needed and not factors.asked(connection, account.name)


def _acknowledge(request: Request, connection: store.Connection, case: _Case, token: str) -> None:
    """Raises _Refusal."""
    time = event_time(request)
    command = Command(
        id=f"link-{hashlib.sha256(token.encode()).hexdigest()[:32]}",
        action="acknowledge",
        actor=case.account.name,
        time=time,
        expected_version=case.alert.version,
    )
    notify = store.channel(request.app.state.settings.namespace)
    found = suppression_store.everything(connection).values()
    in_force = [one for one in found if one.in_force(time)]
    outcome = store.execute(connection, case.alert.id, command, notify, in_force)
    if isinstance(outcome, Refused):  # somebody was quicker, or it has changed just now
        already = outcome.reason.startswith("already")
        raise _Refusal("already" if already else "changed", case.claim)


def _session(account: users.Account) -> Session:
    """As the audit log tells it."""
    user = User(account.name, account.role)
    return Session(user, None, account.permissions, purpose=TOKEN, label=LABEL)


def _of(alert: Alert) -> Words:
    kind, names = kinds.of(alert.kind), alert.names
    return Words(
        line(f"{kind.name_vi} · {names.source_vi or alert.source}"),
        line(f"{kind.name_en} · {names.source_en or alert.source}"),
    )


def _page(refusal: _Refusal) -> HTMLResponse:
    there = refusal.claim.alert if refusal.claim and refusal.reason == "changed" else ""
    return _shown([_REASONS[refusal.reason]], _STATUS.get(refusal.reason, 403), there=there)


def _shown(said: list[Words], status: int, button: str = "", there: str = "") -> HTMLResponse:
    """``there``: an alert, to which the console is opened."""
    body = "".join(
        f"<p lang='vi'>{escape(one.vi)}</p><p lang='en'>{escape(one.en)}</p>" for one in said
    )
    if button:
        body += (
            f"<form method='post' action='/api/acknowledge?t={escape(button, quote=True)}'>"
            f"<button>{_BUTTON.vi} / {_BUTTON.en}</button></form>"
        )
    if there:
        body += f"<p><a href='/?alert={quote(there)}'>{_CONSOLE.vi} / {_CONSOLE.en}</a></p>"
    page = (
        "<!DOCTYPE html><html lang='vi'><head><meta charset='utf-8'><title>CityOps</title>"
        "<meta name='viewport' content='width=device-width'><meta name='robots' content='noindex'>"
        "<style>body{font:1.1rem sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}"
        "button{font:inherit;padding:.8rem 1.6rem;min-height:3rem}</style></head>"
        f"<body><h1>CityOps</h1>{body}</body></html>\n"
    )
    return HTMLResponse(page, status, _HEADERS)
