"""What holds of every channel, now and later: origin is law, and secrets and addresses stay inside.

A folder of ``services/notifier/channels`` is found here without being named; it needs a receiver in
``RECEIVERS``, which really receives.
"""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from services.gateway.reach import Reach
from services.notifier import gate, stored, templates
from services.notifier.channel import (
    BadConfigurationError,
    Devices,
    FailedError,
    Forgetful,
    NoDevices,
    RefusedError,
    Way,
    Written,
)
from services.notifier.connecting import ClosedError, Connector
from services.notifier.registry import all_channels, checked
from services.notifier.templates import Line
from services.oncall.law import Verdict
from streams.events import HOUR, Origin
from streams.networks import networks
from streams.settings import Settings
from tests.support.oncall import NIGHT, facts
from tests.support.push import PERSON, Turned, push_service
from tests.support.receivers import SECRET, Drip, hook, mailbox
from tests.support.station import station
from tests.support.zalo import FOLLOWER, zalo

ROOT = Path(__file__).parents[2]
CHANNELS = sorted(all_channels())
NOT_LIVE: tuple[Origin, ...] = ("simulated", "recorded", "replayed")
MARKS = ("DIỄN TẬP", "EXERCISE")


class Receiver(NamedTuple):
    """A real one, and how a channel is set to reach it."""

    configuration: dict[str, Any]
    secrets: dict[str, str]
    address: str
    received: Callable[[], list[str]]
    """All that has come, each as text in which a mark can be found."""
    devices: Devices = NoDevices()


@contextmanager
def _webhook() -> Iterator[Receiver]:
    with hook() as there:
        yield Receiver(
            {},
            {"url": there.url, "secret": SECRET},
            "",
            lambda: [msgspec.json.encode(post.event).decode() for post in there.posts],
        )


@contextmanager
def _smtp() -> Iterator[Receiver]:
    with mailbox() as there:
        where = {"host": "127.0.0.1", "port": there.port, "security": "none"}
        yield Receiver(
            where | {"sender": "cityops@example.vn"},
            {},
            "lan@example.vn",
            lambda: [f"{mail['Subject']}\n{mail.as_string()}" for mail in there.mails],
        )


@contextmanager
def _apprise() -> Iterator[Receiver]:
    """By its service ``json``, which posts to any address."""
    with hook() as there:
        yield Receiver(
            {},
            {"url": f"json://127.0.0.1:{there.port}/s3cret"},
            "",
            lambda: [msgspec.json.encode(post.event).decode() for post in there.posts],
        )


@contextmanager
def _sms() -> Iterator[Receiver]:
    """A gateway's JSON."""
    with hook() as there:
        yield Receiver(
            {},
            {"url": there.url},
            "+84912345678",
            lambda: [post.body.decode() for post in there.posts],
        )


@contextmanager
def _cap() -> Iterator[Receiver]:
    with hook() as there:
        yield Receiver(
            {}, {"url": there.url}, "", lambda: [post.body.decode() for post in there.posts]
        )


@contextmanager
def _public_address() -> Iterator[Receiver]:
    """It is public whatever else is said of it."""
    with station() as there:
        yield Receiver({}, {}, there.url, lambda: [one.raw for one in there.taken])


@contextmanager
def _web_push() -> Iterator[Receiver]:
    """Decrypts with the browser's key, and asks who has signed."""
    with push_service() as there:
        yield Receiver(
            there.configuration,
            {},
            PERSON,
            lambda: [msgspec.json.encode(one.notice).decode() for one in there.pushed],
            Turned(there.browser()),
        )


@contextmanager
def _zalo() -> Iterator[Receiver]:
    """Answers as the vendor documents; the real service was never tried."""
    with zalo() as there:
        yield Receiver(
            there.configuration,
            there.secrets,
            FOLLOWER,
            lambda: [text for _, text in there.texts],
        )


RECEIVERS = {
    "apprise": _apprise,
    "cap": _cap,
    "public_address": _public_address,
    "sms": _sms,
    "smtp": _smtp,
    "web_push": _web_push,
    "webhook": _webhook,
    "zalo": _zalo,
}


