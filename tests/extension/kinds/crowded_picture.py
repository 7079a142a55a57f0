"""A made-up kind that watches the whole picture: many objects, wherever they are."""

from models.labels import CLASSES
from streams.cameras.scene import Scene, places
from streams.cameras.watched import Watched
from streams.incidents.watch import Finding, Watch
from streams.kinds.kind import Kind, Parameter, Watches
from streams.kinds.scenario import Objects, Scenario
from streams.words import Words


def crowded(watched: Watched, watch: Watch, scene: Scene) -> tuple[Watch, bool, Finding | None]:
    """Whether this frame shows that many objects."""
    there = places(scene.meant(watched, unseen=0))
    if there.size < watched.numbers["count"]:
        return watch, False, None
    if watch.incident:
        return watch, True, None
    evidence = scene.evidence(there, watched.zone.polygon)
    return watch, True, Finding(scene.time, "", (evidence,))


KIND = Kind(
    id="crowded_picture",
    name=Words("Hình đông đúc", "Crowded picture"),
    category="security",
    cap_category="Security",
    certainty="Observed",
    watches=Watches.PICTURE,
    classes=frozenset(CLASSES),
    judge_scene=crowded,
    parameters={
        "count": Parameter(
            8, "", Words("số vật trong hình", "objects in it"), least=1, most=1000, whole=True
        ),
        "clear_seconds": Parameter(
            10,
            "s",
            Words("vắng bao lâu thì kết thúc", "how long they are fewer before it ends"),
            most=3600,
        ),
    },
    why=Words("Ít nhất {count} vật trong hình.", "At least {count} objects are in the picture."),
    cause=Words("Sự kiện hoặc ùn tắc.", "An event, or a jam."),
    consequence=Words("Chen lấn.", "Crushing."),
    response=Words("Xem hình, báo phường.", "Look at the picture, tell the ward."),
    # At the top and at the bottom, where a zone would hardly be.
    raises=Scenario(20, (Objects("person", 4, at=(0.1, 0.15)), Objects("car", 4, at=(0.1, 0.99)))),
    quiet=Scenario(20, (Objects("person", 4, at=(0.1, 0.15)), Objects("car", 3, at=(0.1, 0.99)))),
)
