"""All kinds of incidents: those of this package, and those of an installation's own folder.

``CITYOPS_EXTENSIONS`` names a folder whose ``kinds/*.py`` each hold one ``KIND``, as here.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Literal

import msgspec

import streams.kinds
from streams import settings
from streams.events import Incident
from streams.kinds.data_loss import lost
from streams.kinds.kind import Kind, Watches

__all__ = [
    "KindError",
    "UnknownKindError",
    "all_kinds",
    "find",
    "is_watching",
    "lost",
    "proof_of",
    "renamed",
]

_NOT_KINDS = frozenset({"kind", "registry", "scenario"})


class UnknownKindError(LookupError):
    """No kind has that id, now or formerly."""


class KindError(settings.SettingError):
    """Two kinds share an id, or a module of the folder holds none or cannot be loaded."""


@cache
def all_kinds() -> dict[str, Kind]:
    """By id, in sorted order.

    Raises:
        KindError: a module holds no kind, or an id is taken twice.
    """
    modules = [
        importlib.import_module(f"{streams.kinds.__name__}.{found.name}")
        for found in pkgutil.iter_modules(streams.kinds.__path__)
        if found.name not in _NOT_KINDS
    ]
    extensions = settings.load().extensions
    if extensions:
        modules += [_module(path) for path in sorted((Path(extensions) / "kinds").glob("*.py"))]
    return _registered(modules)


def find(name: str) -> Kind:
    """The kind of that id, or that once had it; raises UnknownKindError."""
    kinds = all_kinds()
    found = kinds.get(name)
    if found is None:
        found = kinds.get(_former().get(name, ""))
    if found is None:
        raise UnknownKindError(f"no kind {name!r}; kinds are {', '.join(kinds)}")
    return found


def renamed(incident: Incident) -> Incident:
    """Under the id that its kind has now; the same object where it has not changed."""
    now = _former().get(incident.kind)
    return msgspec.structs.replace(incident, kind=now) if now else incident


def proof_of(name: str) -> Literal["seen", "felt", ""]:
    """What incidents of that kind are to others on their road segment; empty: nothing."""
    try:
        return find(name).proof
    except UnknownKindError:
        return ""


def is_watching(name: str, *watches: Watches) -> bool:
    """Whether it is the name of a kind that watches one of these; False where there is none."""
    try:
        return find(name).watches in watches
    except UnknownKindError:
        return False


@cache
def _former() -> dict[str, str]:
    return {old: kind.id for kind in all_kinds().values() for old in kind.formerly}


def _registered(modules: Iterable[ModuleType]) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    taken: set[str] = set()
    for module in modules:
        kind = getattr(module, "KIND", None)
        if not isinstance(kind, Kind):
            raise KindError(f"{module.__name__} holds no KIND")
        for name in (kind.id, *kind.formerly):
            if name in taken:
                raise KindError(f"two kinds are called {name!r}; one is in {module.__name__}")
            taken.add(name)
        kinds[kind.id] = kind
    return {name: kinds[name] for name in sorted(kinds)}


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"cityops_extension_kinds_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise KindError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise KindError(f"{path} cannot be loaded: {error!r}") from error
    return module
