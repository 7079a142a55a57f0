"""Figures of the README: what they rest on, how they are written, and when they are older."""

from pathlib import Path

import msgspec
import pytest

from services.commandline.evaluation import Summary
from tests.benchmarks import report
from tests.benchmarks.report import Cost, Figure, Report, Versus
from tests.figures import bench, faults, kept, readme, scenarios
from tests.figures.faults import Experiment, Fault, Faults
from tests.figures.scenarios import Scenarios
from tests.support import sources
from tests.support.origin import Run

MACHINE = {"processor": "A processor", "cores": "2", "memory": "8 GiB", "python": "3.11.2"}
DATE = "2026-11-20"
HERE = {"bench": "b", "scenarios": "s", "faults": "f"}
"""Digests of the code, in these tests."""
PAGE = "".join(f"<!-- figures: {name} -->\n<!-- end -->\n" for name in HERE)
REPORT = Report(
    commit="abc",
    date=DATE,
    sources="b",
    machine=MACHINE,
    figures={
        "quick": Figure(
            value=1234.5,
            unit="events/s",
            about="events a second",
            spread=(1200.0, 1300.0),
            cost=Cost(12.34, "million events", (12.0, 13.0)),
            versus={"plain": Versus(600.0, 2.0, (1.9, 2.1), Cost(150.0, "million events"))},
            goal="≥ 3 × plain",
            met=False,
            rounds=3,
        ),
        "soon": Figure(
            value=5, p50=5, p99=9, unit="ms", about="delay", goal="≤ 10 ms", met=True, rounds=3
        ),
        "memory_writer": Figure(
            value=99.5, unit="MiB", about="stores", spread=(90.0, 99.5), rounds=9
        ),
    },
)
KIND = Summary(
    kind="stopped_vehicle",
    seeds=[2001, 2002, 2004],
    runs_with=3,
    runs_without=3,
    camera_hours=1.2,
    true=3,
    found=2,
    false=0,
    precision=1.0,
    recall=2 / 3,
    delay_s_median=20.4,
    delay_s_max=21.0,
)
SCENARIOS = Scenarios(
    commit="abc", date=DATE, sources="s", machine=MACHINE, seconds=120, kinds=[KIND]
)
EXPERIMENT = Experiment(
    commit="abc",
    date=DATE,
    sources="f",
    machine=MACHINE,
    about="all of it",
    faults=[Fault("SIGKILL", "detect-1", 2), Fault("SIGKILL", "writer", 1)],
    compared={"frames": 1200},
    differences=0,
    control=7,
)
FAULTS = Faults({"path": EXPERIMENT})

# --- the code that figures rest on ----------------------------------------------------------


