"""Kinds and feeds of an installation's own, and what a kind that fails does to the others."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

import streams.kinds
from services.cli import build
from services.commands.run import PARTS
from streams.control import KEY
from streams.events import SECOND, Place, Readings, Rule, Scored, Source, Tick
from streams.feeds.feed import FeedError
from streams.feeds.registry import all_feeds, of_asset_type
from streams.kinds import registry
from streams.kinds.registry import KindError, UnknownKindError, all_kinds, find
from streams.pipeline import PATH, known
from streams.settings import SettingError, Settings
from streams.stages.score import Score
from tests.support import stories
from tests.support.extension import FOLDER, extended
from tests.support.loops import GATEWAY, START, Driver, controls, loop
from tests.support.watchman import Watchman, at, camera, rule, zone

FAILS = '''
"""A kind whose judge always fails, with {error}."""
import dataclasses
from streams.kinds.{like} import KIND as LIKE
from streams.words import Words

def fails(*_):
    raise {error}("as it was made to")

KIND = dataclasses.replace(LIKE, id="{id}", formerly=(), {judge}=fails)
'''


@pytest.fixture
def own() -> Iterator[None]:
    with extended():
        yield


def faulty(folder: Path, error: str = "RuntimeError") -> Path:
    (folder / "kinds").mkdir()
    for name, like, judge in (
        ("faulty_zone", "crowd", "judge_scene"),
        ("faulty_readings", "congestion", "judge_readings"),
        ("faulty_absence", "no_data", "patience"),
    ):
        text = FAILS.format(error=error, like=like, id=name, judge=judge)
        (folder / "kinds" / f"{name}.py").write_text(text)
    return folder


def test_they_are_found_beside_the_products_own(own: None) -> None:
    assert find("high_water").name.vi == "Nước vượt báo động"
    assert {"crowd", "high_water"} <= set(all_kinds())
    assert of_asset_type("gauge") is all_feeds()["water_levels"]


def test_without_the_folder_they_are_not_there() -> None:
    with pytest.raises(UnknownKindError, match="high_water"):
        find("high_water")
    assert of_asset_type("gauge") is None


def test_the_made_up_kind_tells_its_story(own: None) -> None:
    kind = find("high_water")
    stories.stage.cache_clear()
    assert kind.raises
    assert kind.quiet
    (opened,) = stories.tell(kind, kind.raises)
    assert opened.evidence[0].metric == "level"
    assert opened.evidence[0].series[-1][1] == 3.5
    assert stories.tell(kind, kind.quiet) == []


def mixed(time: int, sequence: int, level: float) -> Readings:
    """A gateway with a loop and a gauge, one row of each."""
    values = np.array([[900.0, 12.0, 45.0, np.nan], [np.nan, np.nan, np.nan, level]])
    return Readings(
        gateway=GATEWAY,
        time=time,
        sequence=sequence,
        origin="simulated",
        sources=("a", "river"),
        metrics=("flow", "occupancy", "speed", "level"),
        source=np.array([0, 1], "<u2").tobytes(),
        times=np.array([time, time], "<i8").tobytes(),
        values=values.tobytes(),
    )


def test_one_gateway_may_deliver_two_feeds(own: None) -> None:
    river = Source(
        "river", "gauge", "S", "R", "simulated", Place(20, 106), GATEWAY, period=5 * SECOND
    )
    driver = Driver().feed(*controls([loop("a"), river, Rule("hw", "high_water", "high")]))
    driver.feed(Tick(START))
    for n in range(1, 8):
        time = START + n * 5 * SECOND
        driver.feed(mixed(time, n, 4.0 if n != 3 else -999.0), Tick(time + 4 * SECOND))
        driver.reload()
    (opened,) = driver.incidents
    assert (opened.kind, opened.sources) == ("high_water", ("river",))
    stored = {
        (event.sources, event.metrics)
        for event in driver.events(Scored)
        if any(flags == 0 for flags in event.flags)
    }
    assert stored == {(("a",), ("flow", "occupancy", "speed")), (("river",), ("level",))}
    assert driver.counts["bad"] == 1, "-999 is no level: nothing was measured"


def test_a_pack_of_two_feeds_is_known_when_it_comes_again(own: None) -> None:
    river = Source("river", "gauge", "S", "R", "simulated", Place(20, 106), GATEWAY)
    driver = Driver().feed(*controls([loop("a"), river]), Tick(START))
    pack = mixed(START + SECOND, 1, 1.0)
    driver.feed(pack, pack, Tick(START + 10 * SECOND))
    assert driver.counts["repeated"] == 2
    assert driver.counts["accepted"] == 2


def test_a_kind_that_fails_harms_nothing_else(tmp_path: Path) -> None:
    with extended(faulty(tmp_path)):
        man = Watchman(camera(), zone(), rule("faulty_zone"), rule("stopped_vehicle"))
        for _ in range(40 * 5):
            man.see(at("car", 300, 200))
        assert [incident.kind for incident in man.incidents] == ["stopped_vehicle"]
        assert man.partition.counts["failed faulty_zone"] == 200
        assert man.partition.counts["accepted"] == 200
        assert man.partition.counts["dead_lettered"] == 0
        watches = man.partition.states["cam"].watches
        assert not any(key.startswith("faulty_zone") for key in watches)


def test_a_kind_that_fails_on_readings_harms_nothing_else(tmp_path: Path) -> None:
    with extended(faulty(tmp_path)):
        rules = [
            Rule("faulty", "faulty_readings", "low"),
            Rule("away", "faulty_absence", "low"),
            Rule("jam", "congestion", "high"),
        ]
        driver = Driver().city("a", rules=rules)
        for n in range(1, 30):
            time = START + n * 5 * SECOND
            values = {"flow": 300.0, "occupancy": 70.0, "speed": 4.0}
            driver.feed(stories.reading("a", time, n, values, GATEWAY), Tick(time + SECOND))
        assert [incident.kind for incident in driver.incidents] == ["congestion"]
        assert driver.counts["failed faulty_readings"] > 0
        assert driver.counts["failed faulty_absence"] > 0
        assert driver.counts["accepted"] >= 28


@pytest.mark.parametrize("error", ["MemoryError", "OSError"])
def test_what_is_the_machines_ends_the_worker(tmp_path: Path, error: str) -> None:
    with extended(faulty(tmp_path, error)):
        man = Watchman(camera(), zone(), rule("faulty_zone"))
        with pytest.raises((MemoryError, OSError), match="as it was made to"):
            man.see(at("person", 300, 200))


def test_a_kind_that_fails_at_a_tick_does_not_stop_event_time(tmp_path: Path) -> None:
    with extended(faulty(tmp_path)):
        man = Watchman(camera(), rule("faulty_absence"), rule("no_data"))
        man.see(at("car", 300, 200))
        man.pass_until(man.time + 90 * SECOND)
        assert [incident.kind for incident in man.incidents] == ["no_data"]
        assert man.partition.counts["failed faulty_absence"] >= 89
        assert man.partition.counts["dead_lettered"] == 0
        assert man.partition.tick == man.time // SECOND * SECOND


ODD = '''
"""A kind whose judge answers what nobody expects."""
import dataclasses
from streams.incidents.watch import Finding
from streams.kinds.crowd import KIND as LIKE
import msgspec

def odd(watched, watch, scene):
    return {answer}

KIND = dataclasses.replace(LIKE, id="odd_zone", formerly=(), judge_scene=odd)
'''


FORGETFUL = """
import dataclasses, msgspec
from streams.kinds.crowd import KIND as LIKE

