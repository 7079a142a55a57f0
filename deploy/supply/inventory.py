"""The parts that others wrote, by where they come from, with version, terms and checksum.

What is installed is looked at, and the files that pin it: nothing is asked of a network.
"""

import base64
import json
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.local import timescale
from deploy.supply.licences import spdx
from models.registry import Registry

ROOT = Path(__file__).parents[2]
PRODUCT = "cityops"
PAGES = ROOT / "services/console/package-lock.json"
BROKER = ROOT / "deploy/local/pom.xml"
BROKER_LICENCES = {"kafka": "Apache-2.0", "slf4j-simple": "MIT"}
SERVER_LICENCES = {"timescaledb": "Apache-2.0", "postgresql": "PostgreSQL"}
SAID = ("License-Expression", "License")
NAMESPACE = {"m": "http://maven.apache.org/POM/4.0.0"}


class Part(NamedTuple):
    """Something that somebody else wrote."""

    ecosystem: str
    """As a package URL has it: ``pypi``, ``npm``, ``maven``, ``deb``; ``model`` for a network."""
    name: str
    version: str
    licence: str
    """SPDX expression; empty: nobody knows."""
    use: str = "run"
    """``run``: of the product; ``develop``: only of its tests and checks."""
    address: str = ""
    digest: tuple[str, str] = ("", "")
    """Algorithm (``SHA-256``, ``SHA-512``) and hex, where what pins the part says one."""


def parts(registry: Registry, *, developing: bool = False) -> list[Part]:
    """All, sorted; ``developing``: with those of tests and checks."""
    found = [*of_python(), *of_pages(), *of_broker(), *of_database(), *of_models(registry)]
    return sorted(part for part in found if developing or part.use == "run")


def of_python() -> Iterator[Part]:
    """The distributions that the product's own requirements lead to and that are installed."""
    run = _reached(_wanted(PRODUCT, frozenset()))
    everything = _reached(_wanted(PRODUCT, frozenset({"test", "check"})))
    for name in sorted(everything):
        if name == PRODUCT:
            continue
        metadata = everything[name].metadata
        yield Part(
            "pypi",
            name,
            metadata["Version"],
            _licence_of(everything[name]),
            "run" if name in run else "develop",
            f"https://pypi.org/project/{name}/{metadata['Version']}/",
        )


def _wanted(name: str, extras: frozenset[str]) -> list[Requirement]:
    """What a distribution asks for on this machine."""
    try:
        asked = distribution(name).requires or []
    except PackageNotFoundError:
        return []
    return [
        one
        for one in map(Requirement, asked)
        if one.marker is None
        or any(one.marker.evaluate({"extra": extra}) for extra in {"", *extras})
    ]


def _reached(wanted: list[Requirement]) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        one = wanted.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # asked for by a marker of another machine, or not installed here
        wanted += _wanted(name, extras)
    return found


def _licence_of(found: Distribution) -> str:
    """What it says first of: an expression, a line, its classifiers."""
    metadata = found.metadata
    said = [text for field in SAID for text in metadata.get_all(field) or []]
    classifiers = [
        line.split("::")[-1].strip()
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    known = (spdx(text.split("\n")[0]) for text in (*said, *classifiers))
    return next(filter(None, known), "")


def of_pages() -> Iterator[Part]:
    """What the console is built from; nothing where its sources are not beside the code."""
    if not PAGES.exists():
        return
    for path, known in json.loads(PAGES.read_text())["packages"].items():
        if not path or "linux" not in known.get("os", ["linux"]):
            continue  # the product itself, or a program of another system
        name = path.rpartition("node_modules/")[2]
        algorithm, _, encoded = known.get("integrity", "").partition("-")
        digest = ("SHA-512", base64.b64decode(encoded).hex()) if algorithm == "sha512" else ("", "")
        yield Part(
            "npm",
            name,
            known["version"],
            spdx(known.get("license", "")),
            "develop" if known.get("dev") else "run",
            f"https://www.npmjs.com/package/{name}/v/{known['version']}",
            digest,
        )


def of_broker() -> Iterator[Part]:
    """The broker that a local stack runs; what it brings along is Maven's to say."""
    for dependency in ElementTree.parse(BROKER).iterfind(".//m:dependency", NAMESPACE):
        group, artifact, version = (
            dependency.findtext(f"m:{tag}", "", NAMESPACE)
            for tag in ("groupId", "artifactId", "version")
        )
        licence = BROKER_LICENCES[artifact.partition("_")[0]]
        address = f"https://central.sonatype.com/artifact/{group}/{artifact}/{version}"
        yield Part("maven", f"{group}/{artifact}", version, licence, address=address)


def of_database() -> Iterator[Part]:
    """The database that a local stack runs: Debian's packages, of the release's own versions."""
    for name in timescale.PACKAGES:
        if name.startswith("postgresql"):
            licence = SERVER_LICENCES["timescaledb" if "timescale" in name else "postgresql"]
            address = f"https://packages.debian.org/trixie/{name}"
            version = re.findall(r"\d+", name)[0]
            yield Part("deb", name, version, licence, address=address)


def of_models(registry: Registry) -> Iterator[Part]:
    """Networks that others trained."""
    for manifest in registry.catalogue():
        if not manifest.is_ours:
            yield Part(
                "model",
                manifest.name,
                manifest.version,
                spdx(manifest.licence),
                address=manifest.address or manifest.converted_from,
                digest=("SHA-256", manifest.sha256),
            )
