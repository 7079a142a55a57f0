"""Too many persons in one place."""

from collections.abc import Mapping

import msgspec

from streams.cameras.scene import Scene, places
from streams.cameras.watched import Watched
from streams.events import SECOND, Micros
from streams.incidents.watch import Finding, Watch
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import Objects, Scenario
from streams.words import Words

MISSED: Micros = SECOND
"""An object of a crowd that a few frames miss still counts for this long, or until the second."""


def crowd(watched: Watched, watch: Watch, scene: Scene) -> tuple[Watch, bool, Finding | None]:
    """Whether enough persons for a crowd to last are in the zone, and since when for one to be."""
    count = scene.meant(watched, unseen=max(MISSED, scene.step)).count(1)
    needed = watched.numbers["count"]
    # As many as make a crowd never end one, whatever ratio an earlier release has accepted.
    lasts = count > 0 and count >= needed * min(watched.numbers["clear_ratio"], 1)
    if count < needed:
        return (msgspec.structs.replace(watch, since=0) if watch.since else watch), lasts, None
    if not watch.since:
        watch = msgspec.structs.replace(watch, since=scene.time)
    start = max(watch.since, watch.not_before)
    if watch.incident or scene.time - start < watched.spans["hold_seconds"]:
        return watch, lasts, None
    visible = places(scene.meant(watched, unseen=0))
    if visible.size < needed:  # the picture that proves a crowd shows it
        return watch, lasts, None
    evidence = scene.evidence(visible, watched.zone.polygon)
    return watch, lasts, Finding(start, "", (evidence,))


def _contradiction(values: Mapping[str, float]) -> str | None:
    if values["count"] * values["clear_ratio"] <= 0:
        return "clear_ratio=0 would never let a crowd end: give more than 0"
    return None


KIND = Kind(
    id="crowd",
    name=Words("Tụ tập đông người", "Crowd"),
    category="security",
    sub_category="crowdRisk",
    cap_category="Security",
    certainty="Observed",
    watches=Watches.ZONE,
    classes=frozenset({"person"}),
    proof="seen",
    alive=True,
    sparsest=SECOND,  # who walks is not met again after longer
    judge_scene=crowd,
    parameters={
        "count": Parameter(
            5,
            "",
            Words("số người thành đám đông", "persons that make a crowd"),
            least=1,
            most=1000,
            whole=True,
        ),
        "hold_seconds": Parameter(
            3, "s", Words("phải đông bao lâu", "for how long they must be that many"), most=3600
        ),
        "clear_ratio": Parameter(
            0.75,
            "",
            Words(
                "còn ít nhất tỷ lệ này thì chưa hết", "it lasts while this ratio of them is there"
            ),
            most=1,
            formerly=("clear_part",),
        ),
        "clear_seconds": Parameter(
            10,
            "s",
            Words("vãn bao lâu thì kết thúc", "how long they are fewer before it ends"),
            most=3600,
        ),
    },
    contradiction=_contradiction,
    why=Words(
        "Ít nhất {count} người đã ở trong vùng suốt {hold_seconds} s.",
        "At least {count} persons have been in the zone for {hold_seconds} s.",
    ),
    cause=Words("Sự kiện, tai nạn hoặc tụ tập tự phát.", "An event, an accident or a gathering."),
    consequence=Words("Chen lấn, cản trở giao thông.", "Crushing, or a blocked road."),
    response=Words(
        "Xem hình, báo công an phường, theo dõi cho đến khi vãn.",
        "Look at the picture, tell the ward's police, watch until it thins out.",
    ),
    raises=Scenario(20, (Objects("person", 6),)),
    quiet=Scenario(20, (Objects("person", 2),)),
)
