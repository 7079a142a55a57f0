"""Who may publish what to the inputs shows its signature, not the account that got it in.

The control of each is the same message where no signature is asked for.
"""

import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from deploy.broker import signatures
from streams.control import KEY
from streams.events import (
    SECOND,
    BadMessage,
    ControlChange,
    DeadLetter,
    Event,
    Frame,
    Headers,
    Incident,
    Micros,
    Origin,
    Readings,
    Removed,
    Tick,
    encode,
    new_frame,
)
from streams.kafka import signing_keys
from streams.kafka.access import CITY, COMMAND, GATEWAY, MQTT, POLLER, RECEIVER, SIGNERS
from streams.kafka.signatures import Signatures
from streams.kafka.signers import VERIFIERS
from streams.kafka.signing import SIGNATURE, Signer, SigningError
from streams.kafka.signing_keys import Unsigned
from streams.quotas import UNKNOWN
from streams.recordings.rerun import take
from streams.runtime.partition import Outcome, Partition
from streams.settings import Settings
from streams.stages.detect import Detect
from streams.stages.interpret import Interpret
from streams.topics import DETECTIONS, FRAMES, READINGS
from tests.support import quay

TIME: Micros = 1_700_000_000_000_000
Place = tuple[str, int, int]
HERE: Place = (FRAMES, 1, 40)
ADDED = quay.configuration()[0]
ORDERS = [ControlChange(99, quay.START, Removed("source", quay.DIM))]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        state_dir=tmp_path, kafka_bootstrap="nowhere:9", input_signatures="required", partitions=2
    )
    signing_keys.make(made)
    return made


def as_account(settings: Settings, account: str) -> Settings:
    return msgspec.structs.replace(settings, kafka_user=account)


def frame(origin: Origin = "live", number: int = 1, picture: bytes = b"a picture") -> Frame:
    return new_frame("quay-3", TIME + number * SECOND, number, origin, picture)


def signed(
    settings: Settings, account: str, event: Event, place: Place = HERE
) -> tuple[Headers, bytes]:
    headers, value = encode(event)
    topic, partition, _ = place
    signer = Signer(as_account(settings, account))
    return signer.sign(topic, partition, headers, value), value


def refused(
    settings: Settings,
    headers: Headers,
    value: bytes,
    place: Place = HERE,
    reader: str = "detect",
) -> str:
    """The reason; empty: it is read."""
    try:
        Signatures(as_account(settings, reader)).read(*place, headers, value)
    except BadMessage as bad:
        return bad.reason
    return ""


ALL = [frame(origin) for origin in ("live", "recorded", "simulated", "replayed")] + [
    Tick(TIME),
    ControlChange(1, TIME, Removed("source", "quay-3")),
    Readings("gw", TIME, 1, "live", ("loop-1",), ("flow",), b"", b"", b""),
    Readings("gw", TIME, 1, "simulated", ("loop-1",), ("flow",), b"", b"", b""),
]
MAY = {
    GATEWAY: {0, 1, 4, 5, 6},
    CITY: {2, 7},
    RECEIVER: {6},
    MQTT: {6},
    POLLER: {6},
    COMMAND: set[int](),
}


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_key_signs_what_is_its_parts_to_say_and_nothing_else(
    settings: Settings, signer: str
) -> None:
    by = {"reader": COMMAND}  # who knows everybody's keys
    reasons = [refused(settings, *signed(settings, signer, event), **by) for event in ALL]
    may = {number for number, reason in enumerate(reasons) if not reason}
    assert may == MAY[signer]
    assert set(reasons) <= {"", "not_allowed"}


def test_control_where_none_is_required_everything_is_read(settings: Settings) -> None:
    open_ = msgspec.structs.replace(settings, input_signatures="none")
    assert {refused(open_, *encode(event)) for event in ALL} == {""}


def test_who_plays_a_recording_signs_what_is_replayed_and_only_there(settings: Settings) -> None:
    replay = msgspec.structs.replace(settings, namespace="replay-rush-hour")
    assert not refused(replay, *signed(replay, COMMAND, frame("replayed")), reader=COMMAND)
    assert not refused(replay, *signed(replay, COMMAND, Tick(TIME)), reader=COMMAND)
    for signer, origin in ((COMMAND, "live"), (GATEWAY, "live"), (CITY, "simulated")):
        message = signed(replay, signer, frame(origin))
        assert refused(replay, *message, reader=COMMAND) == "not_allowed"
    # What was signed for a replay counts nowhere else.
    taken_along = signed(replay, COMMAND, frame("replayed"))
    assert refused(settings, *taken_along, reader=COMMAND) == "not_allowed"


