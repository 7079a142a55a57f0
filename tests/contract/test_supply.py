"""What others wrote is pinned by its hash, may be used, and is named."""

import json
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.supply import __main__ as check
from deploy.supply.inventory import Part, parts
from deploy.supply.licences import WITH_REASON, permitted, spdx
from deploy.supply.notices import FILE
from streams.models import registry
from streams.settings import load
from tests.support.commandline import cityops

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = {name: (ROOT / f"deploy/locks/{name}.txt").read_text() for name in ("run", "develop")}
EXTRAS = {"run": ("build",), "develop": ("build", "test", "check")}
Pins = dict[str, str]


def pins(lines: list[str]) -> Pins:
    wanted = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in wanted}


def locked(name: str) -> dict[str, tuple[str, list[str]]]:
    """Version and hashes of each package."""
    found = {}
    for entry in LOCKS[name].replace("\\\n", " ").splitlines():
        line, *hashes = entry.split("--hash=")
        ((package, version),) = pins([line.strip()]).items()
        found[package] = version, [each.strip() for each in hashes]
    return found


CONSTRAINTS = pins((ROOT / "constraints.txt").read_text().splitlines())


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_says_what_the_constraints_say_with_hashes(name: str) -> None:
    found = locked(name)
    assert {package: version for package, (version, _) in found.items()}.items() <= (
        CONSTRAINTS.items()
    ), "make locks writes them anew"
    for package, (_, hashes) in found.items():
        assert hashes, package
        assert all(each.startswith("sha256:") and len(each) == 71 for each in hashes), package


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_all_that_is_asked_for(name: str) -> None:
    asked = PROJECT["dependencies"] + [
        line for extra in EXTRAS[name] for line in PROJECT["optional-dependencies"][extra]
    ]
    assert pins(asked).keys() <= locked(name).keys(), "make locks writes them anew"


def test_constraints_pin_nothing_else() -> None:
    assert CONSTRAINTS.keys() == locked("develop").keys()


def test_the_image_and_the_clone_install_by_hash() -> None:
    for file, lock in (("deploy/docker/Dockerfile", "run"), ("Makefile", "develop")):
        installs = [
            line for line in (ROOT / file).read_text().splitlines() if "pip install" in line
        ]
        kept = [line for line in installs if "build/" not in line]  # what makes the pins
        assert any(f"--require-hashes -r deploy/locks/{lock}.txt" in line for line in kept), file
        assert all("--require-hashes" in line or "--no-deps" in line for line in kept), file


@pytest.mark.parametrize(
    ("said", "expression"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache Software License", "Apache-2.0"),
        ("Apache-2.0 OR GPL-3.0-only", "Apache-2.0 OR GPL-3.0-only"),
        ("", ""),
        ("see LICENSE", ""),
        ("Copyright (c) somebody", ""),
    ],
)
def test_what_packages_say_is_read(said: str, expression: str) -> None:
    assert spdx(said) == expression


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True),
        ("MIT AND Zlib", True),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("GPL-3.0-only", False),
        ("AGPL-3.0-only", False),
        ("LGPL-3.0-only", False),
        ("", False),
    ],
)
def test_control_a_part_of_other_terms_is_refused(expression: str, may: bool) -> None:
    assert permitted("somebodys-part", expression) is may


def test_every_part_is_permitted() -> None:
    assert check.main([]) == 0


def test_control_the_check_names_what_it_refuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = [Part("npm", "copyleft", "1.0", "GPL-3.0-only"), Part("pypi", "unknown", "2", "")]
    monkeypatch.setattr(check, "parts", lambda *_, **__: refused)
    assert check.main([]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "copyleft 1.0 (npm): GPL-3.0-only" in first
    assert "unknown 2 (pypi): nobody knows its licence" in second


def test_every_reason_is_needed() -> None:
    assert WITH_REASON.keys() <= {p.name for p in parts(registry(load()), developing=True)}


def test_the_notices_name_all_that_the_product_carries() -> None:
    said = FILE.read_text()
    carried = [part for part in parts(registry(load())) if f"| [{part.name}](" not in said]
    assert not carried, "make notices writes them anew"
    for package, (version, _) in locked("run").items():
        if package not in {"cython", "setuptools"}:  # they build, and stay behind
            assert f"| [{package}]" not in said or f") | {version} |" in said, package


def test_the_bill_of_materials_has_every_part_and_is_the_same_each_time(tmp_path: Path) -> None:
    printed = cityops("sbom")
    assert printed.exit_code == 0
    bill = json.loads(printed.stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    found = {each["purl"]: each for each in bill["components"]}
    assert len(found) == len(parts(registry(load())))
    assert f"pkg:pypi/faust-streaming@{CONSTRAINTS['faust-streaming']}" in found
    assert any(purl.startswith("pkg:maven/org.apache.kafka/") for purl in found)
    assert any(purl.startswith("pkg:deb/debian/postgresql-17-timescaledb") for purl in found)
    assert any(each["type"] == "machine-learning-model" for each in found.values())
    pages = [each for purl, each in found.items() if purl.startswith("pkg:npm/")]
    assert pages
    assert all(each["hashes"][0]["alg"] == "SHA-512" for each in pages)
    assert cityops("sbom").stdout == printed.stdout
    assert cityops("sbom", "--output", str(tmp_path / "sbom.json")).exit_code == 0
    assert (tmp_path / "sbom.json").read_text() == printed.stdout