def odd(watched, watch, scene):
    if watch.memory is None:
        return msgspec.structs.replace(watch, memory=[0]), False, None
    watch.memory.append(len(watch.memory))
    if scene.time % 1_000_000:
        raise RuntimeError("after it has changed what it remembers")
    return watch, False, None

KIND = dataclasses.replace(LIKE, id="odd_zone", formerly=(), judge_scene=odd)
"""


def test_what_a_judge_remembers_is_as_before_the_frame_on_which_it_failed(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "odd_zone.py").write_text(FORGETFUL)
    with extended(tmp_path):
        kept, again = (Watchman(camera(), zone(), rule("odd_zone")) for _ in range(2))
        for _ in range(40):
            kept.see(at("car", 300, 200))
            again.see(at("car", 300, 200))
            again.restart()
        assert kept.partition.counts["failed odd_zone"] > 20
        memories = [man.partition.states["cam"].watches for man in (kept, again)]
        assert memories[0] == memories[1], "a worker that starts again decides the same"
        (watch,) = memories[0].values()
        assert watch.memory == list(range(len(watch.memory)))
        assert 5 < len(watch.memory) < 12, "one more of each second, and none of those that failed"


@pytest.mark.parametrize("fails_in", ["go_unheard", "unheard_due"])
def test_a_patience_that_fails_anywhere_stops_no_event_time(
    monkeypatch: pytest.MonkeyPatch, fails_in: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("patience at its end")

    monkeypatch.setattr(f"streams.stages.interpret.{fails_in}", fail)
    man = Watchman(camera(), zone(), rule("silence"))
    for _ in range(10):
        man.see(at("car", 300, 200))
    man.pass_until(man.time + 90 * SECOND)
    assert man.partition.counts["failed no_data"] >= 89
    assert man.partition.counts["dead_lettered"] == 0
    assert man.partition.tick == man.time // SECOND * SECOND
    assert man.counts, "the minute that was counted is closed all the same"


@pytest.mark.parametrize(
    "answer",
    [
        "None",
        "(None, True, None)",
        "(watch, True, Finding(scene.time, 7, ()))",
        "(watch, True, Finding('now', '', ()))",
        "(msgspec.structs.replace(watch, memory=object()), False, None)",
        "(msgspec.structs.replace(watch, memory={{1, 2}} and scene), False, None)",
    ],
)
def test_a_kind_that_answers_nonsense_is_one_that_fails(tmp_path: Path, answer: str) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "odd_zone.py").write_text(ODD.format(answer=answer.format()))
    with extended(tmp_path):
        man = Watchman(camera(), zone(), rule("odd_zone"), rule("stopped_vehicle"))
        for _ in range(40 * 5):
            man.see(at("car", 300, 200))
        assert [incident.kind for incident in man.incidents] == ["stopped_vehicle"]
        assert man.partition.counts["failed odd_zone"] > 190
        assert man.partition.counts["dead_lettered"] == 0
        man.restart()
        assert man.partition.states["cam"].watches.keys() == {"stopped_vehicle\x1fzone"}


def test_what_a_kind_that_is_gone_has_opened_ends(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    own = "import dataclasses\nfrom streams.kinds.congestion import KIND as LIKE\n"
    own += 'KIND = dataclasses.replace(LIKE, id="own_jam", formerly=())\n'
    (tmp_path / "kinds" / "own_jam.py").write_text(own)
    values = {"flow": 300.0, "occupancy": 70.0, "speed": 4.0}
    with extended(tmp_path):
        driver = Driver().city("a", rules=[Rule("jam", "own_jam", "high")])
        for n in range(1, 20):
            time = START + n * 5 * SECOND
            driver.feed(stories.reading("a", time, n, values, GATEWAY), Tick(time + SECOND))
    (opened,) = driver.incidents
    driver.stage = Score({}, 1)  # another process, without the folder
    driver.reload()
    driver.feed(Tick(time + 10 * SECOND), Tick(time + 11 * SECOND))
    assert [incident.revision for incident in driver.incidents] == [0, 1]
    assert driver.incidents[-1].id == opened.id
    assert driver.incidents[-1].end is not None


def test_what_was_open_on_a_sensor_whose_feed_is_gone_ends_at_the_next_tick() -> None:
    river = Source(
        "river", "gauge", "S", "R", "simulated", Place(20, 106), GATEWAY, period=5 * SECOND
    )
    away = Rule("away", "no_data", "low", parameters={"least_seconds": 20})
    rules = [Rule("hw", "high_water", "high"), away]
    with extended():
        driver = Driver().feed(*controls([loop("a"), river, *rules]), Tick(START))
        for n in range(1, 8):
            time = START + n * 5 * SECOND
            driver.feed(mixed(time, n, 4.0), Tick(time + 4 * SECOND))
        driver.feed(Tick(time + 9 * SECOND), Tick(time + 18 * SECOND))
        for later in range(27, 54, 9):
            driver.feed(Tick(time + later * SECOND))
    opened = {
        incident.kind: incident.id for incident in driver.incidents if "river" in incident.sources
    }
    assert opened.keys() == {"high_water", "no_data"}
    before = len(driver.incidents)
    driver.stage = Score({}, 1)
    driver.reload()
    driver.feed(*(Tick(time + later * SECOND) for later in range(54, 65, 5)))
    ended = {incident.kind: incident for incident in driver.incidents[before:]}
    assert {kind: incident.id for kind, incident in ended.items()} == opened
    assert len(driver.incidents[before:]) == 2
    # It was unknown by then, and lasted as long as anybody knows.
    assert (ended["high_water"].revision, ended["high_water"].end) == (2, time)
    assert (ended["no_data"].revision, bool(ended["no_data"].end)) == (1, True)
    with extended():
        driver.stage = Score({}, 1)
        driver.reload()
        for later in range(72, 250, 9):
            driver.feed(Tick(time + later * SECOND))
    again = [i for i in driver.incidents[before + 2 :] if "river" in i.sources]
    assert [incident.kind for incident in again] == ["no_data"]
    assert again[0].id != opened["no_data"]


OWN_ZONE = """
import dataclasses
from streams.kinds.crowd import KIND as LIKE
KIND = dataclasses.replace(LIKE, id="own_crowd", formerly=())
"""


def test_what_a_kind_that_is_gone_has_opened_on_cameras_ends_at_the_next_tick(
    tmp_path: Path,
) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "own_crowd.py").write_text(OWN_ZONE)
    people = [at("person", 40 * n, 200) for n in range(1, 13)]
    with extended(tmp_path):
        man = Watchman(camera(), zone(), rule("own_crowd"), rule("crowd"))
        while len(man.incidents) < 2:
            man.see(*people)
    opened = {incident.kind: incident for incident in man.incidents}
    assert opened.keys() == {"own_crowd", "crowd"}
    man.restart()  # another process, without the folder
    decided = len(man.incidents)
    man.pass_until(man.time + SECOND)
    man.restart()
    man.pass_until(man.time + 2 * SECOND)
    (ended,) = man.incidents[decided:]
    assert (ended.id, ended.revision) == (opened["own_crowd"].id, 1)
    assert ended.end == ended.decided_at == (man.time - 2 * SECOND) // SECOND * SECOND
    with extended(tmp_path):  # it is back, and so is what it watches for
        man.restart()
        while len(man.incidents) == decided + 1:
            man.see(*people)
        again = man.incidents[-1]
    assert (again.kind, again.revision) == ("own_crowd", 0)
    assert again.id != opened["own_crowd"].id
    assert again.start > ended.decided_at - SECOND


def test_a_watch_without_its_rule_ends_at_the_next_tick() -> None:
    man = Watchman(camera(), zone(), rule("crowd"))
    while not man.incidents:
        man.see(*(at("person", 40 * n, 200) for n in range(1, 13)))
    states = man.partition.states
    states[KEY] = msgspec.structs.replace(states[KEY], rules={})
    man.pass_until(man.time + 3 * SECOND)
    assert [incident.revision for incident in man.incidents] == [0, 1]


def test_what_was_open_on_a_camera_whose_feed_is_gone_ends_at_the_next_tick(
    tmp_path: Path,
) -> None:
    drones = (FOLDER / "feeds" / "water_levels" / "feed.yaml").read_text()
    for old, new in (("water_levels", "drones"), ("readings", "frames"), ("gauge:", "drone:")):
        drones = drones.replace(old, new)
    (tmp_path / "feeds" / "drones").mkdir(parents=True)
    (tmp_path / "feeds" / "drones" / "feed.yaml").write_text(drones)
    drone = Source("cam", "drone", "M", "D", "simulated", Place(20, 106), period=SECOND // 5)
    with extended(tmp_path):
        away = rule("no_data", parameters={"least_seconds": 20})
        man = Watchman(drone, zone(), rule("stopped_vehicle"), away)
        while not man.incidents:
            man.see(at("car", 300, 200))
        last = man.time
        man.pass_until(last + 35 * SECOND)
    assert [incident.kind for incident in man.incidents] == ["stopped_vehicle", "no_data"]
    man.restart()
    man.pass_until(man.time + 3 * SECOND)
    assert [incident.kind for incident in man.incidents[2:]] == ["no_data", "stopped_vehicle"]
    assert all(incident.end is not None for incident in man.incidents[2:])
    assert man.incidents[3].end == last, "nothing was seen since"
    with extended(tmp_path):
        man.restart()
        man.pass_until(man.time + 90 * SECOND)
    (again,) = man.incidents[4:]
    assert again.kind == "no_data"
    assert again.id != man.incidents[1].id, "nobody listened while it was gone"


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "feeds" / "gauges").mkdir(parents=True)
    (tmp_path / "kinds" / "empty.py").write_text("")
    with extended(tmp_path), pytest.raises(KindError, match="holds no KIND"):
        all_kinds()
    (tmp_path / "kinds" / "empty.py").write_text("import no_such_module")
    with extended(tmp_path), pytest.raises(KindError, match="no_such_module"):
        all_kinds()
    with extended(tmp_path / "nowhere"), pytest.raises(SettingError, match="no such folder"):
        all_kinds()
    again = (FOLDER / "kinds" / "high_water.py").read_text().replace("high_water", "crowd")
    (tmp_path / "kinds" / "empty.py").write_text(again)
    with extended(tmp_path), pytest.raises(KindError, match="two kinds are called 'crowd'"):
        all_kinds()
    gauges = (FOLDER / "feeds" / "water_levels" / "feed.yaml").read_text()
    speed = gauges.replace("water_levels", "gauges").replace("level", "speed")
    (tmp_path / "feeds" / "gauges" / "feed.yaml").write_text(speed)
    with extended(tmp_path), pytest.raises(FeedError, match=r"'speed' has the unit .*km/h"):
        all_feeds()
    (tmp_path / "feeds" / "gauges" / "feed.yaml").write_text("id: other")
    with extended(tmp_path), pytest.raises(FeedError, match=r"feed\.yaml"):
        all_feeds()


GAUGES = (FOLDER / "feeds" / "water_levels" / "feed.yaml").read_text().split("default_rules")[0]
JAM = """import dataclasses
from streams.kinds.congestion import KIND as LIKE
KIND = dataclasses.replace(LIKE, id="own_jam", formerly=())
"""


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def gauges(*changes: tuple[str, str]) -> str:
    text = GAUGES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


WATER = "feeds/water_levels/feed.yaml"
MISSED = """import dataclasses
from streams.kinds.no_data import KIND as LIKE
KIND = dataclasses.replace(LIKE, id="own_jam", formerly=(), {})
"""


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"README.md": ""},
            "nothing is in it; give kinds/ID.py, feeds/ID/feed.yaml or indicators/NAME.yaml",
        ),
        ({"kinds/_helper.py": ""}, "nothing is in it"),
        ({"kind/jam.py": JAM}, "kind is not looked into: call it kinds"),
        ({"Kinds/jam.py": JAM}, "Kinds is not looked into: call it kinds"),
        ({"kinds/jam.py": JAM, "feed/x/feed.yaml": ""}, "feed is not looked into: call it feeds"),
        ({"kinds": ""}, "kinds: Not a directory: give a folder"),
        (
            {"feeds/water_levels/feed.yml": GAUGES},
            r"feed\.yml is not .*: call it feed\.yaml",
        ),
        (
            {"feeds/water_levels/feed.yaml/a": ""},
            r"feed\.yaml cannot be read: it is a folder: name a file",
        ),
        ({"feeds/water_levels/notes": ""}, r"water_levels: no feed\.yaml is in it"),
        ({"feeds/gauges.yaml": GAUGES}, r"gauges\.yaml is not .* move it to .*gauges/feed\.yaml"),
        ({"feeds/gauges/feed.yaml": GAUGES}, "id 'water_levels' is not its folder's name"),
        (
            {"feeds/cameras/feed.yaml": gauges(("water_levels", "cameras"))},
            "id 'cameras' is another feed's",
        ),
        (
            {WATER: gauges(("missing:", 'state_key: ""\nmissing:'))},
            "state_key '' is induction_loops's: leave the line out",
        ),
        ({WATER: gauges(("  gauge:", "  camera:"))}, "asset type 'camera' is cameras's"),
        ({WATER: gauges(("  gauge:", "  loop:"))}, "asset type 'loop' is induction_loops's"),
        (
            {WATER: gauges(("  level:", "  flow:"), ("evidence: level", "evidence: flow"))},
            "metric 'flow' has the unit {vi: xe/giờ, en: vehicles/h} in induction_loops",
        ),
        (
            {WATER: gauges(("{vi: m, en: m}", '{vi: phần trăm, en: "%"}'))},
            "metric 'level': unit '%' is '%' in Vietnamese in base_stations: give the same",
        ),
        ({WATER: gauges(("[-2, 20]", "[-2, .inf]"))}, r"feed\.yaml: metric level: range"),
    ],
)
def test_what_is_misplaced_or_taken_is_said_of_feeds(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    put(tmp_path, files)
    with extended(tmp_path), pytest.raises(SettingError, match=said) as error:
        all_feeds()
    assert "\n" not in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_feed_that_is_not_utf_8_is_said(tmp_path: Path) -> None:
    put(tmp_path, {WATER: ""})
    (tmp_path / WATER).write_bytes(b"id: a\nname: \xff\xfe")
    with extended(tmp_path), pytest.raises(FeedError, match=r"feed\.yaml: line 2: it is not UTF-8"):
        all_feeds()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"kinds/jam.py": ""}, r"jam\.py holds no KIND; .*_jam\.py"),
        ({"kinds/jam.py": "KIND = 'jam'"}, r"jam\.py: KIND is a str: give a Kind"),
        ({"kinds/jam.py": "import sys\nsys.exit()"}, r"jam\.py cannot be .*: line 2: SystemExit"),
        ({"kinds/jam.py": "\nx = y"}, r"jam\.py cannot be loaded: line 2: NameError: name 'y'"),
        ({"kinds/jam.py": "x = (\n"}, r"jam\.py cannot be loaded: line 1: SyntaxError: '\('"),
        (
            {"kinds/jam.py": "from streams.words import Words\nWords('a')"},
            "line 2: TypeError: .*'en'",
        ),
        ({"kinds/jam.py": "raise ValueError('a\\nb')"}, "ValueError: a b"),
        ({"kinds/jam/kind.py": JAM}, "jam is not looked into: give each kind one file"),
        (
            {"kinds/jam.py": JAM, "kinds/other.py": JAM},
            r"two kinds are called 'own_jam', in .*jam\.py and in .*other\.py",
        ),
        (
            {"kinds/jam.py": JAM.replace("own_jam", "crowd")},
            r"two kinds are called 'crowd', in .*crowd\.py and in .*jam\.py",
        ),
        (
            {"kinds/jam.py": MISSED.replace("{}", "needs=('flow',)")},
            r"jam\.py: it watches source, which takes no needs, shows or by_model",
        ),
        ({"kinds/jam.py": MISSED.replace("{}", "by_model=True")}, "which takes no needs, shows or"),
        ({"kinds/jam.py": JAM.replace("own_jam", "Jam")}, r"jam\.py: id 'Jam': give 2 to 40"),
        (
            {"kinds/jam.py": JAM.replace("formerly=()", "needs=('flows',)")},
            r"jam\.py: no feed measures 'flows'",
        ),
    ],
)
def test_what_is_misplaced_or_taken_is_said_of_kinds(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    put(tmp_path, files)
    with extended(tmp_path), pytest.raises(KindError, match=said) as error:
        all_kinds()
    assert "\n" not in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_broken_kind_of_the_product_is_said_as_one_of_the_citys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"broken_jam.py": "\nx = y"})
    monkeypatch.setattr(registry, "__file__", str(tmp_path / "registry.py"))
    monkeypatch.setattr(streams.kinds, "__path__", [str(tmp_path)])
    all_kinds.cache_clear()
    with pytest.raises(KindError, match=r"broken_jam\.py cannot be loaded: line 2: NameError"):
        all_kinds()


def test_what_the_product_raises_itself_is_loaded_as_any_kind() -> None:
    """Whoever asks the registry for anything is told in one line that its file is broken."""
    broken = """