def _with(headers: Headers, name: str, value: bytes) -> Headers:
    return [(each, value if each == name else said) for each, said in headers]


def _signature(headers: Headers, change: Callable[[bytes], bytes]) -> Headers:
    name, said = headers[-1]
    assert name == SIGNATURE
    return [*headers[:-1], (name, change(said))]


ALTERED: dict[str, Callable[[Headers], Headers]] = {
    "origin": lambda headers: _with(headers, "ce_origin", b"recorded"),
    "source": lambda headers: _with(headers, "ce_source", b"quay-4"),
    "time": lambda headers: _with(headers, "ce_time", b"2026-11-29T00:00:00.000000Z"),
    "one more": lambda headers: [("ce_mark", b"detect/frames/0/1/0"), *headers],
    "one less": lambda headers: headers[1:],
    "in another order": lambda headers: [headers[1], headers[0], *headers[2:]],
    "cut": lambda headers: _signature(headers, lambda said: said[:-2]),
    "cut to nothing": lambda headers: _signature(headers, lambda said: said[:-64]),
    "empty": lambda headers: _signature(headers, lambda _: b""),
    "no text": lambda headers: _signature(headers, lambda _: b"\xff\x00::"),
    "of another key": lambda headers: _signature(
        headers, lambda said: b"gateway:00000000:" + said[-64:]
    ),
    "signed by two": lambda headers: [*headers, headers[-1]],
}


@pytest.mark.parametrize("how", ALTERED)
def test_a_signature_is_of_all_headers(settings: Settings, how: str) -> None:
    headers, value = signed(settings, GATEWAY, frame())
    assert not refused(settings, headers, value)
    assert refused(settings, ALTERED[how](headers), value) == "forged"


def test_a_signature_is_of_the_value(settings: Settings) -> None:
    """Of a frame by its checksum, which it covers."""
    headers, _ = signed(settings, GATEWAY, frame())
    assert refused(settings, headers, b"another picture") == "checksum"
    other = frame(picture=b"another picture")
    assert refused(settings, _with(headers, "ce_sha256", other.sha256.encode()), other.jpeg) == (
        "forged"
    )
    headers, _ = signed(settings, GATEWAY, Tick(TIME))
    assert refused(settings, headers, encode(Tick(TIME + 1))[1]) == "forged"


@pytest.mark.parametrize("place", [(READINGS, 1, 40), (FRAMES, 0, 40)])
def test_a_signature_is_of_one_place(settings: Settings, place: Place) -> None:
    message = signed(settings, GATEWAY, Tick(TIME))
    assert refused(settings, *message, place) == "forged"
    elsewhere = msgspec.structs.replace(settings, namespace="other")
    assert refused(elsewhere, *message) == "forged"


def test_nobodys_messages_count_up_to_where_signing_began(settings: Settings) -> None:
    headers, value = encode(frame("live"))
    assert refused(settings, headers, value) == "unsigned"
    signing_keys.fix_unsigned(settings, Unsigned("topics", {"frames/1": 41}))
    signing_keys.hand_out(settings)
    assert not refused(settings, headers, value, (FRAMES, 1, 40))
    for place in ((FRAMES, 1, 41), (FRAMES, 0, 0), (READINGS, 1, 0)):
        assert refused(settings, headers, value, place) == "unsigned"


