"""A user gets through a closed folder to what is named within it, and to nothing else."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from deploy.local import users
from deploy.local.folders import as_user, reachable
from deploy.local.passage import DRAFT, passage
from streams.settings import Settings

USER = users.numbered(0x7200_0003)


def mounts() -> bool:
    tried = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return not subprocess.run(tried, check=False, capture_output=True).returncode


pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not mounts(), reason="only root mounts, where it may"
)


@pytest.fixture
def closed() -> Iterator[Path]:
    """With a clone, its neighbour and a file, all of them open, in a closed folder."""
    folder = Path(mkdtemp())
    for name in ("deep/a clone", "deep/neighbour"):
        (folder / name).mkdir(parents=True, mode=0o755)
        (folder / name / "file").write_text(name)
    (folder / "ca.pem").write_text("ca")
    (folder / "deep").chmod(0o700)
    yield folder
    rmtree(folder)


def read(path: Path, way: list[str], cwd: Path = Path("/")) -> str:
    """What the user reads there; nothing where that fails."""
    done = subprocess.run(
        [*way, *as_user(USER), "cat", str(path)],
        capture_output=True, text=True, cwd=cwd, check=False,
    )  # fmt: skip
    return done.stdout


def test_it_leads_to_what_is_named_and_nowhere_else(closed: Path) -> None:
    clone, neighbour = closed / "deep/a clone", closed / "deep/neighbour"
    way = passage([clone, clone / "file", closed / "ca.pem", closed / "none", Path("/usr")], USER)
    assert read(clone / "file", []) == "", "the control"
    assert read(clone / "file", way) == "deep/a clone"
    assert read(Path("file"), way, clone) == "deep/a clone"
    assert read(Path("../../ca.pem"), way, clone) == "ca"
    assert read(closed / "ca.pem", way) == "ca"
    assert read(neighbour / "file", way) == ""
    assert reachable(clone, USER, tuple(way))
    assert not reachable(neighbour, USER, tuple(way))
    (clone / "later").write_text("as everybody sees it")
    assert read(clone / "later", way) == "as everybody sees it"
    assert not list(DRAFT.iterdir()), "the machine sees nothing of it"
    assert (neighbour / "file").read_text() == "deep/neighbour"


def test_what_is_open_needs_none(tmp_path: Path) -> None:
    assert passage([Path("/usr/bin"), tmp_path / "none"], USER) == []


def test_what_is_itself_closed_stays_so(closed: Path) -> None:
    way = passage([closed / "deep/a clone", closed], USER)
    assert reachable(closed / "deep/a clone", USER, tuple(way))
    (closed / "deep/a clone").chmod(0o700)
    assert not reachable(closed / "deep/a clone", USER, tuple(way))


def test_parts_of_a_closed_folder_are_users_of_their_own(closed: Path) -> None:
    settings = Settings(state_dir=closed / "state")
    assert users.why_not(settings) == ""
    assert "unshare" in users.beside(settings, "writer")
    assert users.beside(settings, "database") == ()
    film = closed / "state/media/film.avi"
    film.parent.mkdir(parents=True)
    film.write_text("x")
    assert users.may_read(settings, "gateway", film)
    assert not users.may_read(settings, "gateway", closed / "ca.pem")