@pytest.mark.parametrize("name", sources.SETS)
def test_everything_that_figures_rest_on_is_there(name: str) -> None:
    assert len(sources.digest(name)) == 16


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of code, the set ``own``."""
    monkeypatch.setitem(sources.SETS, "own", ("code",))
    (tmp_path / "code").mkdir()
    return tmp_path / "code"


def digest_of(code: Path, name: str, text: str) -> str:
    (code / name).write_text(text)
    return sources.digest("own", code.parent)


SAME = [
    ("a.py", "a = 1\n", "# why\na   =  1  # so\n\n\n"),
    (
        "a.py",
        "def f(x):\n    return x\n",
        'def f(\n    x,\n):\n    """What it is."""\n    return x\n',
    ),
    ("a.py", "class A:\n    x: int\n", 'class A:\n    x: int\n    """Of what."""\n'),
    (
        "a.sql",
        "SELECT a FROM b;\n",
        "-- Each a, if there's one.\nSELECT a\n    FROM b; /* all */\n",
    ),
    ("a.yaml", "a: [1, 2]\n", "# two\na:\n  - 1\n  - 2\n"),
    (
        "a.xml",
        "<a><b c='1'/></a>",
        '<?xml version="1.0"?>\n<a>\n  <!-- b -->\n  <b c="1"></b>\n</a>',
    ),
    ("a.pyx", "cdef int a = 1\n", "# why\n\ncdef int a = 1  # so\n"),
    ("notes.md", "one", "two"),
]
OTHER = [
    ("a.py", "a = 1\n", "a = 2\n"),
    ("a.py", "a = 'x'\n", "a = 'x '\n"),
    ("a.py", "a = None\n", "a = []\n"),
    ("a.py", "f('not documentation')\n", "f('')\n"),
    ("a.py", "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"),
    ("a.pyx", "cdef int a = 1\n", "cdef int a = 2\n"),
    ("a.pyx", "# cython: cdivision=True\n", "# cython: cdivision=False\n"),
    ("a.pyx", "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n"),
    ("a.sql", "SELECT '-- a';\n", "SELECT '-- b';\n"),
    ("a.sql", "SELECT 'a  b';\n", "SELECT 'a b';\n"),
    ("a.sql", "SELECT ab FROM c;\n", "SELECT a FROM bc;\n"),
    ("a.yaml", "a: 0.5\n", "a: 0.6\n"),
    ("a.xml", "<a b='1'/>", "<a b='2'/>"),
    ("a.onnx", "one", "two"),
]


@pytest.mark.parametrize(("name", "one", "two"), SAME)
def test_comments_documentation_and_layout_do_not_count(
    code: Path, name: str, one: str, two: str
) -> None:
    assert digest_of(code, name, one) == digest_of(code, name, two)


@pytest.mark.parametrize(("name", "one", "two"), OTHER)
def test_everything_else_does(code: Path, name: str, one: str, two: str) -> None:
    assert digest_of(code, name, one) != digest_of(code, name, two)


def test_names_of_files_count_and_no_version_of_python_does(code: Path) -> None:
    assert digest_of(code, "a.py", "def f(x: int = 1) -> str: return f'{x!r:>3}'\n") == (
        "ba1cb5e398a76bae"
    )
    before = sources.digest("own", code.parent)
    (code / "a.py").rename(code / "b.py")
    assert sources.digest("own", code.parent) != before


def test_code_that_is_gone_is_said(code: Path) -> None:
    code.rmdir()
    with pytest.raises(FileNotFoundError, match="code is gone"):
        sources.digest("own", code.parent)


# --- sections -------------------------------------------------------------------------------


def test_a_missed_goal_is_said_first_and_in_its_row() -> None:
    text = bench.text(REPORT)
    assert text.startswith("Missed: `quick` (1 of 2 goals).")
    row = (
        "| `quick` | events a second | 1,234 events/s | 1,200–1,300 "
        "| 12.3 s per million events (12.0–13.0) | 2.00 × plain (1.90–2.10; 150 s) "
        "| ≥ 3 × plain | **missed** |"
    )
    assert row in text
    assert "| `soon` | delay | p50 5, p99 9 ms | – | – | – | ≤ 10 ms | met |" in text
    assert "| writer | 99.5 MiB | 90.0–99.5 |" in text
    assert "medians are given: 3, on the same servers" in text
    assert "A processor, 2 cores, 8 GiB of memory, Python 3.11.2; commit `abc`, 2026-11-20." in text


def test_a_goal_that_rounds_do_not_decide_is_neither_met_nor_missed() -> None:
    open_ = msgspec.structs.replace(REPORT.figures["quick"], met=None)
    text = bench.text(msgspec.structs.replace(REPORT, figures={**REPORT.figures, "quick": open_}))
    assert text.startswith("Not decided by these rounds: `quick` (1 of 2 goals).")
    assert "| ≥ 3 × plain | not decided |" in text


def test_figures_of_before_spread_and_cost_were_measured_are_shown_without() -> None:
    old = {
        "fast": {
            "value": 77104.4,
            "unit": "a/s",
            "about": "all",
            "versus": {"raw": {"value": 35008.1, "ratio": 2.2}},
            "goal": "≥ 0.5 × raw",
            "met": True,
            "rounds": 3,
        }
    }
    figures = msgspec.convert(old, dict[str, Figure])
    text = bench.text(msgspec.structs.replace(REPORT, figures=figures))
    assert "| `fast` | all | 77,104 a/s | – | – | 2.20 × raw | ≥ 0.5 × raw | met |" in text


def test_a_changed_tree_is_no_commit() -> None:
    text = bench.text(msgspec.structs.replace(REPORT, commit="abc+"))
    assert "changed files on top of commit `abc`" in text


def test_scenarios_say_what_was_missed() -> None:
    text = scenarios.text(SCENARIOS)
    assert "| stopped vehicle | 3 | 3 | 3 | 2 | 0 | 1.00 | 0.67 | 20.4 s | 21.0 s |" in text
    assert "Seeds 2001–2002, 2004, 120 s of the city a run, 1.2 camera-hours." in text


def test_faults_say_what_was_done_to_what() -> None:
    text = faults.text(FAULTS)
    assert "| all of it | SIGKILL: detect-1 ×2, writer | 1,200 frames | 0 | 7 |" in text


def test_an_experiment_joins_those_that_are_there(tmp_path: Path) -> None:
    output = tmp_path / "build/faults.json"
    for name, differences in (("b", 0), ("a", 0), ("b", 3)):
        faults.record(
            name,
            Run(commit="abc", sources="f", machine={}),
            about=name,
            done={("SIGKILL", "writer"): 2},
            compared={"frames": 1, "readings": 0},
            differences=differences,
            output=output,
        )
    found = msgspec.json.decode(output.read_bytes(), type=Faults).experiments
    assert {name: each.differences for name, each in found.items()} == {"a": 0, "b": 3}
    assert found["a"].compared == {"frames": 1}, "nothing is claimed of tables without rows"


def test_a_section_is_replaced_and_nothing_else() -> None:
    page = "before\n<!-- figures: a -->\nold\n<!-- end -->\nafter <!-- end -->\n"
    new = readme.rewritten(page, {"a": r"new \1"})
    assert new == ("before\n<!-- figures: a -->\n\nnew \\1\n\n<!-- end -->\nafter <!-- end -->\n")
    assert readme.rewritten(new, {"a": r"new \1"}) == new


@pytest.mark.parametrize("page", ["", PAGE.replace("bench", "bank"), PAGE + PAGE])
def test_a_section_too_few_or_too_many_is_said(page: str) -> None:
    with pytest.raises(ValueError, match="belongs into it once"):
        readme.rewritten(page, HERE)


# --- README and age -------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose runs have written everything, and whose README is up to date."""
    (tmp_path / "build").mkdir()
    (tmp_path / "README.md").write_text(PAGE)
    run = Run(commit="abc", date=DATE, sources="b", machine=MACHINE)
    report.write(REPORT.figures, run, tmp_path / "build/bench.json")
    for name, record in (("scenarios", SCENARIOS), ("faults", FAULTS)):
        (tmp_path / f"build/{name}.json").write_bytes(msgspec.json.encode(record))
    assert kept.take(tmp_path) == ["bench", "scenarios", "faults"]
    return tmp_path


