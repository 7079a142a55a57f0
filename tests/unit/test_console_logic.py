"""What the console works out by itself: a chart's lines, an area on a map, a feed's file from a
sample. By the console's own modules, in Node."""

import json
import shutil
import subprocess
from typing import Any

from streams.feeds.file import read
from tests.support.screen import CONSOLE, require

SCRIPT = """
import { buildSync } from "esbuild";
const names = ["chart", "city", "sample"];
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
