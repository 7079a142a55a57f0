"""``cityops models list``: the models in the registry."""

from typing import TYPE_CHECKING, Any

from services.commandline.output import CommandError, JsonArray, emit
from streams.settings import load

if TYPE_CHECKING:
    from models.manifest import Manifest
    from models.registry import Registry

COLUMNS = ("id", "task", "licence", "size", "state", "description")
SPARE = ("licence", "task", "size")


def command(
    as_json: JsonArray = False,
) -> None:
    """List models with their manifests, and whether the right file is there.

    Example: cityops models list --json
    """
    from models.manifest import ModelError
    from streams.models import registry

    models = registry(load())
    try:
        rows = [_row(models, manifest) for manifest in models.catalogue()]
    except ModelError as error:
        raise CommandError(str(error)) from None
    emit(rows, as_json=as_json, columns=COLUMNS, spare=SPARE)


def _row(models: "Registry", manifest: "Manifest") -> dict[str, Any]:
    from models.registry import ModelChangedError, ModelMissingError, checked

    path = None
    try:
        path = models.path(manifest)
        checked(manifest, path)
        state = "ready"
    except ModelMissingError:
        state = "missing"
    except ModelChangedError:
        state = "changed"
    return {
        "id": manifest.id,
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "description": manifest.description,
        "licence": manifest.licence,
        "size": manifest.size,
        "sha256": manifest.sha256,
        "address": manifest.address or None,
        "converted_from": manifest.converted_from or None,
        "classes": sorted(set(manifest.classes.values())),
        "thresholds": manifest.thresholds,
        "quality": manifest.quality,
        "state": state,
        "path": str(path) if path else None,
    }
