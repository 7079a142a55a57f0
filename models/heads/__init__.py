"""How networks say what they found: one module per kind of output, named by the manifest."""

from models.heads.boxes_scores import BoxesScores
from models.heads.head import Head
from models.heads.ssd import Ssd
from models.heads.yolov8 import Yolov8
from models.heads.yolox import Yolox

HEADS: dict[str, type[Head]] = {
    "boxes_scores": BoxesScores,
    "ssd": Ssd,
    "yolov8": Yolov8,
    "yolox": Yolox,
}
"""By ``kind`` of the manifest's postprocessing."""
