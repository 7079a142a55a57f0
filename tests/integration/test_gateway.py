import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import psycopg
import pytest

from deploy.local.prepare import leave_city_out
from services.gateway import configuration
from services.gateway.main import Gateway
from services.gateway.orders import CameraOrder, add_camera, remove_camera
from streams import control, stamps
from streams.configuration import clock_orders
from streams.configuration.check import InvalidChangeError, whole
from streams.configuration.configured import in_order
from streams.configuration.log import (
    NotPublishedError,
    append,
    append_missing,
    current,
    read,
    rest,
    topics_id,
    wait_published,
)
from streams.control import EMPTY, Control
from streams.database import connect
from streams.events import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    ActiveModel,
    ControlChange,
    Frame,
    Incident,
    Place,
    Removed,
    Rule,
    Source,
    Tick,
    Zone,
)
from streams.forms import CONTROL_LOG, NewerFormError
from streams.kafka.access import CITY
from streams.kafka.broker import create_topics, delete_topics
from streams.kafka.heartbeat import read_heartbeats
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.topics import CORRELATED, FRAMES, INPUTS, partition_of
from tests.support.gateway import gateway_process
from tests.support.logs import Logged, read_log
from tests.support.nursery import Nursery
from tests.support.servers import Servers
from tests.support.waiting import PATIENCE_SECONDS, eventually

