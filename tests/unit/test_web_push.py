"""Web push against a service of ours that decrypts with the browser's key and asks who signs."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import structs

from services.gateway.reach import Reach
from services.notifier.channel import (
    BadConfigurationError,
    FailedError,
    RefusedError,
    Way,
    Written,
)
from services.notifier.channels.web_push import channel, notice, vapid
from services.notifier.channels.web_push.encryption import encrypt
from services.notifier.channels.web_push.subscription import Subscription
from services.notifier.connecting import Connector
from services.notifier.registry import checked
from streams.networks import networks
from tests.support.push import PERSON, Browser, PushService, Turned, push_service, raw_of, text

ROOT = Path(__file__).parents[2]
ALERT = "0f5e2a8c"
BROWSERS = ("phone", "desk")


@pytest.fixture
def there() -> Iterator[PushService]:
    with push_service() as found:
        yield found


def message(**changes: Any) -> Written:
    data = {"test": False, "alert": ALERT, "severity": "critical", "flood": None}
    written = Written("Nguy cấp: Xâm nhập", "", "", [data], False, "vi", datetime.now(UTC))
    link = ("Xác nhận", "https://city.example.vn/api/acknowledge?t=claim.mark")
    return written._replace(**{"brief": "Vượt hàng rào", "acknowledge": link} | changes)


def way(there: PushService, devices: Turned, key: str = "key-1", person: str = PERSON) -> Way:
    configuration, secrets = checked("web_push", there.configuration, {})
    there.public = configuration.public_key
    connector = Connector(Reach((), networks("loopback")).order())
    return Way(configuration, secrets, person, key, connector, devices=devices)


def two(there: PushService) -> tuple[Browser, Browser, Turned]:
    phone, desk = (there.browser(name) for name in BROWSERS)
    return phone, desk, Turned(phone, desk)


def test_the_example_of_rfc_8291_comes_out_as_it_stands_there() -> None:
    """Appendix A."""
    private = ec.derive_private_key(
        int.from_bytes(raw_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    made = encrypt(
        b"When I grow up, I want to be a watermelon",
        raw_of(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        raw_of("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=raw_of("DGv6ra1nlYgDCS1FRnbzlw"),
        private=private,
    )
    assert text(made) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAm"
        "S6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_"
        "Qulcy4a-fN"
    )


def test_each_device_has_it_signed_and_for_its_own_key_alone(there: PushService) -> None:
    phone, desk, devices = two(there)
    channel.send(way(there, devices), message())
    assert {one.path for one in there.pushed} == {phone.path, desk.path}
    for one in there.pushed:
        assert one.notice == {
            "title": "Nguy cấp: Xâm nhập",
            "body": "Vượt hàng rào",
            "language": "vi",
            "tag": ALERT,
            "key": one.headers["Topic"],
            "open": f"/?alert={ALERT}",
            "acknowledge": {"label": "Xác nhận", "open": "/api/acknowledge?t=claim.mark"},
            "stays": True,
        }
        assert (one.headers["Urgency"], one.headers["TTL"]) == ("high", "28800")
    assert {one.taken for one in devices.of(PERSON)} == {"key-1"}
    # Control: with another key than browsers were told it is refused.
    asked = way(there, devices, "key-2")
    there.public = vapid.pair().public
    with pytest.raises(RefusedError, match="403"):
        channel.send(asked, message())


def test_a_message_has_one_topic_however_often_it_is_sent_and_no_other_has_it() -> None:
    assert notice.topic("key-1") == notice.topic("key-1") != notice.topic("key-2")
    assert len(notice.topic("key-1")) == 32


def test_what_has_it_is_not_sent_it_again_and_what_has_it_not_is_tried_once_more(
    there: PushService,
) -> None:
    phone, desk, devices = two(there)
    there.statuses["phone"] = [503]
    with pytest.raises(FailedError, match="503"):
        channel.send(way(there, devices), message())
    channel.send(way(there, devices), message())
    assert (len(there.titles(phone)), len(there.titles(desk))) == (1, 1)
    # One that fails anew holds nobody up, and is said.
    there.statuses["phone"] = [503, 429]
    with pytest.raises(FailedError):
        channel.send(way(there, devices, "key-2"), message())
    channel.send(way(there, devices, "key-2"), message())
    assert (len(there.titles(phone)), len(there.titles(desk))) == (1, 2)
    assert devices.said == {phone.id: "it answers 429"}


def test_the_longest_that_services_ask_for_is_waited_for(there: PushService) -> None:
    _, _, devices = two(there)
    there.statuses = {"phone": [429], "desk": [503]}
    there.retry_after = {429: "120", 503: "30"}
    with pytest.raises(FailedError, match="asks for") as raised:
        channel.send(way(there, devices), message())
    assert raised.value.wait_seconds == 120
    there.statuses = {"phone": [500]}
    with pytest.raises(FailedError) as raised:
        channel.send(way(there, devices, "key-2"), message())
    assert raised.value.wait_seconds == 0, "control: it asks for nothing"


def test_where_none_has_it_it_is_tried_as_every_message_is(there: PushService) -> None:
    phone = there.browser("phone")
    devices = Turned(phone)
    there.statuses["phone"] = [500] * 3
    for _ in range(3):
        with pytest.raises(FailedError, match="500"):
            channel.send(way(there, devices), message())
    channel.send(way(there, devices), message())
    assert len(there.titles(phone)) == 1


@pytest.mark.parametrize("host", ["a" * 64 + ".example.vn", "a..example.vn"])
def test_an_address_whose_host_cannot_be_a_name_holds_up_no_other(
    there: PushService, host: str
) -> None:
    phone, desk, devices = two(there)
    odd = json.dumps(phone.subscription | {"endpoint": f"https://{host}:{there.port}/push"})
    devices.there[phone.id] = devices.there[phone.id]._replace(address=odd)
    asked = way(there, devices)
    named = f"{there.host} example.vn:{there.port}"
    asked = asked._replace(configuration=structs.replace(asked.configuration, services=named))
    with pytest.raises(FailedError, match="no answer"):
        channel.send(asked, message())
    channel.send(asked, message())
    assert (len(there.titles(desk)), there.tried) == (1, 1)


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_no_more_is_taken_away_and_the_others_have_it(
    there: PushService, status: int
) -> None:
    phone, desk, devices = two(there)
    there.statuses["phone"] = [status]
    channel.send(way(there, devices), message())
    assert [one.id for one in devices.of(PERSON)] == [desk.id]
    assert devices.said[phone.id] == f"the push service says that it is no more ({status})"
    there.statuses["desk"] = [status]
    with pytest.raises(RefusedError, match="no more"):
        channel.send(way(there, devices, "key-2"), message())
    with pytest.raises(RefusedError, match="no device of theirs is turned on"):
        channel.send(way(there, devices, "key-3"), message())


def test_a_person_and_one_device_of_theirs_are_addressed_and_nobody_elses(
    there: PushService,
) -> None:
    phone, desk, devices = two(there)
    channel.send(way(there, devices, person=f"{PERSON}/{desk.id}"), message())
    assert (there.titles(phone), len(there.titles(desk))) == ([], 1)
    with pytest.raises(RefusedError, match="turned on"):
        channel.send(way(there, devices, person="duc"), message())


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "http://{host}/push/1"},
        {"endpoint": "https://127.0.0.1/push/1"},
        {"endpoint": "https://169.254.169.254/latest"},
        {"endpoint": "https://{host}.example.vn/"},
        {"endpoint": "https://example.vn/?{host}"},
        {"endpoint": "https://{host}@example.vn/"},
        {"endpoint": "https://{host}/" + "x" * 1000},
        {"endpoint": "https://{host}/ệ"},
        {"endpoint": "https://[::1"},
        {"endpoint": ""},
        {"p256dh": ""},
        {"p256dh": text(b"\4" + b"x" * 64)},
        {"p256dh": text(b"\4" + b"x" * 65)},
        {"auth": ""},
        {"auth": text(b"x" * 15)},
    ],
)
def test_what_is_no_subscription_at_a_named_service_is_refused(
    there: PushService, changes: dict[str, str]
) -> None:
    given = there.browser().subscription
    assert Subscription(**given).check(there.host) == "127.0.0.1"  # control
    spelt = {name: value.replace("{host}", there.host) for name, value in changes.items()}
    with pytest.raises(BadConfigurationError):
        Subscription(**given | spelt).check(there.host)


def test_a_subdomain_of_a_named_service_is_it_and_what_only_ends_alike_is_not() -> None:
    given = {"p256dh": "", "auth": ""}
    for host, there in (
        ("wns2-sg2p.notify.windows.com", True),
        ("fcm.googleapis.com", True),
        ("evilnotify.windows.com", False),
        ("fcm.googleapis.com.example.vn", False),
        ("storage.googleapis.com", False),
    ):
        with pytest.raises(BadConfigurationError) as refused:
            Subscription(endpoint=f"https://{host}/x", **given).check(channel.SERVICES)
        assert ("names" in str(refused.value)) is not there


def test_a_service_that_the_channel_no_longer_names_is_connected_to_no_more(
    there: PushService,
) -> None:
    devices = Turned(there.browser())
    asked = way(there, devices)
    moved, _ = checked("web_push", there.configuration | {"services": "fcm.googleapis.com"}, {})
    with pytest.raises(RefusedError, match="names"):
        channel.send(asked._replace(configuration=moved), message())
    assert there.tried == 0


@pytest.mark.parametrize(
    ("configuration", "secrets"),
    [
        ({"contact": ""}, {}),
        ({"contact": "ops@example.vn"}, {}),
        ({"contact": "http://example.vn"}, {}),
        ({"contact": "mailto:a b"}, {}),
        ({"services": ""}, {}),
        ({"services": "https://fcm.googleapis.com"}, {}),
        ({"services": "*"}, {}),
        ({}, {"private_key": "AA"}),
        ({}, {"private_key": "ệ"}),
    ],
)
def test_what_could_not_be_used_is_refused(
    there: PushService, configuration: dict[str, str], secrets: dict[str, str]
) -> None:
    if secrets.get("private_key") == "AA":  # 0 is no key
        secrets = {"private_key": text(b"\0" * 32)}
    with pytest.raises(BadConfigurationError):
        checked("web_push", there.configuration | configuration, secrets)


def test_the_pair_of_keys_is_made_once_and_only_its_public_one_is_seen(there: PushService) -> None:
    configuration, secrets = checked("web_push", there.configuration, {})
    again, same = checked(
        "web_push",
        there.configuration | {"public_key": "another"},
        {"private_key": secrets.private_key},
    )
    assert (again, same) == (configuration, secrets)
    assert checked("web_push", there.configuration, {})[0] != configuration, "another one each time"
    assert secrets.private_key not in repr((configuration, secrets))
    assert secrets.private_key not in repr(vapid.pair(secrets.private_key))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_too_long_is_cut_but_not_its_mark_and_its_links(language: str) -> None:
    written = message(
        subject="[DIỄN TẬP] " + "ệ" * 500, brief="\U0001f6a8" * 4000, language=language
    )
    said = notice.notice(written, "key-1")
    assert len(said) <= notice.MOST_BYTES
    found = json.loads(said)
    assert found["title"].startswith("[DIỄN TẬP] ")
    assert found["body"].endswith("…")
    assert found["open"] == f"/?alert={ALERT}" + ("&lang=en" if language == "en" else "")
    assert found["acknowledge"]["open"] == "/api/acknowledge?t=claim.mark"


def test_of_several_alerts_the_list_is_opened_and_of_a_test_the_settings() -> None:
    data = message().data[0]
    for changes, where, urgent in (
        ({"data": [data, data]}, "/", True),
        ({"data": [data | {"flood": {}, "severity": "low"}]}, "/", False),
        ({"data": [data | {"test": True, "alert": "", "severity": "low"}]}, "/settings", True),
        ({"data": [data | {"severity": "medium"}]}, f"/?alert={ALERT}", False),
    ):
        written = message(**changes)
        found = json.loads(notice.notice(written, "key-1"))
        assert (found["open"], notice.urgent(written)) == (where, urgent)
        assert found["stays"] is ("critical" in str(written.data))
        assert (found["tag"] == ALERT) is (where == f"/?alert={ALERT}")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_console_says_a_command_that_sets_the_channel(language: str) -> None:
    messages = ROOT / f"services/console/src/messages/{language}.json"
    (command,) = re.findall("cityops .*", json.loads(messages.read_text())["push.no_channel"])
    *start, name, flag, setting = command.split()
    assert [*start, flag] == ["cityops", "channel", "add", "push", "--type", "--set"]
    configuration, _ = checked(name, dict([setting.split("=")]), {})
    assert configuration.contact == "mailto:ops@example.vn"
