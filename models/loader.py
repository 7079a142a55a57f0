"""From the name of a detector to one that runs: which class runs which kind of network."""

from models.detector import Detector
from models.manifest import ModelError
from models.registry import Registry
from models.yolox import Yolox

KINDS = {"yolox": Yolox}
"""By ``kind`` of the manifest's postprocessing."""


def load_detector(registry: Registry, id: str) -> Detector:
    """The detector ``name@version``.

    Raises:
        ModelError: it is not there, is not what its manifest says, or is no detector.
    """
    model = registry.load(id)
    kind = model.manifest.postprocessing.get("kind")
    if model.manifest.task != "detection" or kind not in KINDS:
        raise ModelError(f"{model.manifest.id} is not a detector that can be run (kind {kind!r})")
    return KINDS[kind](model)