def test_figures_of_this_code_are_no_problem(root: Path) -> None:
    assert kept.problems(root) == []
    assert kept.older(root, HERE.__getitem__) == []
    assert "**missed**" in (root / "README.md").read_text()


@pytest.mark.parametrize(
    ("name", "command"),
    [("bench", "make bench"), ("scenarios", "make evaluate"), ("faults", "make faults")],
)
def test_figures_of_other_code_are_older_and_no_problem(
    root: Path, name: str, command: str
) -> None:
    (line,) = kept.older(root, {**HERE, name: "changed"}.__getitem__)
    assert line.startswith(name)
    assert line.endswith(f": of commit `abc`, 2026-11-20; run '{command}', then 'make figures'")
    assert kept.problems(root) == []


def test_each_experiment_has_its_own_age(root: Path) -> None:
    old = msgspec.structs.replace(EXPERIMENT, sources="before", commit="aaa")
    record = Faults({"path": EXPERIMENT, "old": old})
    (root / "docs/figures/faults.json").write_bytes(msgspec.json.encode(record))
    (line,) = kept.older(root, HERE.__getitem__)
    assert line.startswith("faults, old: of commit `aaa`")


def test_figures_are_older_where_their_code_is_gone(root: Path) -> None:
    def gone(_: str) -> str:
        raise FileNotFoundError("streams is gone")

    assert len(kept.older(root, gone)) == len(HERE)
    assert "(streams is gone)" in kept.older(root, gone)[0]


def test_a_file_without_a_date_is_of_its_commit(root: Path) -> None:
    undated = msgspec.structs.replace(SCENARIOS, date="")
    assert "commit `abc`." in scenarios.text(undated)


def test_a_figure_changed_by_hand_is_found(root: Path) -> None:
    page = root / "README.md"
    page.write_text(page.read_text().replace("1,234", "4,321"))
    assert kept.problems(root) == ["README.md says other than docs/figures: run 'make figures'"]
    kept.take(root)
    assert kept.problems(root) == []


def test_what_was_not_measured_is_said_and_missing(root: Path) -> None:
    for folder in ("build", "docs/figures"):
        (root / folder / "faults.json").unlink()
    assert kept.take(root) == ["bench", "scenarios"]
    assert "Not measured yet: `make faults` does it" in (root / "README.md").read_text()
    missing = "docs/figures/faults.json is missing: run 'make faults', then 'make figures'"
    assert kept.problems(root) == [missing]
    (line,) = kept.older(root, HERE.__getitem__)
    assert line == "faults: not measured yet; run 'make faults', then 'make figures'"


def test_what_cannot_be_read_is_one_line(root: Path) -> None:
    (root / "docs/figures/bench.json").write_text("{}")
    (line,) = kept.problems(root)
    assert line.startswith("docs/figures/bench.json cannot be read")
    assert "make bench" in line


def test_figures_stay_where_no_run_wrote_new_ones(root: Path) -> None:
    for file in (root / "build").iterdir():
        file.unlink()
    before = (root / "README.md").read_text()
    assert kept.take(root) == []
    assert (root / "README.md").read_text() == before


def test_a_missed_goal_says_what_its_time_went_to() -> None:
    missed = Figure(
        value=1.0,
        unit="a/s",
        about="",
        met=False,
        goal="≥ 2",
        cores={"kafka": 0.2, "ours": 1.1, "idle": 0.0},
    )
    met = Figure(value=1.0, unit="a/s", about="", met=True, goal="≥ 1", cores={"ours": 0.5})
    run = {"commit": "abc", "sources": "def", "machine": {"cores": "2"}}
    text = bench.text(Report(**run, figures={"slow": missed, "fast": met}))  # type: ignore[arg-type]
    assert "Cores kept busy by `slow`: ours 1.10, kafka 0.20." in text
    assert "`fast`:" not in text
