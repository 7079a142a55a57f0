"""Files that hold a secret."""

from pathlib import Path

from streams.secrets import write_secret


def test_a_secret_is_for_its_owner_only(tmp_path: Path) -> None:
    secret = tmp_path / "secrets/token"
    write_secret(secret, "open sesame")
    assert secret.read_text() == "open sesame\n"
    assert secret.stat().st_mode & 0o077 == 0
    assert secret.parent.stat().st_mode & 0o077 == 0


def test_another_takes_the_place_of_the_first_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.touch(mode=0o644)
    write_secret(secret, "open")
    write_secret(secret, "sesame")
    assert secret.read_text() == "sesame\n"
    assert secret.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [secret]
