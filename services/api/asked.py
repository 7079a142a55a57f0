"""What a request asks for, as the audit log tells it: who, by which means, from where, what."""

import json
import re
from typing import Any

from anyio import from_thread
from fastapi import Request

from services.api.audited import Rule, rule_of
from services.api.signed_in import AGENT
from services.api.users import CONSOLE, TOKEN, Session
from services.audit.entry import Entry, Means, Outcome
from streams.events import Micros
from streams.kafka.heartbeat import event_now
from streams.stamps import wall_clock

_FIELD = re.compile(r"[a-z_]{1,40}")
_MOST_FIELDS = 30
_WRONG = frozenset({"wrong_password", "wrong_code", "code_required"})
"""Somebody did not prove who they are, which is no question of rights."""


class Asked:
    """One request, from the moment when somebody is asked who they are."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self.rule: Rule | None = rule_of(request.method, route_path(request))
        self.session: Session | None = None
        self.showed = False
        """Whether it came with a token, be it valid or not."""
        self.why = ""
        """The reason that was given, where one is asked for."""
        self.written = False
        """Its line is in the database, or about to be committed."""
        self.actor, self.role, self.label = "", "", ""
        self.means = _means(request, "")
        self.subject, self.detail = "", ""
        self._away: tuple[Outcome, str] | None = None

    def by(self, session: Session) -> None:
        """It is known who asks."""
        self.session = session
        self.actor, self.role = session.user
        if session.purpose == TOKEN:
            self.means, self.label = "token", session.label
        else:
            label = session.label if session.purpose == CONSOLE else ""
            self.means = _means(self._request, label)

    def about(self) -> None:
        """Takes from path and body what it is done to, and what is told of it; in a thread of the
        event loop's."""
        rule = self.rule
        if rule is None:
            return
        given = self._request.path_params
        body = _body(self._request) if rule.sort != "view" else {}
        subject = given.get(rule.subject, body.get(rule.subject, ""))
        self.subject = subject if isinstance(subject, str) else ""
        told = [f"{name}: {_said(body[name])}" for name in rule.tells if _is_said(body.get(name))]
        told += [f"{name}: {value}" for name, value in given.items() if name != rule.subject]
        hidden = {rule.subject, *rule.tells}
        others = [name for name in body if _FIELD.fullmatch(name) and name not in hidden]
        if others:
            told.append(f"fields: {', '.join(sorted(others)[:_MOST_FIELDS])}")
        self.detail = "; ".join(told)

    def says(self, action: str, subject: str, why: str, detail: str) -> None:
        """What somebody says of a command of theirs."""
        assert self.rule is not None
        self.rule = self.rule._replace(action=action)
        self.subject, self.why, self.detail = subject, why, detail

    def turned_away(self, outcome: Outcome, reason: str) -> None:
        """It comes to nothing, though the answer is no error, but where a browser is told so."""
        self._away = outcome, reason

    def entry(self, outcome: Outcome, reason: str = "") -> Entry:
        """Its line."""
        action = self.rule.action if self.rule else _read(self._request)
        client, now = self._request.client, now_of(self._request.app.state)
        return Entry(
            time=now,
            last=now,
            actor=self.actor,
            role=self.role,
            means=self.means,
            label=self.label,
            address=client.host if client else "",
            action=action,
            subject=self.subject,
            outcome=outcome,
            reason=reason,
            why=self.why,
            detail=self.detail if outcome == "done" else "",
        )

    def answered(self, status: int, reason: str) -> Entry | None:
        """What is to be noted now that it has an answer; None: nothing, or it is written."""
        if self._away is not None:
            return self.entry(*self._away)
        if self.written and status < 400:
            return None
        if status == 401 and reason == "not_signed_in":
            return self._void() if self.showed else None
        if reason in _WRONG:
            return self.entry("failed", reason)
        if status in (401, 403):
            return self.entry("refused", reason)
        if self.rule is None:
            return None
        if status < 400:
            return self.entry("done") if status != 304 else None
        return self.entry("failed", reason or str(status)) if self.rule.sort != "view" else None

    def _void(self) -> Entry:
        """A token that is none, or no more: whatever it was shown for."""
        self.rule, self.subject = Rule("view", "session:use"), ""
        return self.entry("refused", "not_signed_in")


def asked(request: Request) -> Asked:
    """Of a request: the same, however often it is asked for."""
    found: Asked | None = getattr(request.state, "asked", None)
    if found is None:
        found = request.state.asked = Asked(request)
    return found


def because(request: Request, why: str) -> None:
    """The reason that the actor has given."""
    asked(request).why = why


def now_of(state: Any) -> Micros:
    """Event time as it should be by now: of the app whose state it is."""
    heard = getattr(state, "heartbeats", None)
    return event_now(heard.latest() if heard else {}, wall_clock())


def route_path(request: Request) -> str:
    """As the route has it, with names in braces."""
    return str(getattr(request.scope.get("route"), "path", request.url.path))


def _read(request: Request) -> str:
    return f"{request.method.lower()}:{route_path(request)}"


def _means(request: Request, label: str) -> Means:
    agent = label or request.headers.get("user-agent", "")
    if agent.startswith(AGENT):
        return "command line"
    if "authorization" not in request.headers and "mozilla" in agent.lower():
        return "browser"
    return "api"


def _body(request: Request) -> dict[str, Any]:
    """What FastAPI has read already; empty where it is no object."""
    try:
        found = json.loads(from_thread.run(request.body))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_said(value: Any) -> bool:
    return value is False or bool(value)


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
