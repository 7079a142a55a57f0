"""The night shift in ten minutes: what fails when, and the server that its messages come to."""

import smtplib
from collections import Counter
from email.message import EmailMessage

import pytest

from services.commandline.mailbox import LARGEST, Mail, mailbox
from services.commandline.rehearsal import ADDRESSES, LAN, STEPS
from services.commands.demo.night import SCRIPT, alert_of, answered_by, clock, token_of
from simulators.demo.evening import assets, night, readings, rules
from streams.configuration.configured import NOTHING
from streams.events import SECOND, Incident, Micros, Tick
from tests.support.loops import Driver, controls

START: Micros = 1_795_000_000 * SECOND
NIGHT = night()
LINK = "http://127.0.0.1:8080/api/acknowledge?t=abc-D_e.fGh-1"
TEXT = f"""Nguy cấp: Giá trị thấp · Trạm 115

Xác nhận: {LINK}
Mở cảnh báo: http://127.0.0.1:8080/?alert=0f3a6c1e-2222-5333-8444-0123456789ab
"""


def played() -> list[Incident]:
    """What the rules find of it, in order."""
    driver = Driver()
    own = assets(NIGHT, 7)
    driver.feed(*controls([*own, *rules(NIGHT, 7, NOTHING)], time=START), Tick(START))
    number = 0
    for second in range(0, round(NIGHT.lasts_s) + 30, 5):
        now = START + second * SECOND
        driver.feed(Tick(now))
        if second < NIGHT.lasts_s:
            for name, draft in readings(NIGHT, 7, second, now):
                number += 1
                driver.feed(draft.stamped(name, now, number))
    return driver.incidents


def test_four_things_fail_one_of_them_critical_and_one_again_and_again() -> None:
    begun = [one for one in played() if one.revision == 0]
    assert Counter((one.sources[0], one.severity) for one in begun) == {
        ("night-tide-1", "medium"): 1,
        ("night-hotspot-1", "low"): 5,
        ("night-cable-1", "high"): 1,
        ("night-station-1", "critical"): 1,
    }
    assert {one.origin for one in begun} == {"simulated"}
    assert {one.ward for one in assets(NIGHT, 7)} == {"Diễn tập đêm"}


def test_what_is_announced_comes_when_it_is_said_to() -> None:
    seconds = [second for second, _ in SCRIPT]
    assert seconds == sorted(seconds)
    assert seconds[-1] < NIGHT.lasts_s
    (critical,) = [second for second, said in SCRIPT if "(critical)" in said]
    breaks = NIGHT.groups["station"].then["battery_charge"]
    assert breaks[0][0] <= critical <= breaks[1][0]
    # Each step of the policy is due while the condition lasts.
    later = [
        second for second, said in SCRIPT if "nobody has answered" in said or "nor for" in said
    ]
    for (after, _), second in zip(STEPS[1:], later, strict=True):
        assert breaks[1][0] + after * 60 <= second + 10
        assert second < breaks[2][0]


def send(port: int, *recipients: str, key: str = "k1", text: str = TEXT) -> None:
    message = EmailMessage()
    message["Subject"] = "[DIỄN TẬP] Nguy cấp: Giá trị thấp"
    message["Message-ID"] = f"<{key}@night.example>"
    message.set_content(text)
    message.add_alternative("<p>html</p>", subtype="html")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as line:
        line.send_message(message, "cityops@night.example", list(recipients))


def test_its_mail_server_takes_each_message_once_and_for_its_people_only() -> None:
    lan, minh = ADDRESSES
    taken: list[Mail] = []
    with mailbox(0, ADDRESSES, taken.append) as port:
        send(port, lan)
        send(port, lan)  # again, under the same key
        send(port, minh)
        send(port, lan, key="k2", text=f"{TEXT}.a line with a dot\n..\n")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(port, "mayor@city.example")
        with pytest.raises((smtplib.SMTPException, OSError)):
            send(port, lan, key="k3", text="x" * 70 + "\n" + ("y" * 70 + "\n") * (LARGEST // 70))
    assert [(one.key, answered_by(one)) for one in taken] == [
        ("k1", LAN),
        ("k1", "demo.minh"),
        ("k2", LAN),
    ]
    assert taken[0].subject == "[DIỄN TẬP] Nguy cấp: Giá trị thấp"
    assert taken[0].text == TEXT.strip()
    assert taken[2].text.endswith(".a line with a dot\n..")


def test_it_says_that_its_port_is_taken() -> None:
    with (
        mailbox(0, ADDRESSES, lambda _: None) as port,
        pytest.raises(OSError, match="in use"),
        mailbox(port, ADDRESSES, lambda _: None),
    ):
        pass


def test_a_message_is_answered_by_its_own_link() -> None:
    assert token_of(TEXT) == "abc-D_e.fGh-1"
    assert alert_of(TEXT) == "0f3a6c1e-2222-5333-8444-0123456789ab"
    assert token_of("no link") == alert_of("no link") == ""
    assert [clock(0), clock(145), clock(600)] == [" 0:00", " 2:25", "10:00"]
