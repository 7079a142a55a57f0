"""A feed without code: a file that is checked, kept where every part finds it, and refused else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.settings import PREFIX
from tests.support.commandline import cityops

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs/examples/temperatures.yaml"
SHOWS = """
from streams.feeds.registry import all_feeds
print(*all_feeds())
"""


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("CITYOPS_HTTP_PORT", "1")


def known() -> list[str]:
    """To a part that starts now."""
    program = [sys.executable, "-c", SHOWS]
    return subprocess.check_output(program, text=True, cwd=ROOT).split()


def test_a_file_is_a_feed_for_every_part_that_starts(tmp_path: Path) -> None:
    assert "temperatures" not in known(), "the control"
    added = cityops("feed", "add", str(EXAMPLE))
    assert added.exit_code == 0, added.output
    assert "once they are started again" in added.stdout
    assert "temperatures" in known()
    kept = tmp_path / "state/extensions/feeds/temperatures/feed.yaml"
    assert kept.read_text() == EXAMPLE.read_text()
    assert kept.stat().st_mode & 0o777 == 0o644, "parts that are other users read it"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("id: temperatures", "id: induction_loops", "another feed's"),
        ("thermometer:", "induction_loop:", "induction_loops's"),
        ("kind: no_data", "kind: no_such", "no kind 'no_such'"),
        ("severity: low}", "severity: low, parameters: {x: 1}}", "no parameter 'x'"),
        ("range: [-40, 125]", "range: [125, -40]", "wrong way round"),
        ("carries: readings", "carries: parcels", "give frames or readings"),
    ],
)
def test_what_cannot_stand_is_refused_and_changes_nothing(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    file = tmp_path / "feed.yaml"
    file.write_text(EXAMPLE.read_text().replace(old, new))
    refused = cityops("feed", "add", str(file))
    assert refused.exit_code
    assert says in refused.output
    assert not (tmp_path / "state/extensions").exists()
