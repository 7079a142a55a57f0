"""An agency's feed delivers less, or worse, than its owner promises: an incident of the owner's."""

from streams.events import Delivered, Incident, Micros
from streams.feeds.feed import Feed
from streams.feeds.promises import broken
from streams.feeds.registry import all_feeds
from streams.incidents.life import declare
from streams.kinds.kind import Kind, Watches
from streams.words import Words

AXES = {
    "complete": Words("đủ", "complete"),
    "valid": Words("đúng", "valid"),
    "clean": Words("sạch", "clean"),
    "live": Words("sống", "live"),
}


def fallen(feed: Feed, told: Delivered, time: Micros, apart: str) -> Incident:
    """The feed broke its promise in that hour; found at ``time``.

    Args:
        apart: tells it from that of another origin, where there is one.
    """
    said = "+".join(f"{axis}={share}" for axis, share in broken(feed, told))
    return declare(
        KIND.id,
        (f"feed/{feed.id}",),
        f"{feed.id}:{said}",
        start=told.hour,
        time=time,
        severity="medium",
        origin=told.origin,
        apart=apart,
    )


def _said(subject: str) -> Words:
    """``base_stations:complete=900+live=800`` in words."""
    name, _, axes = subject.partition(":")
    feed = all_feeds().get(name)
    if feed is None:
        return Words(subject, subject)
    told: list[list[str]] = [[], []]
    for each in axes.split("+"):
        axis, _, share = each.partition("=")
        if axis not in AXES or not share.isdigit():
            return Words(subject, subject)
        promised = round(10 * getattr(feed.promise, axis))
        for language, mark in enumerate(",."):
            have, want = (f"{n // 10}{mark}{n % 10}" for n in (int(share), promised))
            told[language].append(f"{AXES[axis][language]} {have} % (≥ {want})")
    owner = feed.owner or Words("chưa rõ đơn vị", "nobody named")
    return Words(
        f"{feed.name.vi} ({owner.vi}): {', '.join(told[0])}",
        f"{feed.name.en} ({owner.en}): {', '.join(told[1])}",
    )


KIND = Kind(
    id="below_promise",
    name=Words("Dữ liệu kém hơn cam kết", "Data below promise"),
    category="dataQuality",
    cap_category="Infra",
    certainty="Observed",
    watches=Watches.SYSTEM,
    parameters={},
    why=Words(
        "Trong một giờ: {subject}.",
        "In one hour: {subject}.",
    ),
    subject_of=_said,
    cause=Words(
        "Thiết bị hay đường truyền của đơn vị hỏng, đồng hồ sai, hoặc gửi lặp, gửi trễ.",
        "Devices or lines of the agency fail, clocks are off, or its system sends twice, or late.",
    ),
    consequence=Words(
        "Luật, chỉ số và cảnh báo dựa trên nguồn này kém tin cậy.",
        "Rules, indicators and alerts that rest on the feed can be relied on less.",
    ),
    response=Words(
        "Báo đơn vị chủ nguồn; 'cityops source quality' cho biết nguồn nào, giờ nào.",
        "Tell the feed's owner; 'cityops source quality' says which sources, and when.",
    ),
    raises=None,
    quiet=None,
)
