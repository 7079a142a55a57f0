"""Files are given to the users that parts run as, and no trick of a part's gets it another's."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from deploy.local import kafka, users
from deploy.local.errors import StackError
from streams.sealing import CAMERA_ADDRESSES
from streams.secrets import write_secret
from streams.settings import Settings
from streams.stamps import stamps_folder

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
OWNER = users.numbered(0x7200_0001)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    users._tried.cache_clear()
    yield Settings(state_dir=tmp_path)
    users._tried.cache_clear()


def owner(path: Path) -> int:
    return path.lstat().st_uid


def test_whoever_is_not_root_starts_all_parts_as_themselves(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert users.user(settings, "detect-1") is None
    assert users.why_not(settings) == ""
    users.hand_over(settings)


def test_root_says_why_where_parts_cannot_be_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(users, "_mapped", lambda: [(0, 65536)])
    assert "CITYOPS_PART_USERS" in users.why_not(settings)
    assert users.user(settings, "detect-1") is None
    users.hand_over(settings)


def test_each_part_has_a_number_that_the_settings_may_choose(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "apart", lambda _: True)
    own = {part: users.user(settings, part) for part in users.PARTS}
    assert len(set(own.values())) == len(users.PARTS)
    assert users.user(settings, "detect-2") == own["detect"]
    assert users.user(settings, "database") is None
    other = Settings(state_dir=settings.state_dir / "other")
    assert users.user(other, "kafka") != own["kafka"]
    chosen = Settings(state_dir=settings.state_dir, part_users=20_000)
    numbers = [found.pw_uid for part in users.PARTS if (found := users.user(chosen, part))]
    assert numbers == list(range(20_000, 20_000 + len(users.PARTS)))


@as_root
def test_no_link_gives_away_what_is_elsewhere(tmp_path: Path) -> None:
    folder, secret = tmp_path / "own", tmp_path / "anothers"
    secret.write_text("x")
    (folder / "deep").mkdir(parents=True)
    (folder / "deep/file").write_text("x")
    (folder / "soft").symlink_to(secret)
    (folder / "hard").hardlink_to(secret)
    users.give_all(folder, OWNER)
    assert owner(secret) == 0
    assert owner(folder) == owner(folder / "deep") == owner(folder / "deep/file") == OWNER.pw_uid


@as_root
def test_a_folder_that_becomes_a_link_meanwhile_gives_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs as the owner already, and was not ended with its part, may do so at any moment."""
    deep, elsewhere, real = tmp_path / "own/deep", tmp_path / "etc", users.give
    for folder in (deep, elsewhere):
        folder.mkdir(parents=True)
        (folder / "shadow").write_text("x")

    def late(path: Path | str, *how: Any) -> None:
        if Path(path).name == "shadow" and not deep.is_symlink():
            deep.rename(tmp_path / "own/aside")
            deep.symlink_to(elsewhere)
        real(path, *how)

    monkeypatch.setattr(users, "give", late)
    users.give_all(tmp_path / "own", OWNER)
    assert deep.is_symlink()
    assert owner(elsewhere / "shadow") == 0


@as_root
@pytest.mark.parametrize("formatted", [True, False])
def test_kafkas_own_link_gives_it_nothing_and_roots_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, formatted: bool
) -> None:
    disk, home, ran = tmp_path / "disk", tmp_path / "state/kafka", []
    monkeypatch.setattr(users, "user", lambda *_: OWNER)
    monkeypatch.setattr(kafka, "reachable", lambda *_: True)
    monkeypatch.setattr(kafka, "run", lambda _, command: ran.append(command))
    settings = Settings(state_dir=tmp_path / "state")
    disk.mkdir()
    (disk / "file").write_text("x")
    if formatted:
        (disk / "meta.properties").write_text("x")
    home.mkdir(parents=True)
    (home / "data").symlink_to(disk)
    os.chown(home / "data", OWNER.pw_uid, OWNER.pw_gid, follow_symlinks=False)
    with pytest.raises(StackError, match="chown -h root"):
        kafka.command(settings)
    assert (owner(disk), owner(disk / "file"), ran) == (0, 0, [])
    os.chown(home / "data", 0, 0, follow_symlinks=False)
    assert kafka.command(settings)[0] == "setpriv"
    assert owner(disk) == owner(disk / "file") == owner(home) == OWNER.pw_uid
    assert [command[0] for command in ran] == ([] if formatted else ["setpriv"])


