"""From the name of a detector to one that runs."""

from models.detector import Detector
from models.manifest import ModelError
from models.network import Network
from models.registry import Registry


def load_detector(registry: Registry, id: str, task: str = "detection") -> Detector:
    """The detector ``name@version``.

    Raises:
        ModelError: it is not there, is not what its manifest says, or is none of that task.
    """
    manifest = registry.find(id)
    if manifest.task != task:
        raise ModelError(f"{manifest.id} is a model of {manifest.task}, not of {task}")
    return Network(registry.load(id))
