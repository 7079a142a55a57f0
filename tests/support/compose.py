"""docker-compose.yml as Compose understands it: variables put in, one environment a service."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
FILE: dict[str, Any] = yaml.safe_load(TEXT)
PASSWORD = "p@ss/w$rd"
GIVEN = {"DATABASE_PASSWORD": PASSWORD}
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[-?])([^}]*))?\}")


class MissingError(Exception):
    """A variable that has to be given is not."""


def filled(value: Any, given: Mapping[str, str]) -> Any:
    """With variables put in as Compose does; raises MissingError."""

    def put(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if value := given.get(name):
            return value
        if kind != ":-":
            raise MissingError(rest)
        return str(rest)

    if isinstance(value, dict):
        return {name: filled(inner, given) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, given) for inner in value]
    return VARIABLE.sub(put, value) if isinstance(value, str) else value


def services(**given: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = filled(FILE, {**GIVEN, **given})["services"]
    return found


def environment(service: Mapping[str, Any]) -> dict[str, str]:
    """What its process sees, where nothing is passed on from outside."""
    values = service.get("environment", {})
    return {name: str(value) for name, value in values.items() if value is not None}


def mounted(service: Mapping[str, Any]) -> dict[str, str]:
    """Volume to where the service sees it."""
    found = {}
    for volume in service.get("volumes", []):
        if isinstance(volume, str):
            name, target, *_ = volume.split(":")
            found[name] = target
        else:
            found[volume["source"]] = volume["target"]
    return found
