"""Cameras that a request names: one that is not configured is no empty list."""

from collections.abc import Iterable

from services.api.problems import ProblemError
from streams.configuration.configured import Configured
from streams.feeds.registry import carries_frames


def insist(known: Configured, cameras: Iterable[str] | None) -> None:
    """Raises ProblemError (404) where one of them is no camera."""
    for name in cameras or ():
        source = known.sources.get(name)
        if source is None or not carries_frames(source.kind):
            raise ProblemError(404, "no_camera", f"there is no camera {name!r}")