class Kept(Forgetful):
    """What a channel keeps of one message is there for the next."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def read(self) -> dict[str, str]:
        return self._found

    def write(self, found: dict[str, str]) -> None:
        self._found = found


def connector(words: str = "loopback", **closed: Any) -> Connector:
    return Connector(Reach((), networks(words), **closed).order())


def parcel(
    type: str, there: Receiver, *, origin: Origin = "live", text: str = "Quay 3", **changes: Any
) -> gate.Parcel:
    configuration, secrets = checked(type, there.configuration, there.secrets)
    told = facts(origin=origin, source_vi=text, source_en=text)
    line = Line("key-1", told, False, None, 0, False)

    def write(exercise: bool) -> Written:
        return templates.write([line], "en", "https://city.example.vn", exercise=exercise)

    made = gate.Parcel(
        all_channels()[type],
        Way(
            configuration,
            secrets,
            there.address,
            "key-1",
            connector(),
            keep=Kept(),
            devices=there.devices,
        ),
        origin,
        False,
        False,
        None,
        True,
        write,
    )
    return made._replace(**changes)


@pytest.fixture(params=CHANNELS)
def channel(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def there(channel: str) -> Iterator[Receiver]:
    assert channel in RECEIVERS, f"{channel} needs a receiver in RECEIVERS, that really receives"
    with RECEIVERS[channel]() as found:
        yield found


def test_control_what_is_live_arrives_unmarked(channel: str, there: Receiver) -> None:
    assert gate.hand_over(parcel(channel, there, public=False), NIGHT) == Verdict(True, False)
    (said,) = there.received()
    assert "Quay 3" in said
    assert not any(mark in said for mark in MARKS)


def test_what_two_persons_have_not_confirmed_reaches_no_public_channel(
    channel: str, there: Receiver
) -> None:
    made = parcel(channel, there, public=True)
    assert not gate.hand_over(made._replace(confirmed=False), NIGHT).may
    assert there.received() == []
    assert gate.hand_over(made, NIGHT).may  # control
    assert len(there.received()) == 1


@pytest.mark.parametrize("origin", NOT_LIVE)
def test_what_is_not_live_reaches_no_public_channel_whatever_it_accepts(
    channel: str, there: Receiver, origin: Origin
) -> None:
    made = parcel(channel, there, origin=origin, public=True, exercises_until=NIGHT + HOUR)
    assert not gate.hand_over(made, NIGHT).may
    assert not gate.hand_over(made._replace(test=True), NIGHT).may
    assert there.received() == []


@pytest.mark.parametrize("origin", NOT_LIVE)
def test_what_is_not_live_reaches_a_private_one_that_accepts_exercises_marked_as_one(
    channel: str, there: Receiver, origin: Origin
) -> None:
    made = parcel(channel, there, origin=origin)
    if all_channels()[channel].PUBLIC:
        return
    assert not gate.hand_over(made, NIGHT).may
    assert not gate.hand_over(made._replace(exercises_until=NIGHT), NIGHT).may
    assert there.received() == []
    assert gate.hand_over(made._replace(exercises_until=NIGHT + 1), NIGHT).may
    (said,) = there.received()
    assert any(mark in said for mark in MARKS)


def test_nobody_sends_but_the_gate() -> None:
    found = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "services").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("channel.send")
    ]
    assert found == ["services/notifier/gate.py"]


HOSTILE = "Quay\r\nBcc: all@example.vn\r\n\r\n<script>alert(1)</script><b>'\"\u202e\x1b[2J"


def test_no_name_becomes_a_header_a_recipient_or_markup(channel: str, there: Receiver) -> None:
    gate.hand_over(parcel(channel, there, text=HOSTILE), NIGHT)
    (said,) = there.received()
    assert not any(line.lower().startswith("bcc:") for line in said.splitlines())
    assert "\u202e" not in said
    assert "\x1b" not in said


def test_html_has_no_markup_of_anybodys() -> None:
    line = Line("k", facts(source_en=HOSTILE, zone_en=HOSTILE), False, None, 0, False)
    written = templates.write([line], "en", "https://city.example.vn", exercise=False)
    assert "<script" not in written.html
    assert "&lt;script&gt;" in written.html
    assert "\n" not in written.subject


def test_who_sees_part_of_an_alert_is_told_nothing_of_the_rest() -> None:
    line = Line("k", facts(wards={"quay-3": "Hồng Bàng", "x": "Lê Chân"}), True, None, 0, False)
    written = templates.write([line], "en", "https://city.example.vn", exercise=False)
    said = "\n".join((written.subject, written.text, written.html, repr(written.data)))
    for secret in ("Quay 3", "Cầu tàu 3", "Fence", "Hồng Bàng", "quay-3", "20.86"):
        assert secret not in said


def test_who_is_limited_to_a_ward_hears_of_the_others_only_that_there_are_some() -> None:
    merged = facts(wards={"quay-3": "Hồng Bàng", "x": "Lê Chân", "y": ""})
    theirs = frozenset({"Hồng Bàng"})
    for language, outside in (("vi", "ngoài địa bàn của bạn"), ("en", "outside your area")):
        line = Line("k", merged, False, None, 0, False, within=theirs)
        written = templates.write([line], language, "https://city.example.vn", exercise=False)
        assert f"Hồng Bàng, {outside}" in written.text
        said = "\n".join((written.subject, written.text, written.html, repr(written.data)))
        assert "Lê Chân" not in said
        (data,) = written.data
        assert (data["wards"], data["elsewhere"]) == (["Hồng Bàng"], True)
    # Control: who may see everything hears of all.
    written = templates.write(
        [Line("k", merged, False, None, 0, False)], "en", "https://city.example.vn", exercise=False
    )
    assert "Hồng Bàng, Lê Chân" in written.text
    assert written.data[0]["elsewhere"] is False


# --- where they may connect -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "host"),
    [
        ("private,public", "127.0.0.1"),
        ("private,public", "localhost"),
        ("private,public", "::1"),
        ("private,public", "169.254.169.254"),
        ("private,public", "0.0.0.0"),
        ("private,public", "::ffff:127.0.0.1"),
        ("private", "203.0.113.7"),
    ],
)
def test_what_is_closed_is_not_connected_to(words: str, host: str) -> None:
    with pytest.raises(ClosedError):
        connector(words).connect(host, 9, 1.0)


def test_our_own_servers_are_closed_also_where_this_machine_is_open() -> None:
    with hook() as there:
        own = connector(servers=(("127.0.0.1", there.port),))
        with pytest.raises(ClosedError):
            own.connect("127.0.0.1", there.port, 1.0)
        connector().connect("127.0.0.1", there.port, 1.0).close()  # control


def test_a_redirect_is_not_followed() -> None:
    with hook() as first, hook() as second:
        first.statuses, first.location = [307], second.url
        secrets = {"url": first.url, "secret": SECRET}
        made = parcel("webhook", Receiver({}, secrets, "", list))
        with pytest.raises(RefusedError, match="redirect"):
            gate.hand_over(made, NIGHT)
        assert second.posts == []


def test_the_setting_is_what_decides() -> None:
    with hook() as there:
        open_ = Settings(channel_networks="loopback", state_dir=Path("/nonexistent"))
        Connector.of(open_).connect("127.0.0.1", there.port, 1.0).close()
        with pytest.raises(ClosedError):
            Connector.of(Settings(state_dir=Path("/nonexistent"))).connect(
                "127.0.0.1", there.port, 1.0
            )


def test_one_port_of_this_machine_is_open_to_a_rehearsal_and_no_other() -> None:
    with hook() as there, hook() as other:
        settings = Settings(rehearsal_port=there.port, state_dir=Path("/nonexistent"))
        connector = Connector.of(settings)
        connector.connect("127.0.0.1", there.port, 1.0).close()
        for host, port in (("127.0.0.1", other.port), ("127.0.0.2", there.port)):
            with pytest.raises(ClosedError):
                connector.connect(host, port, 1.0)
        shut = Settings(rehearsal_port=0, state_dir=Path("/nonexistent"))
        ours = Settings(http_port=there.port, rehearsal_port=there.port, state_dir=Path("/none"))
        for each in (shut, ours):
            with pytest.raises(ClosedError):
                Connector.of(each).connect("127.0.0.1", there.port, 1.0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_library_that_connects_by_itself_is_let_out_to_what_is_open_only(host: str) -> None:
    with hook() as there:
        made = parcel("apprise", Receiver({}, {"url": f"json://{host}:{there.port}/x"}, "", list))
        made = made._replace(way=made.way._replace(connector=connector("private,public")))
        with pytest.raises(RefusedError, match="CITYOPS_CHANNEL_NETWORKS"):
            gate.hand_over(made, NIGHT)
        assert there.posts == []


@pytest.mark.parametrize(
    "url", ["nosuch://x", "slack://nonsense", "not an address", "", "syslog://"]
)
def test_what_apprise_does_not_know_or_would_do_on_this_machine_is_refused(url: str) -> None:
    with pytest.raises(BadConfigurationError):
        checked("apprise", {}, {"url": url})


# --- for how long ---------------------------------------------------------------------------

HTTP = b"HTTP/1.1 100 Continue\r\n\r\n" * 4 + b"HTTP/1.1 204 No Content\r\n\r\n"
SMTP = b"220 %s\r\n" % (b"x" * 100)


def _slow(type: str, port: int) -> Receiver:
    if type == "smtp":
        where = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "c@example.vn"}
        return Receiver(where, {}, "lan@example.vn", list)
    return Receiver({}, {"url": f"http://127.0.0.1:{port}/", "secret": SECRET}, "", list)


@pytest.mark.parametrize(("type", "said"), [("webhook", HTTP), ("smtp", SMTP)])
@pytest.mark.parametrize("limited", [True, False])
def test_who_answers_a_byte_at_a_time_is_cut_off(type: str, said: bytes, limited: bool) -> None:
    """Control: within every limit on one answer it is waited for to the end."""
    there = Drip(said)
    made = parcel(type, _slow(type, there.port))
    order, seconds = made.way.connector.order, 0.2 if limited else 60.0
    made = made._replace(way=made.way._replace(connector=Connector(order, seconds)))
    if limited or type == "smtp":  # after its greeting it says no more
        with pytest.raises(FailedError):
            gate.hand_over(made, NIGHT)
    else:
        gate.hand_over(made, NIGHT)
    assert there.over.wait(30)
    assert there.whole.is_set() is not limited


# --- secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.vn/",
        "file:///etc/passwd",
        "https://",
        "https://user:word@example.vn/",
        "https://example.vn/\r\nX: y",
        "http://[::1",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadConfigurationError):
        checked("webhook", {}, {"url": url})


@pytest.mark.parametrize(
    "address", ["lan", "a@b\r\nBcc: c@d", "<a@b>", "a@b, c@d", "a b@c", "@", "a@b;c@d"]
)
def test_one_address_is_one_address(address: str) -> None:
    with pytest.raises(BadConfigurationError):
        all_channels()["smtp"].check_address(address)


def test_a_password_is_not_sent_in_the_clear() -> None:
    asked = {"host": "m", "sender": "a@b.vn", "user": "u", "security": "none"}
    with pytest.raises(BadConfigurationError, match="clear"):
        checked("smtp", asked, {"password": "p"})


def test_nothing_shows_a_secret(channel: str, there: Receiver) -> None:
    made = parcel(channel, there)
    secret = stored.StoredChannel("x", channel, {}, False, None, "vi", None, {"url": "s3cret"})
    contact = stored.Contact("lan", "mail", 0, "vi", None, "lan@example.vn")
    said = repr((made.way, made.way.secrets, secret, contact))
    for each in (SECRET, "s3cret", "lan@example.vn"):
        assert each not in said
