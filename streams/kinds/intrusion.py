"""Somebody who stays where nobody should be."""

import msgspec
import numpy as np

from streams.cameras.scene import Scene, places, subject_of
from streams.cameras.watched import Watched
from streams.events import SECOND, Micros
from streams.incidents.watch import Finding, Watch
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import Objects, Scenario
from streams.words import Words

MISSED: Micros = 30 * SECOND
"""Somebody whom frames miss for this long is there all the same."""


def intrusion(watched: Watched, watch: Watch, scene: Scene) -> tuple[Watch, bool, Finding | None]:
    """Whether anyone is in the zone, and who has been there for too long."""
    there = scene.meant(watched, unseen=MISSED)
    if 1 not in there:
        return (
            (msgspec.structs.replace(watch, dwellers={}) if watch.dwellers else watch),
            False,
            None,
        )
    ids: list[int] = scene.ids[places(there)].tolist()
    dwellers = {track: watch.dwellers.get(track, scene.time) for track in ids}
    if dwellers != watch.dwellers:
        watch = msgspec.structs.replace(watch, dwellers=dwellers)
    visible = places(scene.meant(watched, unseen=0))
    if watch.incident or not visible.size:
        return watch, bool(visible.size), None
    since = {track: max(dwellers[track], watch.not_before) for track in scene.ids[visible].tolist()}
    first = min(since, key=lambda track: (since[track], track))
    if scene.time - since[first] < watched.spans["dwell_seconds"]:
        return watch, True, None
    order = np.argsort(scene.ids[visible] != first, kind="stable")
    evidence = scene.evidence(visible[order], watched.zone.polygon)
    return watch, True, Finding(since[first], subject_of(first), (evidence,))


KIND = Kind(
    id="intrusion",
    name=Words("Xâm nhập vùng cấm", "Intrusion"),
    category="security",
    sub_category="suspiciousAction",
    cap_category="Security",
    certainty="Observed",
    watches=Watches.ZONE,
    classes=frozenset({"person"}),
    sparsest=SECOND,  # who walks is not met again after longer
    proof="seen",
    alive=True,
    judge_scene=intrusion,
    parameters={
        "dwell_seconds": Parameter(
            3, "s", Words("ở lại bao lâu thì báo", "how long an intruder stays"), most=3600
        ),
        "clear_seconds": Parameter(
            10,
            "s",
            Words("vắng bao lâu thì kết thúc", "how long nobody is there before it ends"),
            most=3600,
        ),
    },
    why=Words(
        "Có người ở trong vùng cấm ít nhất {dwell_seconds} s.",
        "Somebody has been in the forbidden zone for at least {dwell_seconds} s.",
    ),
    cause=Words("Người đi lạc, kẻ gian hoặc thợ không báo.", "A stray, a thief, or a worker."),
    consequence=Words("Mất an toàn, mất tài sản.", "Danger to the person, or loss of property."),
    response=Words(
        "Xem hình, gọi bảo vệ, phát loa cảnh báo.",
        "Look at the picture, call the guard, warn by loudspeaker.",
    ),
    raises=Scenario(20, (Objects("person"),)),
    quiet=Scenario(20, (Objects("person", at=(0.05, 0.1)),)),
)
