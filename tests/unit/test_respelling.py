"""``cityops replay DIR`` as scripts have it, from before it was a group of commands."""

import json
import shlex
import shutil
from pathlib import Path

import pytest

from services.commandline.respelling import respelled
from tests.support.commandline import cityops

RECORDING = Path(__file__).parents[1] / "pinned/town"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("town", "run town"),
        ("town --speed max --json", "run town --speed max --json"),
        ("--offline --digest town", "run --offline --digest town"),
        ("town --compare live a -o page.html", "compare town -o page.html live a"),
        ("--json --compare a b town", "compare --json town a b"),
        ("town --remove --name a", "remove town --name a"),
    ],
)
def test_each_old_spelling_has_a_new_one(old: str, new: str) -> None:
    assert respelled(shlex.split(old)) == shlex.split(new)


def test_the_old_spelling_works_and_says_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "a town"
    shutil.copytree(RECORDING, folder)
    old = cityops("replay", folder, "--offline", "--json", "--name", "again")
    assert old.exit_code == 0
    new = cityops("replay", "run", folder, "--offline", "--json", "--name", "again")
    assert json.loads(old.stdout) == json.loads(new.stdout)
    assert f"cityops replay run '{folder}' --offline --json --name again\n" in old.stderr
    compared = cityops("replay", folder, "--json", "--compare", "again", "again")
    assert (compared.exit_code, compared.stdout) == (0, "[]\n")
    assert compared.stderr.count("\n") == 1


def test_the_new_spelling_says_nothing_of_it(tmp_path: Path) -> None:
    shutil.copytree(RECORDING, tmp_path / "town")
    compared = cityops("replay", "compare", tmp_path / "town", "live", "live", "--json")
    assert (compared.exit_code, compared.stdout, compared.stderr) == (0, "[]\n", "")


def test_what_neither_spelling_knows_is_refused() -> None:
    refused = cityops("replay", "--no-such-option", "town")
    assert refused.exit_code == 2
    assert "now spelled" not in refused.stderr
