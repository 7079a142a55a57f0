"""The model registry of an installation: where its third-party model files lie."""

from models.manifest import ModelError
from models.registry import PROCESSOR, Registry
from streams.settings import Settings

FOOTAGE = ("person-vehicle-bike-2004", "yolox_nano_street", "yolox_nano")
"""Detectors of real streets, the best first; their cards say what each finds."""


def registry(settings: Settings) -> Registry:
    """Files are fetched into the first folder; the second is only read."""
    folders = (settings.state_dir / "models", settings.data_dir / "models")
    return Registry(folders, providers=providers(settings))


def providers(settings: Settings) -> tuple[str, ...]:
    """What is to run detectors besides the processor, the first choice first."""
    named = (name.strip() for name in settings.onnx_providers.split(","))
    return tuple(name for name in named if name and name != PROCESSOR)


def classes(id: str) -> frozenset[str]:
    """What the model ``name@version`` can name; empty where no such model is known here."""
    try:
        return frozenset(Registry().find(id).classes.values())
    except ModelError:
        return frozenset()


def for_footage(models: Registry) -> str:
    """``name@version`` of the best detector of real streets whose file is there; empty: none is."""
    for name in FOOTAGE:
        try:
            manifest = models.find(name)
            models.path(manifest)
        except ModelError:
            continue
        return manifest.id
    return ""
