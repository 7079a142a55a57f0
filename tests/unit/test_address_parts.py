"""What somebody names on the command line is one part of an address, whatever it holds."""

import re
from pathlib import Path

import httpx
import pytest

from services.commandline.output import CommandError
from services.commandline.paths import path

ROOT = Path(__file__).parents[2] / "services"


@pytest.mark.parametrize(
    "id", ["quay-3#", "a?b", "a/b", "../cameras/quay-3", "a b", "%2e%2e", "Cầu", "a\nb", "..."]
)
def test_whatever_is_named_is_one_part_of_the_address(id: str) -> None:
    url = httpx.Client(base_url="http://host").build_request("DELETE", path("/api/masks", id)).url
    assert url.path == f"/api/masks/{id}"
    assert url.raw_path.count(b"/") == 3
    assert not url.query
    assert not url.fragment


@pytest.mark.parametrize("id", ["", " ", ".", ".."])
def test_what_names_nothing_is_refused(id: str) -> None:
    with pytest.raises(CommandError, match="is no id"):
        path("/api/cameras", "quay-3", "scenery", id)


def test_no_command_writes_an_address_with_a_name_in_it_itself() -> None:
    files = [*ROOT.glob("commands/**/*.py"), *ROOT.glob("commandline/*.py")]
    assert len(files) > 50
    found = [file.name for file in files if re.search(r'f"/api/[^"]*\{', file.read_text())]
    assert found == []