@as_root
def test_a_secret_stays_its_readers_and_follows_no_link(tmp_path: Path) -> None:
    path, target = tmp_path / "secret", tmp_path / "target"
    write_secret(path, "first")
    assert owner(path) == 0
    users.give(path, OWNER)
    target.write_text("whole")
    (tmp_path / f".secret.{os.getpid()}").symlink_to(target)
    write_secret(path, "second")
    assert (owner(path), stat.S_IMODE(path.stat().st_mode)) == (OWNER.pw_uid, 0o600)
    assert path.read_text() == "second\n"
    assert target.read_text() == "whole"
    folder = tmp_path / "folder"
    folder.mkdir()
    users.give(folder, OWNER)
    write_secret(folder / "new", "x")
    assert owner(folder / "new") == OWNER.pw_uid, (
        "what root leaves in a part's folder is the part's"
    )


@as_root
def test_what_an_earlier_release_left_to_root_is_the_gateways(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "apart", lambda _: True)
    state = settings.state_dir
    for name in ("kafka-gateway", "signing-gateway", "database-gateway", "token"):
        write_secret(settings.secret(name), "x")
    (state / "stamps").mkdir()
    names = ("live-gateway.json", "live-gateway-clock.msgpack", "live-published.json")
    for name in (*names, "live-city.json"):
        (state / "stamps" / name).write_text("x")
    settings.media.mkdir()
    film = settings.media / "film.mp4"
    film.write_text("x")
    film.chmod(0o600)
    users.hand_over(settings)
    users.hand_over(settings)
    gateway, alerts = (users.user(settings, part) for part in ("gateway", "alerts"))
    assert gateway
    assert alerts
    for name in users.SECRETS["gateway"]:
        assert owner(settings.secret(name)) == gateway.pw_uid
        assert stat.S_IMODE(settings.secret(name).stat().st_mode) == 0o600
    key = settings.secret(CAMERA_ADDRESSES).stat()
    assert (key.st_uid, key.st_gid) == (alerts.pw_uid, gateway.pw_gid)
    assert stat.S_IMODE(key.st_mode) == 0o640
    own = stamps_folder(settings, "gateway")
    assert {path.name for path in own.iterdir()} == set(names)
    assert {owner(path) for path in (own, *own.iterdir())} == {gateway.pw_uid}
    assert owner(state / "stamps") == owner(settings.media) == owner(film) == 0
    assert film.stat().st_gid == gateway.pw_gid


@as_root
def test_a_renewed_certificate_is_copied_for_who_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "apart", lambda _: True)
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.write_text("certificate\n")
    key.write_text("key\n")
    key.chmod(0o600)
    settings = Settings(
        state_dir=tmp_path / "state", tls_certificate=str(certificate), tls_key=str(key)
    )
    said = users.handed(settings, "alerts")
    copy = Path(said["CITYOPS_TLS_KEY"])
    assert copy.read_text() == "key\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    alerts = users.user(settings, "alerts")
    assert alerts is not None
    assert owner(copy) == alerts.pw_uid
    key.write_text("renewed\n")
    os.utime(key, (1, 1))
    assert users.handed(settings, "alerts") == said
    assert copy.read_text() == "renewed\n"
    key.unlink()
    assert users.handed(settings, "alerts") == said
    assert copy.read_text() == "renewed\n"


def test_a_folder_that_others_cannot_enter_leaves_all_to_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where nothing can be mounted over it: in most containers."""
    closed = Path(mkdtemp())
    try:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(users, "passage", lambda *_: [])
        monkeypatch.setattr(users, "reachable", lambda folder, *_: closed not in folder.parents)
        why = users.why_not(Settings(state_dir=closed / "state"))
        assert f"{closed / 'state'} is closed" in why
        assert "move it to one that is open, such as /opt" in why
        assert "\n" not in why
    finally:
        (closed / "state").rmdir()
        closed.rmdir()


@as_root
def test_what_root_keeps_for_itself_is_opened_to_one_reader(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "media", tmp_path / "elsewhere"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep").chmod(0o700)
    elsewhere.write_text("x")
    elsewhere.chmod(0o600)
    films = {name: folder / name for name in ("closed", "open", "anothers", "deep/film")}
    for path in films.values():
        path.write_text("x")
        path.chmod(0o600)
    films["open"].chmod(0o644)
    os.chown(films["anothers"], 1000, 1000)
    (folder / "soft").symlink_to(elsewhere)
    (folder / "hard").hardlink_to(elsewhere)
    users.open_all(folder, OWNER)
    for path in (films["closed"], films["deep/film"], folder / "deep"):
        assert path.stat().st_gid == OWNER.pw_gid
        assert path.stat().st_mode & 0o077 == (0o050 if path.is_dir() else 0o040)
        assert owner(path) == 0, "it reads, and does not write"
    assert (films["open"].stat().st_gid, elsewhere.stat().st_gid) == (0, 0)
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600
    assert films["anothers"].stat().st_gid == 1000