def test_a_renewed_key_is_taken_without_a_restart_and_the_one_before_holds_on(
    settings: Settings,
) -> None:
    reader, signer = Signatures(as_account(settings, "detect")), Signer(as_account(settings, CITY))

    def sign(number: int) -> tuple[Headers, bytes]:
        headers, value = encode(frame("simulated", number))
        signer._looked = 0.0  # a second has passed
        return signer.sign(*HERE[:2], headers, value), value

    first = sign(1)
    reader.read(*HERE, *first)
    signing_keys.renew(settings, CITY, {})
    second = sign(2)
    assert second[0][-1][1][:13] != first[0][-1][1][:13]
    for message in (first, second):
        reader.read(*HERE, *message)
    signing_keys.renew(settings, CITY, {"frames/1": 41})
    assert not refused(settings, *second)
    # The third lets the first go: what it has signed still counts where it lies.
    assert not refused(settings, *first, (FRAMES, 1, 40))
    assert refused(settings, *first, (FRAMES, 1, 41)) == "forged"
    signing_keys.revoke(settings, CITY, {"frames/1": 50})
    assert refused(settings, *second, (FRAMES, 1, 50)) == "forged"
    assert not refused(settings, *second, (FRAMES, 1, 49))
    assert not refused(settings, *sign(3), (FRAMES, 1, 50))


@pytest.mark.parametrize("fixed", [None, Unsigned("before", {"frames/1": 90})])
def test_a_revoked_key_stays_so_where_topics_are_made_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, fixed: Unsigned | None
) -> None:
    """Their offsets begin again, below what it held up to."""
    stolen = signed(settings, CITY, frame("simulated"))
    signing_keys.renew(settings, CITY, {})
    signing_keys.revoke(settings, CITY, {"frames/1": 90})
    assert not refused(settings, *stolen)
    if fixed:
        signing_keys.fix_unsigned(settings, fixed)
    monkeypatch.setattr(signatures, "topics_id", lambda _: "anew")
    monkeypatch.setattr(signatures, "ends", lambda _: {"frames/1": 0})
    signatures.begin_signing(settings)
    assert refused(settings, *stolen) == "forged"
    assert not refused(settings, *signed(settings, CITY, frame("simulated")))
    before = signing_keys.signing(settings, CITY).stat().st_ino
    signatures.begin_signing(settings)  # as at each start
    assert signing_keys.signing(settings, CITY).stat().st_ino == before


def test_keys_of_two_parts_are_renewed_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What one tells verifiers is not taken back by another that has read the files before."""
    other = Thread(target=signing_keys.renew, args=(settings, CITY, {}))
    real = signing_keys.write_secret

    def slow(path: Path, text: str) -> None:
        if not other.ident:
            other.start()
            other.join(0.3)  # by then it has ended, or waits
        real(path, text)

    with monkeypatch.context() as patch:
        patch.setattr(signing_keys, "write_secret", slow)
        signing_keys.renew(settings, GATEWAY, {})
        other.join()
    for signer, event in ((GATEWAY, frame()), (CITY, frame("simulated"))):
        for reader in ("detect", "streams", "alerts"):
            assert not refused(settings, *signed(settings, signer, event), reader=reader)


def test_whoever_is_interrupted_while_renewing_has_lost_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(signing_keys, "_write", die)
        with pytest.raises(OSError, match="space"):
            signing_keys.renew(settings, GATEWAY, {})
    assert not refused(settings, *signed(settings, GATEWAY, frame()))
    signing_keys.make(settings)
    signing_keys.renew(settings, GATEWAY, {})
    assert not refused(settings, *signed(settings, GATEWAY, frame()))


def test_keys_are_secret_and_verifiers_have_those_that_they_need(settings: Settings) -> None:
    files = sorted(settings.secret("x").parent.iterdir())
    assert {path.name for path in files} == {
        *(f"signing-{name}" for name in SIGNERS),
        *(f"verifying-{name}" for name in VERIFIERS),
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    known = signing_keys.verifying_of(signing_keys.verifying(settings, "detect"))
    assert known.keys.keys() == {GATEWAY, CITY}
    before = [path.stat().st_ino for path in files]
    signing_keys.make(settings)  # as at each start
    assert [path.stat().st_ino for path in files] == before


def test_who_has_no_key_is_told_what_to_do(settings: Settings) -> None:
    with pytest.raises(SigningError, match="make up"):
        signed(settings, "writer", frame())


# --- what comes of it ---------------------------------------------------------------------------


class Played:
    """The stages that see pictures, on one partition, told by the gateway of the quay's cameras."""

    def __init__(self, settings: Settings) -> None:
        self.settings = msgspec.structs.replace(settings, partitions=1)
        self.read = Signatures(as_account(settings, "detect")).read
        self.detect = Partition(Detect.from_settings(self.settings), 0, 1)
        self.interpret = Partition(Interpret(1), 0, 1)
        self.letters: Counter[str] = Counter()
        self.incidents: list[Incident] = []
        for number, change in enumerate(quay.configuration(), 1):
            self.put(GATEWAY, ControlChange(number, quay.START, change))
        self.put(GATEWAY, Tick(quay.START))
        assert not self.letters

    def put(self, account: str, event: Event) -> None:
        """As that account publishes it; empty: unsigned."""
        place = FRAMES, 0, self.detect.next_offset
        message = signed(self.settings, account, event, place) if account else encode(event)
        taken = take(self.detect, *message, read=lambda *said: self.read(*place, *said))
        for out in taken.outputs:
            if out.topic == DETECTIONS:
                self.see(take(self.interpret, *encode(out.event, out.mark)))
        self.see(taken)

    def see(self, outcome: Outcome) -> None:
        for out in outcome.outputs:
            if isinstance(out.event, DeadLetter):
                self.letters[out.event.reason] += 1
            elif isinstance(out.event, Incident):
                self.incidents.append(out.event)

    def dark(self, account: str, origin: Origin) -> None:
        """Half a minute of a camera that somebody says has gone dark."""
        jpeg = quay.picture(quay.DIM, quay.DARK.start * 4)
        for number in range(120):
            time = quay.START + number * quay.PERIOD + 1000
            self.put(account, new_frame(quay.DIM, time, number + 1, origin, jpeg))
            if number % 4 == 3:
                self.put(GATEWAY, Tick(quay.START + (number + 1) * quay.PERIOD))


