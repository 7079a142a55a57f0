"""A vehicle that stands where none should."""

import msgspec
import numpy as np

from models.labels import VEHICLES
from models.thresholds import BEGIN
from streams.cameras.scene import Mask, Scene, places, subject_of
from streams.cameras.watched import Watched
from streams.events import SECOND, Micros
from streams.incidents.watch import Finding, Watch
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import Objects, Scenario
from streams.words import Words

QUEUED: Micros = 3 * SECOND
"""A vehicle that has stood this long (or as long as the rule asks for, if that is less) keeps an
open incident alive, even if it is only the queue."""
DOUBTED = 4
"""What stands is believed where one in so many of its pictures would have begun a track: a patch of
pavement may do so now and then, and what only continues it would stand there for ever."""
FEWEST_SEEN = 8
"""Of fewer pictures nobody can tell."""
MOST_SEEN = 500
"""Pictures of which so many are counted; then both counts are halved, which bounds them."""


def stopped(
    watched: Watched, watch: Watch, scene: Scene
) -> tuple[Watch, bool | None, Finding | None]:
    """Whether any vehicle stands in the zone, and the one that has stood there for too long.

    The first to have stopped is the subject; those queueing behind it are the same incident. One
    that is parked and was not seen to leave may be hidden, by glare or by what stands before it.
    """
    dwell = watched.spans["dwell_seconds"]
    stands = scene.meant(watched, unseen=0, stood=min(QUEUED, dwell))
    if 1 not in stands:
        hidden = watch.incident and 1 in scene.hidden(watched)
        return watch, None if hidden else False, None
    if watch.incident:
        return watch, True, None
    watch, sure = believed(watch, scene, stands)
    if 1 not in sure:
        return watch, True, None
    start = max(scene.earliest(sure), watch.not_before)
    if scene.time - start < dwell:
        return watch, True, None
    standing = places(sure)
    first = standing[np.lexsort((scene.ids[standing], scene.since[standing]))[:1]]
    evidence = scene.evidence(first, watched.zone.polygon)
    return watch, True, Finding(start, subject_of(scene.ids[first[0]]), (evidence,))


def believed(watch: Watch, scene: Scene, stands: Mask) -> tuple[Watch, Mask]:
    """Those of the vehicles, which this frame shows, that were seen surely often enough.

    The watch remembers of each: its track, in how many pictures it was seen to stand, and in how
    many of them surely.
    """
    standing = places(stands)
    scores = scene.event.arrays()[2][scene.view.match[standing]]
    there = set(scene.ids.tolist())
    counts = {track: (seen, surely) for track, seen, surely in watch.memory or () if track in there}
    sure = np.zeros(len(stands), bool)
    for place, track, score in zip(
        standing.tolist(), scene.ids[standing].tolist(), scores.tolist(), strict=True
    ):
        seen, surely = counts.get(track, (0, 0))
        half = 2 if seen >= MOST_SEEN else 1
        seen, surely = seen // half + 1, surely // half + (score >= BEGIN)
        counts[track] = seen, surely
        sure[place] = seen < FEWEST_SEEN or surely * DOUBTED >= seen
    memory = [[track, *counts[track]] for track in sorted(counts)]
    return msgspec.structs.replace(watch, memory=memory), sure.tobytes()


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
