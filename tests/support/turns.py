"""Which test file a process takes next: files that need all of the machine take turns, and one
process does what needs no servers while others wait (decision 0044)."""

import os
from collections.abc import Iterable
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

ONE_AT_A_TIME = (
    "tests/e2e/test_stack.py",
    "tests/e2e/test_upgrade.py",
    "tests/e2e/test_faults.py",
    "tests/e2e/test_chaos.py",
    "tests/e2e/test_decoder_faults.py",
    "tests/e2e/test_recordings.py",
    "tests/e2e/test_evaluation.py",
    "tests/e2e/test_evaluate_video.py",
    "tests/e2e/test_extension.py",
    "tests/e2e/test_many_tabs.py",
    "tests/e2e/test_video_cases.py",
)
"""Files that load the machine with many processes, or say how long something took: of these one
runs at a time, as two would starve each other, and be no faster.
"""
LONGEST_FIRST = (
    "tests/integration/test_worker.py",
    "tests/security/test_camera_secrets.py",
    "tests/e2e/test_console.py",
    "tests/security/test_people.py",
    "tests/integration/test_writers.py",
    "tests/integration/test_alert_service.py",
    "tests/integration/test_gateway.py",
    "tests/integration/",
    "tests/e2e/",
    "tests/security/",
    "tests/unit/test_city_traffic.py",
    "tests/unit/test_clock_steps.py",
)
"""Starts of the names of others, so that processes end together; what is not named comes last."""

WITHOUT_SERVERS = ("tests/unit/", "tests/contract/")
"""Files that only compute: one process does nothing else, at a lower priority."""
LONG = (
    "tests/contract/test_supply.py",
    "tests/contract/test_terminal.py",
    "tests/unit/test_accounts.py::test_whatever_comes_in",
    "tests/unit/test_alarm_life.py",
    "tests/unit/test_capture.py",
    "tests/unit/test_city_systems.py",
    "tests/unit/test_city_traffic.py",
    "tests/unit/test_clock_steps.py",
    "tests/unit/test_compiled_frames.py::test_bytes_of_any_kind",
    "tests/unit/test_control.py::test_six_thousand_assets",
    "tests/unit/test_eight_hours_down.py",
    "tests/unit/test_figures.py::test_everything_that_figures_rest_on",
    "tests/unit/test_gate.py",
    "tests/unit/test_gated_frames.py",
    "tests/unit/test_gated_recordings.py",
    "tests/unit/test_interpret_properties.py",
    "tests/unit/test_lines.py::test_no_picture",
    "tests/unit/test_moved_camera.py",
    "tests/unit/test_pinned.py",
    "tests/unit/test_projector.py",
    "tests/unit/test_recording_turns.py",
    "tests/unit/test_recordings.py",
    "tests/unit/test_scenery.py",
    "tests/unit/test_score.py",
    "tests/unit/test_sensing.py",
    "tests/unit/test_simulation.py",
    "tests/unit/test_slow_sources.py",
    "tests/unit/test_tours.py",
    "tests/unit/test_unlike_before.py",
    "tests/unit/test_verdicts.py::test_pictures_of_any_size",
    "tests/unit/test_view.py",
    "tests/unit/test_yolox.py::test_real_footage",
)
"""Starts of the names of tests without servers that take most of the time of all of these: they
play hours of a city. Whoever wants an answer at once (``make quick``) leaves them out."""
FILLS = 4
"""From so many processes on the last one does that."""
NICE = 10


class Turns(LoadFileScheduling):
    """A process takes the next file as it ends one; each starts servers of its own, once.

    So no test meets a broker that another one has stopped, and none waits for the end alone.
    Whoever has a file of ``ONE_AT_A_TIME`` takes the next of these too; the others take what is
    left, and end where nothing but such files is.
    """

    def _assign_work_unit(self, node: Any) -> None:
        taken = choose(
            self.workqueue,
            turn_is_taken=self._others_have_the_turn(node),
            fills=fills(node.gateway.id, self.numnodes),
        )
        if taken is None:
            node.shutdown()
            return
        self.workqueue.move_to_end(taken, last=False)
        super()._assign_work_unit(node)

    def _others_have_the_turn(self, node: Any) -> bool:
        return any(
            file in ONE_AT_A_TIME and not all(tests.values())
            for other, files in self.assigned_work.items()
            if other is not node
            for file, tests in files.items()
        )


def choose(files: Iterable[str], *, turn_is_taken: bool, fills: bool = False) -> str | None:
    """The file to be taken next; None: only such as this process leaves to others, or as must wait
    for their turn."""
    for file in sorted(files, key=turn):
        if fills and not file.startswith(WITHOUT_SERVERS):
            continue
        if not (turn_is_taken and file in ONE_AT_A_TIME):
            return file
    return None


def fills(process: str, number: int) -> bool:
    """Whether it is the one, of so many, that does what needs no servers."""
    return number >= FILLS and process == f"gw{number - 1}"


def yields_the_processor() -> None:
    """Called as a process of tests begins: who only computes leaves the processor to the others."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    if fills(process, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0"))):
        os.nice(NICE)


def turn(nodeid: str) -> int:
    """When a file, or a test of it, is to begin against the others."""
    order = (*ONE_AT_A_TIME, *LONGEST_FIRST)
    return next((at for at, start in enumerate(order) if nodeid.startswith(start)), len(order))


def make(config: pytest.Config, log: Any) -> Turns | None:
    """The scheduler of a run; None: xdist's own."""
    if config.args and all("unit" in name or "contract" in name for name in config.args):
        return None  # no servers: tests one by one keep all processes busy to the end
    config.option.loadscopereorder = False  # it would put files of many tests first
    return Turns(config, log)
