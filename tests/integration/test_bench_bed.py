"""What benchmarks measure with, on a real broker."""

import time
from contextlib import closing

from streams.events import SECOND, Tick
from streams.kafka.publisher import Publisher
from streams.settings import Settings
from streams.topics import DETECTIONS, READINGS
from tests.benchmarks.bed import Follower, stamp_by_clock
from tests.benchmarks.workloads import START


def test_what_stages_send_is_stamped_when_it_comes_whatever_its_event_time(
    settings: Settings,
) -> None:
    stamp_by_clock(settings)
    began = time.time()
    with closing(Publisher(settings, "test")) as publisher:
        for topic in (DETECTIONS, READINGS):
            publisher.publish_everywhere(topic, Tick(START))
    came, inputs = stamps(settings, DETECTIONS), stamps(settings, READINGS)
    assert all(began - 1 < stamp < time.time() + 1 for stamp in came)
    assert all(abs(stamp - START / SECOND) < 1 for stamp in inputs), "the control"


def stamps(settings: Settings, topic: str) -> list[float]:
    found: list[float] = []
    with closing(Follower(settings, topic)) as follower:
        deadline = time.monotonic() + 30
        while len(found) < settings.partitions and time.monotonic() < deadline:
            found += [stamp for _, stamp in follower.poll(0.5)]
    assert len(found) == settings.partitions
    return found
