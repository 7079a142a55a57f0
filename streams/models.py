"""The model registry of an installation: where its third-party model files lie."""

from models.registry import Registry
from streams.settings import Settings


def registry(settings: Settings) -> Registry:
    """Files are fetched into the first folder; the second is only read."""
    return Registry((settings.state_dir / "models", settings.data_dir / "models"))
