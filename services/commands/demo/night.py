"""``cityops demo night``: ten minutes of a night shift beside the running city."""

import re
import threading
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from services.commandline.connection import connected
from services.commandline.evenings import (
    PATIENCE_S,
    SETTLES_S,
    alerts_of,
    answering,
    close,
    interrupted,
)
from services.commandline.output import CommandError, console, counted, emit, headed, notes
from streams.settings import load

if TYPE_CHECKING:
    from services.api.client import Client
    from services.commandline.mailbox import Mail
    from streams.events import Micros
    from streams.settings import Settings

ARRIVES_S = 20.0
"""For the message by which the way of all others is tried."""
ANSWERS_AFTER_S = 30.0
"""Lan takes so long to answer what is not critical."""
SCRIPT = (
    (0, "look at the console: nothing asks. Press any key there, so that it may sound"),
    (
        20,
        "the tide is high (medium): one soft tone every 20 s until you acknowledge it (A)."
        " Nobody is told: the policy begins at high",
    ),
    (45, "the market's Wi-Fi fills and empties (low), five times: it is counted, and asks once"),
    (75, "a cable fails (high): demo.lan, who has the turn, is told, and answers in 30 s"),
    (
        145,
        "the ambulance call centre runs out of battery (critical): the loudest tone, every 4 s."
        " demo.lan is told, and sleeps on",
    ),
    (275, "nobody has answered for two minutes: demo.minh is woken, in English"),
    (395, "nor for four: the whole team is told. Acknowledge it, and it is over"),
    (520, "the battery is charged again: what nobody has seen goes on to ask"),
    (580, "that was it"),
)
"""Second, and what can be seen from then on."""
_LINK = re.compile(r"/api/acknowledge\?t=([\w.-]+)")
_ALERT = re.compile(r"/\?alert=([0-9a-f-]{36})")


def command(
    *,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same places.")] = 7,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take all of it away, and close its alerts as a test.")
    ] = False,
) -> None:
    """Play ten minutes of a night shift: alarms sound, people are told, one does not answer.

    Four things fail, one of them critical. Two people (demo.lan, demo.minh), a team, turns and a
    policy are made for a ward of their own; their e-mail comes to this command, which shows it.
    All of it is simulated, and every message marked as an exercise. Ctrl-C ends it early.

    Example: cityops demo night
    """
    with connected(timeout_seconds=PATIENCE_S) as client:
        client.get("/api/alerts", limit=1)  # without a city nobody would see it
        if remove:
            _remove(client)
        else:
            _play(client, load(), seed)


def _play(client: "Client", settings: "Settings", seed: int) -> None:
    from services.commandline.film import bar
    from simulators.demo import play
    from simulators.demo.evening import night
    from streams.clock import wall_clock

    evening, stopping = night(), threading.Event()
    began = wall_clock()
    post = Post()
    with ExitStack() as stack, answering(), interrupted(stopping), bar() as progress:
        _open(stack, settings, post)
        task = progress.add_task("announcing", total=evening.lasts_s)
        play.announce(settings, evening, seed)
        _begin(client, settings, post, next(iter(evening.groups.values())).ward)
        notes.print(headed("console", settings.public_url or settings.api))
        left = list(SCRIPT)

        def told(second: float) -> None:
            progress.update(task, completed=second)
            while left and left[0][0] <= second:
                notes.print(headed(clock(second), left.pop(0)[1]), soft_wrap=True)
            post.look(client, second)

        try:
            play.play(settings, evening, seed, stopping, told)
            stopping.wait(SETTLES_S)
            found = alerts_of(client, evening.prefix, began)
        finally:
            play.let_rest(settings, evening)
    _sum_up(client, found, began)


def _begin(client: "Client", settings: "Settings", post: "Post", ward: str) -> None:
    """Makes who is told, and tries the way to them; raises CommandError."""
    from services.commandline import rehearsal
    from services.commandline.paths import path
    from services.commandline.since import now_of

    start = now_of(client).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    rehearsal.set_up(client, settings, ward, start.isoformat().replace("+00:00", "Z"))
    notes.print(
        f"made: {' and '.join(rehearsal.PEOPLE)}, team {rehearsal.TEAM!r}, rotation, channel and"
        f" policy {rehearsal.POLICY!r}, for the ward {ward!r}",
        soft_wrap=True,
    )
    body = {"address": next(iter(rehearsal.ADDRESSES))}
    tried = client.post(path("/api/channels", rehearsal.CHANNEL, "test"), body)["id"]
    if not post.arrived.wait(ARRIVES_S):
        (found, *_) = client.get("/api/notifications", id=tried) or [{}]
        why = found.get("detail") or "is the notifier healthy? see 'cityops status'"
        raise CommandError(
            f"messages do not reach this command: {why}. The notifier has to run on this machine,"
            f" with CITYOPS_REHEARSAL_PORT={settings.rehearsal_port}"
        )


class _Awaited(NamedTuple):
    """A message that Lan is about to answer."""

    due: float
    mail: "Mail"


