"""Masks a picture that somebody is to see; where that cannot be done, nothing in it can be seen.

What was seen by ``detect`` is not enough: its thresholds are to believe what is there, not to miss
nobody, and of a picture in which nothing had changed it says nothing. So a detector looks at the
very picture again, at thresholds so low that it misses few (``docs/privacy.md`` says how many), and
what the evidence names is covered as well (decision 0054).
"""

import logging
import threading
from typing import NamedTuple

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from models.detector import Detector, Found
from models.manifest import Manifest, ModelError
from models.network import Network
from models.registry import Registry
from models.thresholds import BEGIN
from services.privacy import masks
from services.privacy.masks import NOTHING, Image, Seen
from streams.cameras import pictures, verdicts
from streams.events import Origin
from streams.models import FOOTAGE, for_footage, registry
from streams.settings import Settings
from streams.stages.detect import DEFAULT_MODEL

RECALL = 0.5
"""Of a detector's own thresholds of people and riders: a shadow too many is covered rather than a
person too few. Vehicles whose plates can be read are seen by the thresholds as they are."""
OVERLAP = 0.7
"""Boxes that overlap less are both covered: of two people one may hide the other."""
SAME = 0.6
"""IoU of a suspected person's box and a vehicle's from which both are the vehicle."""
LARGE = 0.04
"""Of the picture: where the above is asked."""
QUALITY = 92

NO_MODEL = "no_model"
NO_GOOD = "not_good"
FAILED = "failed"
WHY_WHOLE = {
    NO_MODEL: f"no detector of people is there: 'cityops models fetch {FOOTAGE[1]}'",
    NO_GOOD: "by such a picture no detector can tell who is in it",
    FAILED: "the detector failed",
}

MASKED = "X-Picture-Masked"
"""The header that says how a picture is masked, see ``Masked.said``."""

log = logging.getLogger(__name__)


class Masked(NamedTuple):
    picture: Image
    """BGR [height, width, 3]."""
    whole: str
    """Why nothing can be seen in it, one of ``WHY_WHOLE``; empty: people and plates are covered."""
    seen: Seen = NOTHING
    """By this look, without what was known."""

    @property
    def said(self) -> str:
        return self.whole or "parts"

    def jpeg(self) -> bytes:
        """Encoded anew: nothing of the original's bytes, nor of what they say of it, is in it."""
        _, data = cv2.imencode(".jpg", self.picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        return bytes(data.tobytes())


class Masker:
    """Safe to share between threads: one picture is looked at at a time."""

    def __init__(self, models: Registry) -> None:
        self._models = models
        self._loaded: dict[str, Detector] = {}
        self._lock = threading.Lock()

    @classmethod
    def from_settings(cls, settings: Settings) -> "Masker":
        return cls(registry(settings))

    def model(self, origin: Origin) -> str:
        """``name@version`` of what looks at pictures of that origin; empty: nothing is there."""
        if origin == "simulated":
            return self._models.find(DEFAULT_MODEL).id
        return for_footage(self._models)

    def look(self, picture: Image, origin: Origin) -> Seen:
        """Everybody and everything that may be in the picture.

        Raises:
            ModelError: no detector is there, or it cannot be used.
        """
        with self._lock:
            found = self._detector(origin).detect(picture)
        height, width = picture.shape[:2]
        stay = ~_vehicles_again(found, LARGE * height * width)
        return Seen(found.boxes[stay], found.classes[stay])

    def mask(self, jpeg: bytes, origin: Origin, known: Seen = NOTHING) -> Masked:
        """As ``cover``, of a picture as it was sent; raises BadMessage where it is none."""
        return self.cover(pictures.decode(jpeg), origin, known)

    def cover(self, picture: Image, origin: Origin, known: Seen = NOTHING) -> Masked:
        """Never fails.

        Args:
            known: what was seen in it besides, or just before.
        """
        try:
            if verdicts.look(picture).verdict != "good":
                return Masked(masks.coarse(picture), NO_GOOD)
            seen = self.look(picture, origin)
            height, width = picture.shape[:2]
            areas = masks.regions(masks.together(seen, known), width, height)
            return Masked(masks.cover(picture, areas), "", seen)
        except ModelError as error:
            log.warning("a picture is covered whole: %s", error)
            return Masked(masks.coarse(picture), NO_MODEL)
        except Exception:  # whatever it was: nobody may be seen because of it
            log.exception("a picture is covered whole")
            return Masked(masks.coarse(picture), FAILED)

    def _detector(self, origin: Origin) -> Detector:
        name = self.model(origin)
        if not name:
            raise ModelError(WHY_WHOLE[NO_MODEL])
        if name not in self._loaded:
            model = self._models.load(name)
            self._loaded[name] = Network(model._replace(manifest=_lowered(model.manifest)))
        return self._loaded[name]


def _vehicles_again(found: Found, large: float) -> NDArray[np.bool_]:
    """[n]: a person or rider whom the detector only suspects where it is sure of a vehicle, of so
    many pixels: a lorry is a two-wheeler as well at the lowest thresholds, and nothing would be
    left of it; a person of that size is seen without doubt."""
    sides = found.boxes[:, 2:] - found.boxes[:, :2]
    sure = (found.thousandths() >= BEGIN) & np.isin(found.classes, masks.VEHICLES_AT)
    weak = (found.thousandths() < BEGIN) & (sides.prod(axis=1) >= large)
    weak &= ~np.isin(found.classes, masks.VEHICLES_AT)
    same = np.zeros(len(weak), np.bool_)
    for box in found.boxes[sure]:
        same |= _overlap(found.boxes, box) >= SAME
    again: NDArray[np.bool_] = weak & same
    return again


def _overlap(boxes: NDArray[np.float64], box: NDArray[np.float64]) -> NDArray[np.float64]:
    """[n]: IoU of each with one."""
    sides = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
    both = sides.clip(0).prod(axis=1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    shares: NDArray[np.float64] = both / (areas + (box[2:] - box[:2]).prod() - both)
    return shares


def _lowered(manifest: Manifest) -> Manifest:
    told = dict(manifest.thresholds)
    named, score = set(manifest.classes.values()), told["score"]
    usual = score if isinstance(score, dict) else dict.fromkeys(named, score)
    told["score"] = {
        name: value if name in masks.WITH_PLATES else RECALL * value
        for name, value in usual.items()
    }
    told["overlap"] = max(OVERLAP, told["overlap"])
    told["overlap_across"] = 1.0
    # A rider whom one box has lost may be in another.
    told.pop("riders", None)
    return msgspec.structs.replace(manifest, thresholds=told)