FORGERS = [(CITY, "live"), (CITY, "recorded"), (COMMAND, "live"), ("", "live"), ("", "simulated")]


@pytest.mark.parametrize(("account", "origin"), FORGERS)
def test_a_forged_picture_is_a_dead_letter_and_no_incident(
    settings: Settings, account: str, origin: Origin
) -> None:
    played = Played(settings)
    played.dark(account, origin)
    assert not [each for each in played.incidents if each.kind == "camera_dark"]
    (reason,) = played.letters
    assert reason == ("not_allowed" if account else "unsigned")
    assert played.detect.counts["dead_lettered"] == 120
    # What the forger says uses up nobody's quota but that of those whom nobody knows.
    assert played.detect.quotas.keys() == {UNKNOWN}


@pytest.mark.parametrize(("account", "origin"), FORGERS)
def test_control_without_the_check_it_raises_the_alert(
    settings: Settings, account: str, origin: Origin
) -> None:
    played = Played(msgspec.structs.replace(settings, input_signatures="none"))
    played.dark(account, origin)
    assert [each.origin for each in played.incidents if each.kind == "camera_dark"] == [origin]


def test_what_the_gateway_signs_raises_it(settings: Settings) -> None:
    played = Played(settings)
    played.dark(GATEWAY, "live")
    assert [each.origin for each in played.incidents if each.kind == "camera_dark"] == ["live"]
    assert not played.letters


@pytest.mark.parametrize("event", [Tick(quay.START + 3600 * SECOND), *ORDERS])
def test_the_citys_key_moves_neither_time_nor_configuration(
    settings: Settings, event: Event
) -> None:
    played = Played(settings)
    before = played.detect.states[KEY]
    played.put(CITY, event)
    assert played.letters == {"not_allowed": 1}
    assert played.detect.states[KEY] is before
    played.put(GATEWAY, event)
    assert played.detect.states[KEY] is not before


def test_what_was_signed_and_comes_again_changes_nothing(settings: Settings) -> None:
    """Whoever keeps a signed message may send it again; stages know what they have taken."""
    played = Played(settings)
    played.dark(GATEWAY, "live")
    found, control = list(played.incidents), played.detect.states[KEY]
    jpeg = quay.picture(quay.DIM, quay.DARK.start * 4)
    old = new_frame(quay.DIM, quay.START + 1000, 1, "live", jpeg)
    for event in (old, Tick(quay.START + SECOND), ControlChange(1, quay.START, ADDED)):
        played.put(GATEWAY, event)
    assert played.incidents == found
    assert played.detect.states[KEY] is control
