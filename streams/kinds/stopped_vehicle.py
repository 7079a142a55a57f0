"""A vehicle that stands where none should."""

import numpy as np

from models.labels import VEHICLES
from streams.cameras.scene import Scene, places, subject_of
from streams.cameras.watched import Watched
from streams.events import SECOND, Micros
from streams.incidents.watch import Finding, Watch
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import Objects, Scenario
from streams.words import Words

QUEUED: Micros = 3 * SECOND
"""A vehicle that has stood this long keeps an open incident alive, even if it is only the queue."""


def stopped(
    watched: Watched, watch: Watch, scene: Scene
) -> tuple[Watch, bool | None, Finding | None]:
    """Whether any vehicle stands in the zone, and the one that has stood there for too long.

    The first to have stopped is the subject; those queueing behind it are the same incident. One
    that is parked and was not seen to leave may be hidden, by glare or by what stands before it.
    """
    stands = scene.meant(watched, unseen=0, stood=QUEUED)
    if 1 not in stands:
        hidden = watch.incident and 1 in scene.hidden(watched)
        return watch, None if hidden else False, None
    if watch.incident:
        return watch, True, None
    start = max(scene.earliest(stands), watch.not_before)
    if scene.time - start < watched.spans["dwell_seconds"]:
        return watch, True, None
    standing = places(stands)
    since = np.maximum(scene.since[standing], watch.not_before)
    first = standing[np.lexsort((scene.ids[standing], since))[:1]]
    evidence = scene.evidence(first, watched.zone.polygon)
    return watch, True, Finding(start, subject_of(scene.ids[first[0]]), (evidence,))


KIND = Kind(
    id="stopped_vehicle",
    name=Words("Xe dừng trên làn", "Stopped vehicle"),
    category="traffic",
    sub_category="carStopped",
    cap_category="Transport",
    certainty="Observed",
    watches=Watches.ZONE,
    classes=VEHICLES,
    proof="seen",
    judge_scene=stopped,
    parameters={
        "dwell_seconds": Parameter(
            20, "s", Words("xe đứng yên bao lâu thì báo", "how long a vehicle stands"), most=3600
        ),
        "clear_seconds": Parameter(
            10,
            "s",
            Words("hết xe đứng bao lâu thì kết thúc", "how long none stands before it ends"),
            most=3600,
        ),
    },
    why=Words(
        "Một xe đã đứng yên trong vùng ít nhất {dwell_seconds} s.",
        "A vehicle has stood in the zone for at least {dwell_seconds} s.",
    ),
    cause=Words(
        "Xe hỏng, va chạm, hoặc đỗ sai quy định.", "A breakdown, a collision or illegal parking."
    ),
    consequence=Words(
        "Xe phía sau dồn lại hoặc đâm vào.", "Traffic queues behind it, or runs into it."
    ),
    response=Words(
        "Xem hình, điều lực lượng gần nhất, mở biển cảnh báo.",
        "Look at the picture, send the nearest patrol, warn approaching traffic.",
    ),
    raises=Scenario(40, (Objects("car"),)),
    quiet=Scenario(40, (Objects("car", at=(0.3, 0.5), moves=(0.01, 0.0)),)),
)