CAMERA = Source("cam-1", "camera", "Ngã tư", "Junction", "simulated", Place(20.86, 106.68))
ZONE = Zone("zone-1", "cam-1", "Vỉa hè", "Pavement", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
RULE = Rule("rule-1", "intrusion", "high", zones=("zone-1",), parameters={"dwell_seconds": 2.5})
MODEL = ActiveModel("detection", "street_detector@1.0.0")


@contextmanager
def gateway(settings: Settings) -> Iterator[None]:
    """A gateway in this process, which must end by itself and without a failure."""
    stop, failures = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            Gateway(settings, stop).run()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    assert not failures


@pytest.fixture
def database(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connect(settings, "test", autocommit=True) as connection:
        yield connection


def film(path: Path, pictures: int, fps: float = 10.0) -> Path:
    """A small video: picture n is a grey of 20 n."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (64, 48))
    for number in range(pictures):
        writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
    writer.release()
    return path


def frames_of(settings: Settings, camera: str) -> list[Frame]:
    log = read_log(settings, FRAMES)
    return [one.event for one in log if isinstance(one.event, Frame) and one.event.camera == camera]


def grey(frame: Frame) -> int:
    picture = cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    return round(float(picture.mean()) / 20)


def by_partition(settings: Settings, log: list[Logged], kind: type) -> list[list[Any]]:
    return [
        [one.event for one in log if one.partition == number and isinstance(one.event, kind)]
        for number in range(settings.partitions)
    ]


def newest_tick(settings: Settings) -> int:
    return max(
        (one.event.time for one in read_log(settings, FRAMES) if type(one.event) is Tick), default=0
    )


def test_ticks_and_changes_are_in_every_input_partition_in_order_also_after_sigkill(
    settings: Settings, tmp_path: Path, nursery: Nursery
) -> None:
    append_missing(settings, [CAMERA, ZONE], "test")
    with gateway_process(settings, tmp_path / "log", nursery) as process:
        wait_published(settings, 2)
        eventually(lambda: newest_tick(settings))
        process.send_signal(signal.SIGKILL)
    before = newest_tick(settings)
    last = append_missing(settings, [RULE, MODEL], "test")
    with gateway_process(settings, tmp_path / "log", nursery):
        wait_published(settings, last)
        eventually(lambda: newest_tick(settings) > before)

    for topic in INPUTS:
        log = read_log(settings, topic)
        for ticks in by_partition(settings, log, Tick):
            assert ticks
            assert all(a.time <= b.time for a, b in pairwise(ticks))
            assert all(tick.time % SECOND == 0 for tick in ticks)
        for changes in by_partition(settings, log, ControlChange):
            # What the crash left in doubt may come again; it never comes early.
            taken = [change.change for change in _in_effect(changes)]
            assert taken == [CAMERA, ZONE, whole(RULE), MODEL]


def _in_effect(changes: list[ControlChange]) -> list[ControlChange]:
    """Those that a stage takes: above all before them, one by one."""
    taken: list[ControlChange] = []
    for change in changes:
        if change.sequence > len(taken):
            assert change.sequence == len(taken) + 1
            taken.append(change)
    return taken


def test_sigterm_ends_the_gateway_cleanly_even_with_a_camera_that_hangs(
    settings: Settings, database: psycopg.Connection[Any], tmp_path: Path, nursery: Nursery
) -> None:
    good = film(tmp_path / "good.avi", 10)
    add_camera(database, settings, CameraOrder(id="good", address=str(good), loop=True), "test")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and never says a word
        address = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/1"
        add_camera(database, settings, CameraOrder(id="hangs", address=address), "test")
        with gateway_process(settings, tmp_path / "log", nursery) as process:
            silent.settimeout(30)
            taken, _ = silent.accept()
            eventually(lambda: frames_of(settings, "good"))
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0
        taken.close()
    assert b"Traceback" not in (tmp_path / "log").read_bytes()


def test_nothing_is_lost_or_doubled_when_kafka_is_killed_and_comes_back(
    settings: Settings,
    servers: Servers,
    database: psycopg.Connection[Any],
    tmp_path: Path,
    nursery: Nursery,
) -> None:
    settings = msgspec.structs.replace(settings, kafka_bootstrap=servers.kafka().bootstrap)
    create_topics(settings)
    path = str(film(tmp_path / "film.avi", 10))
    add_camera(database, settings, CameraOrder(id="film", address=path, loop=True), "test")
    with gateway_process(settings, tmp_path / "log", nursery) as process:
        eventually(lambda: frames_of(settings, "film"))
        servers.kill_kafka()
        time.sleep(2)  # what is published meanwhile waits in the gateway
        servers.kafka()
        back = wall_clock()
        eventually(lambda: newest_tick(settings) > back, within_seconds=60)
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    frames = frames_of(settings, "film")
    assert [frame.sequence for frame in frames] == list(range(1, len(frames) + 1))
    for ticks in by_partition(settings, read_log(settings, FRAMES), Tick):
        assert all(a.time < b.time for a, b in pairwise(ticks))
    delete_topics(settings)


def test_changes_are_published_again_once_the_database_is_back(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    with gateway(settings):
        wait_published(settings, append_missing(settings, [CAMERA], "test"))
        ended = database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s",
            (f"cityops {settings.namespace} gateway",),
        ).fetchall()
        assert ended == [(True,)]
        wait_published(settings, append_missing(settings, [ZONE], "test"))
    for changes in by_partition(settings, read_log(settings, FRAMES), ControlChange):
        assert [change.change for change in _in_effect(changes)] == [CAMERA, ZONE]


def test_after_a_restore_the_log_goes_on_above_all_that_was_published(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    other = msgspec.structs.replace(CAMERA, id="cam-2")
    append_missing(settings, [CAMERA, ZONE], "test")
    with gateway(settings):
        wait_published(settings, 2)
        backup = database.execute("SELECT * FROM control_published").fetchall()
        wait_published(settings, append_missing(settings, [RULE, other, MODEL], "test"))
    _restore(database, backup)
    assert append_missing(settings, [MODEL], "before the gateway is back") > 2
    with gateway(settings):
        # Camera, zone and model are said again; rule and camera of after the backup are gone.
        eventually(lambda: _newest(database) == 10)
        last = append_missing(settings, [RULE], "test")
        assert last == 11
        wait_published(settings, last)
    for changes in by_partition(settings, read_log(settings, FRAMES), ControlChange):
        known = EMPTY
        for event in changes:
            known = control.change(known, event)
        assert known.sequence == 11
        assert set(known.sources) == {"cam-1"}
        assert set(known.zones) == {"zone-1"}
        assert known.rules == {"rule-1": whole(RULE)}
        # The control: by its number alone the rule would have been ignored.
        assert control.change(folded_until(changes, 5), ControlChange(3, 0, RULE)).sequence == 5


def folded_until(changes: list[ControlChange], sequence: int) -> Control:
    known = EMPTY
    for event in changes:
        if event.sequence <= sequence:
            known = control.change(known, event)
    return known


def _restore(database: psycopg.Connection[Any], published: list[Any]) -> None:
    """The log as the backup had it, of two changes."""
    database.execute("ALTER TABLE control_log DISABLE TRIGGER append_only")
    database.execute("DELETE FROM control_log WHERE sequence > 2")
    database.execute("ALTER TABLE control_log ENABLE TRIGGER append_only")
    database.execute("DELETE FROM control_published")
    for row in published:
        database.execute("INSERT INTO control_published VALUES (%s, %s, %s)", row)


def _newest(database: psycopg.Connection[Any]) -> int:
    row = database.execute("SELECT max(sequence) FROM control_log").fetchone()
    return int(row[0]) if row else 0


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """[by how much the gateway's machine's clock is ahead], to be set."""
    ahead = [0]
    right = stamps.wall_clock
    defaults = (lambda: right() + ahead[0], stamps.steady_clock)
    monkeypatch.setattr(stamps.StampClock.__init__, "__defaults__", defaults)
    return ahead


def published_ticks(settings: Settings) -> int:
    return sum(isinstance(one.event, Tick) for one in read_log(settings, FRAMES))


def ahead(settings: Settings) -> int:
    beat = read_heartbeats(settings).get("gateway")
    return beat.clock_ahead if beat else 0


@pytest.mark.parametrize("by", [40 * DAY, 10 * MINUTE, -7 * DAY])
def test_a_clock_that_is_set_is_not_followed_and_said(
    settings: Settings, wall: list[int], by: int
) -> None:
    with gateway(settings):
        eventually(lambda: newest_tick(settings))
        wall[0] = by
        eventually(lambda: ahead(settings))
        assert abs(ahead(settings) - by) < MINUTE
        seen = newest_tick(settings)
        eventually(lambda: newest_tick(settings) > seen)
        wall[0] = 0
        eventually(lambda: not ahead(settings))
    for ticks in by_partition(settings, read_log(settings, FRAMES), Tick):
        assert all(SECOND <= b.time - a.time <= 3 * SECOND for a, b in pairwise(ticks))
        assert abs(ticks[-1].time - wall_clock()) < MINUTE
    raised, ended = [
        one.event for one in read_log(settings, CORRELATED) if isinstance(one.event, Incident)
    ]
    assert (raised.kind, raised.end, raised.revision) == ("system_clock", None, 0)
    assert raised.subject.endswith("ahead" if by > 0 else "behind")
    assert (ended.id, ended.revision) == (raised.id, 1)
    assert ended.end >= raised.start


def test_a_clock_is_taken_over_when_somebody_says_so(
    settings: Settings, database: psycopg.Connection[Any], wall: list[int]
) -> None:
    with gateway(settings):
        eventually(lambda: newest_tick(settings))
        wall[0] = 3 * HOUR
        eventually(lambda: ahead(settings))
        assert clock_orders.wait(database, clock_orders.ask(database, HOUR, "test"), 10) is False
        order = clock_orders.ask(database, ahead(settings), "test")
        assert clock_orders.wait(database, order, 10) is True
        eventually(lambda: newest_tick(settings) > wall_clock() + 2 * HOUR)
        eventually(lambda: not ahead(settings))
    for ticks in by_partition(settings, read_log(settings, FRAMES), Tick):
        known = EMPTY
        for event in ticks:
            known = control.tick(known, event)  # none is refused
        assert known.tick > wall_clock() + 2 * HOUR
    assert clock_orders.wait(database, clock_orders.ask(database, HOUR, "test"), 0.1) is None


def test_event_time_goes_back_when_somebody_says_so(
    settings: Settings, database: psycopg.Connection[Any], wall: list[int]
) -> None:
    def accept() -> None:
        eventually(lambda: ahead(settings))
        order = clock_orders.ask(database, ahead(settings), "test")
        assert clock_orders.wait(database, order, 10) is True
        eventually(lambda: not ahead(settings))

    with gateway(settings):
        eventually(lambda: newest_tick(settings))
        wall[0] = 40 * DAY
        accept()
        eventually(lambda: newest_tick(settings) > wall_clock() + 39 * DAY)
        wall[0] = 0
        accept()
        ticked = published_ticks(settings)
        eventually(lambda: published_ticks(settings) > ticked + 2 * settings.partitions)
    with gateway(settings):  # nor is it anywhere else after a restart
        ticked = published_ticks(settings)
        eventually(lambda: published_ticks(settings) > ticked + 2 * settings.partitions)
    for ticks in by_partition(settings, read_log(settings, FRAMES), Tick):
        known, went_back = EMPTY, 0
        for event in ticks:
            before, known = known, control.tick(known, event)  # none is refused
            went_back += control.went_back(before, known)
        assert went_back == 1
        assert abs(known.tick - wall_clock()) < MINUTE
    told = [
        one.event
        for one in read_log(settings, CORRELATED)
        if isinstance(one.event, Incident) and one.event.subject == "event time undone"
    ]
    assert [(each.revision, each.end is not None) for each in told] == [(0, True)]
    assert told[0].start > wall_clock() + 39 * DAY


def test_topics_created_anew_get_the_whole_log(settings: Settings) -> None:
    append_missing(settings, [CAMERA, ZONE], "test")
    with gateway(settings):
        wait_published(settings, 2)
    before = topics_id(settings)
    delete_topics(settings)
    eventually(lambda: _created(settings))
    assert topics_id(settings) != before
    with gateway(settings):
        wait_published(settings, 2)
    for changes in by_partition(settings, read_log(settings, FRAMES), ControlChange):
        assert [change.change for change in changes] == [CAMERA, ZONE]


def _created(settings: Settings) -> bool:
    """Kafka deletes in the background, and refuses a name for as long."""
    try:
        create_topics(settings)
    except Exception:
        return False
    return True


def test_a_file_becomes_a_camera_whose_frames_are_stamped_announced_and_looped(
    settings: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    started = wall_clock()
    order = CameraOrder(id="film", address=str(film(tmp_path / "film.avi", 10)), loop=True)
    add_camera(database, settings, order, "test")
    with gateway(settings):
        eventually(lambda: len(frames_of(settings, "film")) >= 12)
        eventually(lambda: _detail(settings) == "")
        eventually(lambda: "film" in read_heartbeats(settings)["gateway"].sources)
    frames = frames_of(settings, "film")

    # Every other picture of 10 a second, from the start again at the end.
    assert [grey(frame) for frame in frames] == [0, 2, 4, 6, 8] * (len(frames) // 5) + [
        0, 2, 4, 6, 8][: len(frames) % 5]  # fmt: skip
    assert {frame.origin for frame in frames} == {"recorded"}
    assert [frame.sequence for frame in frames] == list(range(1, len(frames) + 1))
    assert all(a.time < b.time for a, b in pairwise(frames))
    assert all(started < frame.time < wall_clock() for frame in frames)
    (first,) = {one.offset for one in read_log(settings, FRAMES) if one.event == frames[0]}
    announced = [
        one.offset
        for one in read_log(settings, FRAMES)
        if isinstance(one.event, ControlChange) and one.event.change.id == "film"
    ]
    assert min(announced) < first


def test_a_restarted_camera_goes_on_above_its_last_stamp(
    settings: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    order = CameraOrder(id="film", address=str(film(tmp_path / "film.avi", 10)), loop=True)
    add_camera(database, settings, order, "test")
    for runs in (1, 2):
        with gateway(settings):
            eventually(lambda enough=4 * runs: len(frames_of(settings, "film")) >= enough)
    frames = frames_of(settings, "film")
    assert all(a.time < b.time and a.sequence < b.sequence for a, b in pairwise(frames))


def test_a_source_that_vanished_is_opened_again_and_the_others_go_on(
    settings: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    stays, goes = film(tmp_path / "stays.avi", 5), film(tmp_path / "goes.avi", 5)
    for name, path in (("stays", stays), ("goes", goes)):
        add_camera(database, settings, CameraOrder(id=name, address=str(path), loop=True), "test")
    with gateway(settings):
        eventually(lambda: frames_of(settings, "goes"))
        goes.rename(tmp_path / "gone.avi")
        eventually(lambda: "goes: there is no such file" in _detail(settings))
        before, others = len(frames_of(settings, "goes")), len(frames_of(settings, "stays"))
        (tmp_path / "gone.avi").rename(goes)
        eventually(lambda: len(frames_of(settings, "goes")) > before)
        eventually(lambda: len(frames_of(settings, "stays")) > others)
        eventually(lambda: not _detail(settings))


def _detail(settings: Settings) -> str:
    beat = read_heartbeats(settings).get("gateway")
    return beat.detail if beat else "no heartbeat yet"


def test_cameras_come_and_go_while_the_gateway_runs(
    settings: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    path = str(film(tmp_path / "film.avi", 10))
    with gateway(settings):
        eventually(lambda: "gateway" in read_heartbeats(settings))
        add_camera(database, settings, CameraOrder(id="film", address=path, loop=True), "test")
        eventually(lambda: frames_of(settings, "film"))
        wait_published(settings, remove_camera(database, "film", "test"))
        eventually(lambda: _still(lambda: len(frames_of(settings, "film"))))
    assert current(settings).sources == {}


def _still(count: Callable[[], int]) -> bool:
    """Whether the count has not moved for three frames' time."""
    before = count()
    time.sleep(0.6)
    return count() == before


def test_a_file_that_ends_without_a_loop_is_watched_for_no_longer(
    settings: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    add_camera(
        database, settings, CameraOrder(id="once", address=str(film(tmp_path / "a.avi", 6))), "test"
    )
    assert current(settings).sources["once"].period == 0
    another = Source(
        "other", "camera", "Khác", "Other", "simulated", Place(20.8, 106.7), period=SECOND
    )
    append(database, [another], "test")
    assert rest(database, {"other": "ended"}, "another simulator") == 1
    with gateway(settings):
        eventually(lambda: "once: ended" in _detail(settings))
        eventually(lambda: _rests(settings, "once") == ["", "ended"])
        time.sleep(2 * configuration.POLL_SECONDS)
    assert current(settings).sources["other"].rests == "ended", "whose simulator says so"
    assert [grey(frame) for frame in frames_of(settings, "once")] == [0, 2, 4]
    with gateway(settings):  # it is played again
        eventually(lambda: _rests(settings, "once") == ["", "ended", "", "ended"])
    asked = CameraOrder(id="once", address=str(tmp_path / "a.avi"))
    before = current(settings).sequence
    assert add_camera(database, settings, asked, "test") == before, "nothing is changed by that"


def _rests(settings: Settings, camera: str) -> list[str]:
    """What was published of it, one after the other."""
    log = [one.event for one in read_log(settings, FRAMES) if one.partition == 0]
    changes = [event.change for event in log if isinstance(event, ControlChange)]
    return [one.rests for one in changes if isinstance(one, Source) and one.id == camera]


def test_what_the_city_announced_is_switched_off_where_it_is_left_out(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    theirs = msgspec.structs.replace(CAMERA, id="cam-2")
    append_missing(settings, [CAMERA, ZONE, RULE], CITY)
    ours = msgspec.structs.replace(CAMERA, id="cam-3", origin="live", address="rtsp://cam-3/")
    append_missing(settings, [theirs], "test")
    append_missing(settings, [msgspec.structs.replace(CAMERA, id="cam-3")], CITY)
    append_missing(settings, [ours], "test")
    assert leave_city_out(database) == 1
    assert leave_city_out(database) == 0
    known = current(settings)
    assert [(one.id, one.rests) for one in in_order(known.sources)] == [
        ("cam-1", "off"),
        ("cam-2", ""),
        ("cam-3", ""),
    ]
    assert list(known.zones) == ["zone-1"]
    announce = append_missing(settings, [CAMERA, ZONE, RULE], CITY)
    assert current(settings).sources["cam-1"] == CAMERA
    assert announce == known.sequence + 1


def test_the_same_configuration_is_appended_once(settings: Settings) -> None:
    things = [CAMERA, ZONE, RULE, MODEL]
    assert append_missing(settings, things, "city") == 4
    assert append_missing(settings, things, "city") == 4
    assert append_missing(settings, [*things, Removed("rule", "no-such")], "city") == 4
    assert append_missing(settings, [Removed("rule", "rule-1")], "city") == 5
    control = current(settings)
    assert (control.sources, control.zones) == ({"cam-1": CAMERA}, {"zone-1": ZONE})
    assert (control.rules, control.models) == ({}, {"detection": MODEL.model})


def test_of_changes_that_belong_together_all_are_appended_or_none(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    with pytest.raises(InvalidChangeError, match="no camera"):
        append(database, [CAMERA, Zone("z", "cam-2", "a", "b", ZONE.polygon)], "test")
    assert read(database) == []
    order = CameraOrder(id="cam-1", address="/x.avi", rules=(Rule("r", "crowd", "low", ("no",)),))
    with pytest.raises(InvalidChangeError, match="no source"):
        add_camera(database, settings, order, "test")
    assert read(database) == []
    assert database.execute("SELECT count(*) FROM camera_addresses").fetchone() == (0,)


def test_the_log_cannot_be_rewritten(settings: Settings, database: psycopg.Connection[Any]) -> None:
    append(database, [CAMERA], "test")
    for statement in (
        "UPDATE control_log SET actor = 'somebody else'",
        "DELETE FROM control_log",
        "TRUNCATE control_log",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="append only"):
            database.execute(statement)


def test_a_change_of_a_later_release_is_never_misread(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    append(database, [CAMERA], "test")
    assert database.execute("SELECT form FROM control_log").fetchall() == [(1,)]
    later = CONTROL_LOG + 1
    database.execute(
        "INSERT INTO control_log (sequence, time, actor, form, change)"
        " VALUES (2, now(), 'tomorrow', %s, '[\"source\", \"new\"]')",
        (later,),
    )
    told = rf"control_log .* form {later}, .* up to {CONTROL_LOG}: run"
    for reading in (
        lambda: read(database),
        lambda: append(database, [ZONE], "test"),
        Gateway(settings, threading.Event()).run,
    ):
        with pytest.raises(NewerFormError, match=told):
            reading()


def test_credentials_stay_in_the_table_that_only_the_owner_reads(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    address = "rtsp://lan:s3cret@10.0.0.5:554/ch1?token=t0ken"
    add_camera(database, settings, CameraOrder(id="gate", address=address), "test")
    source = current(settings).sources["gate"]
    assert (source.address, source.origin) == ("rtsp://10.0.0.5:554/ch1", "live")
    row = database.execute("SELECT string_agg(change::text, '') FROM control_log").fetchone()
    assert row is not None
    assert "s3cret" not in row[0]
    assert "t0ken" not in row[0]
    database.execute("SET ROLE cityops_analyst")
    assert database.execute("SELECT count(*) FROM control_log").fetchone() == (1,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute("SELECT * FROM camera_addresses")


def test_removing_a_camera_never_widens_a_rule(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    other = CameraOrder(id="cam-2", address="/y.avi", loop=True)
    first = CameraOrder(id="cam-1", address="/x.avi", loop=True, zones=(ZONE,))
    add_camera(database, settings, first, "test")
    add_camera(database, settings, other, "test")
    both = Rule("both", "silence", "low", ("cam-1", "cam-2"))
    append(database, [RULE, both, Rule("city", "crowd", "low")], "test")
    remove_camera(database, "cam-1", "test")
    control = current(settings)
    assert sorted(control.sources) == ["cam-2"]
    assert control.zones == {}
    assert sorted(control.rules) == ["both", "city"]
    assert control.rules["both"].sources == ("cam-2",)


def test_a_rule_from_before_there_were_bounds_holds_no_camera_fast(
    settings: Settings, database: psycopg.Connection[Any]
) -> None:
    for name in ("cam-1", "cam-2"):
        add_camera(database, settings, CameraOrder(id=name, address="/x.avi", loop=True), "test")
    old = Rule("old", "silence", "low", ("cam-1", "cam-2"), parameters={"silence_seconds": 0.0})
    database.execute(
        "INSERT INTO control_log (sequence, time, actor, form, change)"
        " VALUES (3, now(), 'yesterday', 1, %s)",
        (msgspec.json.encode(old).decode(),),
    )
    add_camera(
        database, settings, CameraOrder(id="cam-2", address="/x.avi"), "test"
    )  # a file that ends
    remove_camera(database, "cam-1", "test")
    left = current(settings).rules["old"]
    assert (left.sources, left.parameters["least_seconds"]) == (("cam-2",), 0)
    new = Rule("new", "no_data", "low", ("cam-2",))
    with pytest.raises(InvalidChangeError, match="cam-2: its period is not known"):
        append(database, [new], "test")


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (CameraOrder(id="a/b", address="/x.avi"), "camera id"),
        (CameraOrder(id="a", address=""), "address"),
        (CameraOrder(id="a", address="gopher://x"), "no scheme 'gopher'"),
        (CameraOrder(id="a", address="/x.avi", fps=0), "fps"),
        (CameraOrder(id="a", address="/x.avi", model="yolox"), "name@version"),
    ],
)
def test_a_camera_that_cannot_be_is_refused(
    settings: Settings, database: psycopg.Connection[Any], order: CameraOrder, message: str
) -> None:
    with pytest.raises(InvalidChangeError, match=message):
        add_camera(database, settings, order, "test")


def test_event_time_moves_before_a_camera_speaks(
    settings: Settings, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    path = str(film(tmp_path / "film.avi", 10))
    add_camera(database, settings, CameraOrder(id="film", address=path, loop=True), "test")
    with gateway(settings):
        eventually(lambda: frames_of(settings, "film"))
    own = partition_of("film", settings.partitions)
    kinds = [type(one.event) for one in read_log(settings, FRAMES) if one.partition == own]
    assert kinds.index(Tick) < kinds.index(ControlChange) < kinds.index(Frame)


def test_waiting_for_a_gateway_that_is_not_there_says_so(settings: Settings) -> None:
    sequence = append_missing(settings, [CAMERA], "test")
    with pytest.raises(NotPublishedError, match="is it running"):
        wait_published(settings, sequence, timeout_seconds=0.2)
