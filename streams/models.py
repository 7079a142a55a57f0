"""The model registry of an installation: where its third-party model files lie."""

from models.manifest import ModelError
from models.registry import Registry
from streams.settings import Settings

FOOTAGE = ("person-vehicle-bike-2004", "yolox_nano_street", "yolox_nano")
"""Detectors of real streets, the best first; their cards say what each finds."""


def registry(settings: Settings) -> Registry:
    """Files are fetched into the first folder; the second is only read."""
    return Registry((settings.state_dir / "models", settings.data_dir / "models"))


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
