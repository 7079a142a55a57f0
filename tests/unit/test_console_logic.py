"""What the console works out by itself: a chart's lines, an area on a map, a feed's file from a
sample. By the console's own modules, in Node."""

import json
import math
import shutil
import subprocess
from typing import Any

import pytest

from streams.feeds.file import read
from tests.support.screen import CONSOLE, require

SCRIPT = """
import { buildSync } from "esbuild";
const names = ["apart", "chart", "city", "estate", "figures", "sample"];
const inputs = names.map((name) => `export * as ${name} from "./src/data/${name}.ts";`).join("");
const stdin = { contents: inputs, resolveDir: process.cwd() };
const built = buildSync({ stdin, bundle: true, format: "esm", write: false });
const code = Buffer.from(built.outputFiles[0].text).toString("base64");
const modules = await import(`data:text/javascript;base64,${code}`);
const [calls] = process.argv.slice(1).map((text) => JSON.parse(text));
const told = calls.map(([of, name, ...given]) => modules[of][name](...given) ?? null);
console.log(JSON.stringify(told));
"""


def called(*calls: Any) -> list[Any]:
    """What functions of ``src/data`` give, each as (module, name, arguments)."""
    node = shutil.which("node")
    require(node is not None and (CONSOLE / "node_modules" / "esbuild").is_dir(), "no console here")
    command = [str(node), "--input-type=module", "-e", SCRIPT, json.dumps(calls)]
    ran = subprocess.run(command, cwd=CONSOLE, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    found: list[Any] = json.loads(ran.stdout)
    return found


def test_an_axis_has_round_values_and_a_gap_breaks_the_line() -> None:
    up, tiny, flat, broken, times = called(
        ("chart", "ticks", 3, 97),
        ("chart", "ticks", 0.0021, 0.0034),
        ("chart", "ticks", 5, 5),
        ("chart", "pieces", [{"at": n} for n in (0, 60, 120, 400, 460)], 150),
        ("chart", "moments", 1_000_000, 7 * 3_600_000, 6, 7 * 3_600_000),
    )
    assert up == [0, 50, 100]
    assert tiny == [0.002, 0.0025, 0.003, 0.0035]
    assert flat[0] < 5 < flat[-1]
    assert [len(piece) for piece in broken] == [3, 2]
    assert all(time % (2 * 3_600_000) == 3_600_000 for time in times), "even hours in the city"


def test_an_area_surrounds_what_a_cause_explains() -> None:
    spots = [[106.68, 20.85], [106.69, 20.85], [106.685, 20.86], [106.685, 20.853]]
    around, alone, inner, near = called(
        ("city", "hull", spots),
        ("city", "outline", spots[:1], 100),
        ("city", "outline", spots, 100),
        ("city", "within", spots[0], spots, 800),
    )
    assert around[0] == around[-1]
    assert spots[3] not in around, "it is inside"
    assert len(alone) == 13
    assert all(abs(latitude - 20.85) < 0.00091 for _, latitude in alone)
    assert min(longitude for longitude, _ in inner) < 106.68
    assert near == [spots[0], spots[3]], "the others are a kilometre away"


def test_buttons_on_a_map_hide_no_number_and_not_each_other() -> None:
    frame, radius = [390, 460], 15
    discs = [{"at": [x, y], "radius": 20} for x, y in ((100, 100), (100, 62), (150, 100))]
    places = [[100, 100], [102, 101], [100, 98], [300, 300], [8, 455], [-40, 200]]
    shifts, crowd = called(
        ("apart", "apart", places, discs, radius, frame),
        ("apart", "apart", [[50, 50]] * 40, [], radius, [100, 100]),
    )
    middles = [(x + a, y + b) for (x, y), (a, b) in zip(places, shifts, strict=True)][:-1]
    for n, middle in enumerate(middles):
        others = [(one["at"], one["radius"]) for one in discs]
        others += [(other, radius) for other in middles[:n]]
        for at, other in others:
            assert math.dist(middle, at) >= radius + other - 1e-9, (middle, at)
        assert all(radius <= at <= most - radius for at, most in zip(middle, frame, strict=True))
    assert shifts[3] == pytest.approx([0, -30]), "it has room above its place"
    lines = called(*(("apart", "aside", shift) for shift in shifts))
    moved = [math.dist(shift, [0, -30]) > 1 for shift in shifts]
    assert lines == moved, "no line to what stands where it would by itself"
    assert True in moved
    assert shifts[-1] == [0, -30], "nobody sees it"
    assert len(crowd) == 40, "where there is no room it hides least"
    above = [(x, y - 30) for x, y in places[:3]]
    hidden = [min(math.dist(one, disc["at"]) for disc in discs) for one in above]
    assert max(hidden) < radius + 20, "control: above their places they would hide a number"


def test_sources_are_as_the_status_that_counts_them_says() -> None:
    states = {"up": {"up": True}, "mute": {}, "new": {"awaited": True}, "over": {"rests": "ended"}}
    before = [
        {"id": name, "up": False, "rests": "", "awaited": False} | state
        for name, state in states.items()
    ]
    said = {
        "silent": [{"id": "up"}], "resting": [{"id": "mute", "rests": "off"}], "broker": True
    }  # fmt: skip
    now, spoke, unknown = called(
        ("estate", "asOf", before, said),
        ("estate", "asOf", before, {"silent": [], "resting": [], "broker": True}),
        ("estate", "asOf", before, said | {"broker": False}),
    )
    assert [(one["up"], one["rests"], one["awaited"]) for one in now] == [
        (False, "", False), (False, "off", False), (False, "", True), (True, "", False),
    ]  # fmt: skip
    assert [one["up"] for one in spoke] == [True, True, False, True]
    assert unknown == before, "a status that knows nothing changes nothing"


def test_one_is_said_in_the_singular_and_a_figure_with_what_tells_something() -> None:
    text = "{n} {n|alert|alerts} at {name}"
    one, two, missing, *places = called(
        ("figures", "filled", text, {"n": "1", "name": "a"}),
        ("figures", "filled", text, {"n": 11, "name": "a"}),
        ("figures", "filled", text, {}),
        *(("figures", "decimals", value) for value in (0.251, -95.313, 1204.5)),
    )
    assert (one, two, missing) == ("1 alert at a", "11 alerts at a", text)
    assert places == [2, 1, 0]


SAMPLES: dict[str, dict[str, float]] = {
    '{"device": 7, "main": {"temp": 28.4, "Độ ẩm": 71}}': {"main_temp": 28.4, "main_do_am": 71},
    '[{"source": "t1", "values": {"airTemperature": -3}}]': {"air_temperature": -3},
    "time,flow,humidity\n2026-11-30T08:00:00Z,28.5,71": {"flow": 28.5, "humidity": 71},
    "nhiệt độ;mực nước\n28,5;1,2": {"nhiet_do": 28.5, "muc_nuoc": 1.2},
    "28.5,71": {"value_1": 28.5, "value_2": 71},
    "{broken": {},
    "": {},
}


def test_what_is_measured_is_read_from_a_sample() -> None:
    found = called(*(("sample", "fieldsOf", text) for text in SAMPLES))
    for text, fields in zip(SAMPLES, found, strict=True):
        assert {field["id"]: field["value"] for field in fields} == SAMPLES[text], text


def test_the_file_that_is_made_of_a_sample_is_a_feed() -> None:
    metric = {"id": "temperature", "name_vi": 'nhiệt "độ": 1', "name_en": "", "unit": "°C"}
    told = {
        "id": "ferry_thermometers", "name_vi": "Nhiệt kế", "name_en": "", "type": "thermometer_2",
        "type_vi": "nhiệt kế", "type_en": "thermometer", "period": 60, "clock": False,
        "metrics": [metric | {"least": -40, "most": 125}],
    }  # fmt: skip
    (text,) = called(("sample", "feedFile", told))
    feed = read(text, "made.yaml")
    assert feed.id == "ferry_thermometers"
    assert feed.metrics["temperature"].name.vi == 'nhiệt "độ": 1'
    assert feed.metrics["temperature"].range == (-40, 125)
    assert (feed.clock, feed.evidence) == ("arrival", "temperature")
    assert feed.asset_types["thermometer_2"].period_seconds == 60