import sys
class Broken:
    def find_spec(self, name, *_):
        if name == "streams.kinds.data_loss":
            raise ImportError("cannot import name 'gone'")
sys.meta_path.insert(0, Broken())
from streams.kinds.registry import KindError, all_kinds, lost
for ask in (all_kinds, lambda: lost("frames/0", 1, 2, 3)):
    try:
        ask()
    except KindError as error:
        print(error)
"""
    found = subprocess.run(
        [sys.executable, "-c", broken], capture_output=True, text=True, check=True
    )
    said = r"/data_loss\.py cannot be loaded: ImportError: cannot import name 'gone'$"
    assert [bool(re.search(said, line)) for line in found.stdout.splitlines()] == [True, True]


@pytest.mark.parametrize("arguments", [["up"], *(["run", part] for part in PARTS)], ids=" ".join)
def test_the_command_line_says_it_in_one_line_and_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    put(tmp_path / "own", {"kinds/jam.py": "raise SystemExit"})
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path / "state"))
    with extended(tmp_path / "own"):
        result = CliRunner().invoke(build(), arguments)
    assert result.exit_code == 2
    jam = tmp_path / "own" / "kinds" / "jam.py"
    assert result.stderr == f"error: {jam} cannot be loaded: line 1: SystemExit\n"


def test_kinds_share_what_is_beside_them(tmp_path: Path) -> None:
    shared = JAM.replace("import dataclasses\n", "import dataclasses\nfrom ._names import NAME\n")
    own = """from __future__ import annotations
from dataclasses import dataclass

@dataclass(slots=True)
class Kept:
    since: int = 0

"""
    put(tmp_path, {"kinds/jam.py": own + shared.replace('"own_jam"', "NAME")})
    put(tmp_path, {"kinds/_names.py": 'NAME = "shared_jam"', "kinds/README.md": ""})
    with extended(tmp_path):
        assert find("shared_jam").watches is find("congestion").watches


def test_a_stage_is_not_built_where_a_kind_is_broken(tmp_path: Path) -> None:
    """Or every frame would be a dead letter."""
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "broken.py").write_text("1 / 0")
    with extended(tmp_path):
        for step in PATH[:3]:
            with pytest.raises(SettingError, match=r"broken\.py cannot be loaded"):
                step.build(Settings())


@pytest.mark.parametrize("table", ["joins", "combinations"])
def test_a_table_that_cannot_be_used_is_said_before_anything_is_started(
    tmp_path: Path, table: str
) -> None:
    put(tmp_path, {f"kinds/{table}.yaml": "nothing: {}"})
    with extended(tmp_path), pytest.raises(SettingError, match=f"{table}\\.yaml: .*nothing"):
        known()
    known()  # the control: the product's own
