"""``THIRD-PARTY-NOTICES.md``: who wrote what the product carries, and under which terms."""

from itertools import groupby
from pathlib import Path

from deploy.supply.inventory import ROOT, Part
from deploy.supply.licences import WITH_REASON

FILE = ROOT / "THIRD-PARTY-NOTICES.md"
HEAD = """# Third-party notices

CityOps is licensed under Apache-2.0 (see LICENSE). It runs with the parts below, each under its
own terms. Their whole texts come with each installed package (`*.dist-info/`,
`node_modules/*/LICENSE`); those of what is in the console's pages are `/licences.txt` beside them.
Written by `make notices`; the list for programs is `cityops sbom`.
"""
NAMES = {
    "deb": "Debian packages: the local stack's database",
    "maven": "Jars: the local stack's broker",
    "model": "Networks, fetched when they are asked for",
    "npm": "JavaScript: the console's pages and what builds them",
    "pypi": "Python",
}


def notices(parts: list[Part]) -> str:
    """The file's text."""
    tables = []
    for ecosystem, listed in groupby(parts, key=lambda part: part.ecosystem):
        lines = [f"| [{p.name}]({p.address}) | {p.version} | {_terms(p)} |" for p in listed]
        head = [f"## {NAMES[ecosystem]}", "", "| Part | Version | Licence |", "|---|---|---|"]
        tables.append("\n".join([*head, *lines]))
    return "\n".join([HEAD, "\n\n".join(tables), ""])


def _terms(part: Part) -> str:
    return WITH_REASON.get(part.name, part.licence).replace("|", "\\|")


def write(parts: list[Part], file: Path = FILE) -> None:
    """As above."""
    file.write_text(notices(parts), encoding="utf-8")
