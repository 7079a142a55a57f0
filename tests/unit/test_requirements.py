"""What a machine lacks is said all at once, with the one command that brings it."""

import os
import shutil
from typing import NoReturn

import pytest

from deploy.local import requirements
from deploy.local.requirements import Requirement


def _missing(*names: str) -> list[Requirement]:
    return [Requirement(f"the {name}", f"{name}-package", lambda: False) for name in names]


def test_everything_missing_is_listed_with_one_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needs = [*_missing("mill", "sieve"), Requirement("water", "water-package", lambda: True)]
    monkeypatch.setattr(requirements, "needs", lambda **_: needs)
    monkeypatch.setattr(requirements, "supported", lambda *_: True)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert requirements.main([]) == 1
    said = capsys.readouterr().err
    assert "the mill" in said
    assert "the sieve" in said
    assert "water" not in said
    (line,) = (line for line in said.splitlines() if "apt-get" in line)
    assert line.endswith("mill-package sieve-package'")


def test_root_has_it_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    need = Requirement("the mill", "mill-package", lambda: "mill-package" in installed)
    monkeypatch.setattr(requirements, "needs", lambda **_: [need])
    monkeypatch.setattr(requirements, "supported", lambda *_: True)
    monkeypatch.setattr(
        requirements, "install", lambda missing: installed.extend(n.package for n in missing)
    )
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert requirements.main([]) == 0
    assert installed == ["mill-package"]


def test_an_unknown_system_is_pointed_to_docker_compose(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(_: object) -> NoReturn:
        pytest.fail("nothing may be installed on a system that is not supported")

    monkeypatch.setattr(requirements, "supported", lambda *_: False)
    monkeypatch.setattr(requirements, "install", never)
    monkeypatch.delenv("CITYOPS_KAFKA_BOOTSTRAP", raising=False)
    assert requirements.main([]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "docker compose" in line


@pytest.mark.parametrize(
    ("machine", "release", "expected"),
    [
        ("x86_64", {"ID": "debian", "VERSION_ID": "12"}, True),
        ("x86_64", {"ID": "debian", "VERSION_ID": "13"}, True),
        ("x86_64", {"ID": "debian", "VERSION_ID": "11"}, False),
        ("x86_64", {"ID": "debian"}, True),
        ("x86_64", {"ID": "ubuntu", "VERSION_ID": "24.04"}, True),
        ("x86_64", {"ID": "ubuntu", "VERSION_ID": "22.04"}, False),
        ("x86_64", {"ID": "linuxmint", "VERSION_ID": "22", "ID_LIKE": "ubuntu debian"}, True),
        ("x86_64", {"ID": "fedora", "VERSION_ID": "42"}, False),
        ("aarch64", {"ID": "debian", "VERSION_ID": "13"}, False),
    ],
)
def test_systems(machine: str, release: dict[str, str], expected: bool) -> None:
    assert requirements.supported(machine, release) is expected


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_392"', 8),
        ("command not found", 0),
    ],
)
def test_versions_of_java(said: str, version: int) -> None:
    assert requirements.java_version(said) == version


def test_servers_that_already_run_need_no_java() -> None:
    given = {"CITYOPS_KAFKA_BOOTSTRAP": "kafka:9092", "CITYOPS_DATABASE_URL": "postgresql://there"}
    packages = {need.package for need in requirements.needs(given)}
    assert not packages & {"default-jre-headless", "maven", "debian-archive-keyring"}
    assert "maven" in {need.package for need in requirements.needs({})}


def test_the_console_is_built_with_node_and_nothing_more() -> None:
    packages = {need.package for need in requirements.console_needs()}
    assert packages == {"nodejs", "npm"}
    assert packages <= {need.package for need in requirements.needs({})}


def test_the_packages_are_installed_with_a_compiler() -> None:
    packages = {need.package for need in requirements.needs({}, venv_only=True)}
    assert {"gcc", "libc6-dev", "python3-dev"} <= packages
    assert all(need.there() for need in requirements.compiler_needs())  # this was compiled here


def test_without_a_browser_it_is_said_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(requirements, "BROWSER", *_missing("browser"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert requirements.main(["--browser"]) == 0
    assert "the tests of the console are skipped" in capsys.readouterr().err


def test_the_browser_without_windows_is_taken_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = {"chromium", requirements.HEADLESS}
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in there else None)
    assert requirements.chromium() == "/bin/chromium-headless-shell"
    there.remove(requirements.HEADLESS)
    assert requirements.chromium() == "/bin/chromium"
    there.clear()
    assert requirements.chromium() is None