class Post:
    """What has come to the people of the rehearsal, and what they do about it."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._lock = threading.Lock()
        self._new: list[Mail] = []
        self._awaited: list[_Awaited] = []

    def take(self, mail: "Mail") -> None:
        """From another thread."""
        self.arrived.set()
        with self._lock:
            self._new.append(mail)

    def look(self, client: "Client", second: float) -> None:
        """Shows what has come, and answers what Lan answers by now."""
        from services.commandline.rehearsal import LAN, acknowledge

        with self._lock:
            new, self._new = self._new, []
        for mail in new:
            show(mail, second)
            if answered_by(mail) == LAN and _severity(client, mail) == "high":
                self._awaited.append(_Awaited(second + ANSWERS_AFTER_S, mail))
        due = [one for one in self._awaited if one.due <= second]
        self._awaited = [one for one in self._awaited if one.due > second]
        for one in due:
            token = token_of(one.mail.text)
            fault = acknowledge(client, token) if token else "the message has no link"
            said = f"{LAN} presses the link in the message"
            what = f"{said}: {fault}" if fault else f"{said}: acknowledged, and no longer sounds"
            notes.print(headed(clock(second), what), soft_wrap=True)


def answered_by(mail: "Mail") -> str:
    """Whose message it is."""
    from services.commandline.rehearsal import ADDRESSES

    return ADDRESSES.get(mail.recipient, "")


def token_of(text: str) -> str:
    """Of the signed link in a message; empty: it has none."""
    found = _LINK.search(text)
    return found[1] if found else ""


def alert_of(text: str) -> str:
    """Which alert a message is about; empty: it does not say."""
    found = _ALERT.search(text)
    return found[1] if found else ""


def _severity(client: "Client", mail: "Mail") -> str:
    from services.commandline.paths import path

    alert = alert_of(mail.text)
    return str(client.get(path("/api/alerts", alert))["severity"]) if alert else ""


def clock(second: float) -> str:
    """``2:25``."""
    return f"{int(second) // 60:>2}:{int(second) % 60:02}"


def show(mail: "Mail", second: float) -> None:
    """A message, as it came."""
    notes.print(headed(clock(second), f"✉ to {answered_by(mail)}: {mail.subject}", "bold green"))
    for line in mail.text.splitlines():
        short = _LINK.sub("/api/acknowledge?t=…", line)
        notes.print(f"      {short}", highlight=False, soft_wrap=True)


def _open(stack: ExitStack, settings: "Settings", post: Post) -> None:
    """Takes messages until the stack is left; raises CommandError."""
    from services.commandline.mailbox import mailbox
    from services.commandline.rehearsal import ADDRESSES

    if not settings.rehearsal_port:
        raise CommandError("CITYOPS_REHEARSAL_PORT is 0: there is nowhere to take messages")
    try:
        stack.enter_context(mailbox(settings.rehearsal_port, ADDRESSES, post.take))
    except OSError as error:
        raise CommandError(
            f"port {settings.rehearsal_port} is taken ({error.strerror}): end what listens there,"
            " or set CITYOPS_REHEARSAL_PORT, also where the notifier runs"
        ) from None


def _sum_up(client: "Client", found: list[dict[str, Any]], began: "Micros") -> None:
    from services.commandline.rehearsal import POLICY
    from streams.events import from_rfc3339

    told = [
        one
        for one in client.get("/api/notifications", limit=200)
        if one["policy"] == POLICY and from_rfc3339(one["time"]) >= began
    ]
    console.print("\nwho was told of what, and when")
    emit(
        [told_row(one) for one in reversed(told)],
        as_json=False,
        columns=("when", "recipient", "severity", "kind", "state", "exercise", "detail"),
        folded=("kind", "detail"),
        spare=("detail",),
        empty="nobody",
    )
    console.print("\nwhat became of the alerts")
    emit(
        [alert_row(one) for one in sorted(found, key=lambda one: str(one["event_time"]))],
        as_json=False,
        columns=("alert", "severity", "where", "times", "state"),
        folded=("where",),
    )
    notes.print(
        "the same in the console: your name › Notifications, and each alert's timeline;"
        " 'cityops demo night --remove' takes all of it away",
        soft_wrap=True,
    )


def told_row(one: dict[str, Any]) -> dict[str, Any]:
    """Of the table of messages; ``exercise``: whether it was marked as one."""
    from services.commandline.since import local

    return {
        "when": local(one["time"])[-8:],
        "recipient": one["recipient"] or "nobody",
        "severity": one["severity"],
        "kind": one["kind_en"],
        "state": one["state"],
        "exercise": "yes" if one["exercise"] else "no",
        "detail": one["detail"],
    }


def alert_row(one: dict[str, Any]) -> dict[str, Any]:
    names = one["names"]
    return {
        "alert": one["id"][:8],
        "severity": one["severity"],
        "where": names["source_en"] or one["source"],
        "times": one["count"],
        "state": one["state"].replace("_", " "),
    }


def _remove(client: "Client") -> None:
    from services.commandline import rehearsal
    from simulators.demo import play
    from simulators.demo.evening import night

    with answering():
        sources = play.remove(load(), night())
    others = rehearsal.take_down(client)
    closed = close(client, alerts_of(client, night().prefix, None), "cityops demo night --remove")
    if not sources and not others and not closed:
        notes.print("there is nothing of it")
        return
    console.print(
        f"removed: {counted(sources, 'source')}, and {others} of people, team, turns, policy and"
        f" channel; closed as a test: {counted(closed, 'alert')}",
        highlight=False,
        soft_wrap=True,
    )
