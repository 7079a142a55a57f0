"""A made-up kind that watches a line: a vehicle that crosses it to its left, where none may."""

import msgspec

from models.labels import VEHICLES
from streams.cameras.scene import Scene, places
from streams.cameras.watched import Watched
from streams.incidents.watch import Finding, Watch
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import Objects, Scenario
from streams.words import Words


def wrong_way(watched: Watched, watch: Watch, scene: Scene) -> tuple[Watch, bool, Finding | None]:
    """Whether any vehicle has just crossed to the left, and the first of those that have."""
    crossings = scene.crossings(watched, watch.memory)
    watch = msgspec.structs.replace(watch, memory=crossings.feet)
    wrong = places(crossings.leftward)
    if watch.incident or not wrong.size:
        return watch, bool(wrong.size), None
    evidence = scene.evidence(wrong, watched.zone.polygon)
    return watch, True, Finding(scene.time, f"track-{scene.ids[wrong[0]]}", (evidence,))


KIND = Kind(
    id="wrong_way",
    name=Words("Đi ngược chiều", "Wrong way"),
    category="traffic",
    cap_category="Transport",
    certainty="Observed",
    watches=Watches.LINE,
    classes=VEHICLES,
    proof="seen",
    judge_scene=wrong_way,
    parameters={
        "clear_seconds": Parameter(
            10,
            "s",
            Words("hết xe bao lâu thì kết thúc", "how long none crosses before it ends"),
            most=3600,
        ),
    },
    why=Words("Một xe đã vượt vạch ngược chiều.", "A vehicle has crossed the line the wrong way."),
    cause=Words("Người lái nhầm đường.", "A driver who has taken the wrong road."),
    consequence=Words("Đâm trực diện.", "A head-on collision."),
    response=Words("Cảnh báo xe đi tới, chặn xe.", "Warn whoever comes, stop the vehicle."),
    raises=Scenario(20, (Objects("car", at=(0.7, 0.5), moves=(-0.05, 0.0)),)),
    quiet=Scenario(20, (Objects("car", at=(0.3, 0.5), moves=(0.05, 0.0)),)),
)
