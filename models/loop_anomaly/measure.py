"""Measures a scorer on traffic it was not trained on; the figures in model.yaml come from here.

    python -m models.loop_anomaly.measure --quiet Q.npz... --stops S.npz... [--nab FOLDER]

``--quiet`` and ``--stops`` are files of ``simulators.loop_dataset`` with seeds unseen in training,
``--nab`` the folder with labelled series of real traffic. Prints YAML.
"""

import argparse
import csv
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from models.measured import nothing
from models.registry import Registry
from models.scorer import METRICS, NOT_SCORED, OnnxScorer, Scorer
from models.series import score_series

NAME = "loop_anomaly"
PERIOD_S = 5
"""Between two readings of the simulated city."""
AFTER = 12
"""Readings after a stop's end in which it may still be noticed: the queue has yet to clear."""
PROBATION = 0.15
"""Share of a NAB series in which alarms are not counted, as in NAB's own scoring."""
NAB_METRICS = {"occupancy_6005": "occupancy", "speed_7578": "speed", "TravelTime_387": "occupancy"}
"""The model knows no travel time; like occupancy it rises when traffic stands."""

Scores = NDArray[np.uint16]


def episodes(scores: Scores, manifest: dict[str, float]) -> list[int]:
    """Steps at which the anomaly rule, with the manifest's thresholds, opens an incident."""
    opened, run, calm, is_open = [], 0, 0, False
    for step, score in enumerate(scores.tolist()):
        above = score != NOT_SCORED and score >= round(manifest["score"] * 1000)
        below = score < round(manifest["score_clear"] * 1000)
        run, calm = run + 1 if above else 0, calm + 1 if below else 0
        if not is_open and run >= manifest["readings"]:
            opened.append(step)
            is_open, calm = True, 0
        elif is_open and calm >= manifest["readings_clear"]:
            is_open, run = False, 0
    return opened


def area_under_curve(positive: Scores, negative: Scores) -> float:
    """ROC-AUC: how often a positive scores above a negative; equal ones count half."""
    order = np.sort(negative)
    below = np.searchsorted(order, positive, "left") + np.searchsorted(order, positive, "right")
    return float(below.mean() / (2 * len(order)))


def simulated(
    scorer: Scorer, quiet: list[Path], stops: list[Path], thresholds: dict[str, float]
) -> dict[str, Any]:
    calm: list[Scores] = []
    alarms, hours = 0, 0.0
    for path in quiet:
        for run in np.load(path)["values"]:
            scores = score_series(scorer, run)
            calm.append(scores[scores != NOT_SCORED])
            alarms += sum(len(episodes(column, thresholds)) for column in scores.T)
            hours += scores.size * PERIOD_S / 3600
    negative = np.concatenate(calm)
    found = _staged(scorer, stops, thresholds)
    result: dict[str, Any] = {
        "quiet": {
            "loop_hours": round(hours, 1),
            "false_incidents": alarms,
            "share_of_readings_above_threshold": round(
                float((negative >= thresholds["score"] * 1000).mean()), 5
            ),
        }
    }
    for kind, rows in sorted(found.items()):
        delays = [row["delay"] for row in rows if row["delay"] is not None]
        positive = np.concatenate([row["scores"] for row in rows])
        result[kind] = {
            "stops": len(rows),
            "found": len(delays),
            "median_delay_s": float(np.median(delays)) * PERIOD_S if delays else None,
            "roc_auc_of_readings": round(area_under_curve(positive, negative), 3),
        }
    return result


def _staged(
    scorer: Scorer, paths: list[Path], thresholds: dict[str, float]
) -> dict[str, list[dict[str, Any]]]:
    """Per kind of stop: the scores of the loops before it, and the delay (steps) until found."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in paths:
        data = np.load(path)
        names = data["loops"].tolist()
        scored = [score_series(scorer, run) for run in data["values"]]
        for stop in json.loads(str(data["stops"])):
            columns = scored[stop["run"]][:, [names.index(name) for name in stop["loops"]]]
            first, last = stop["start"], stop["end"] + AFTER
            opened = [
                step - first
                for column in columns.T
                for step in episodes(column, thresholds)
                if first <= step < last
            ]
            during = columns[first : stop["end"]].reshape(-1)
            every = stop["lanes"] == len(stop["loops"])
            held_s = (stop["end"] - stop["start"] - 1) * PERIOD_S
            kind = f"{'all' if every else 'some'}_lanes_blocked_{held_s}_s"
            found.setdefault(kind, []).append(
                {
                    "scores": during[during != NOT_SCORED],
                    "delay": min(opened) if opened else None,
                }
            )
    return found


def real(scorer: Scorer, folder: Path, thresholds: dict[str, float]) -> dict[str, Any]:
    """Labelled windows in which an incident is opened, and incidents outside of all windows."""
    labels = json.loads((folder / "windows.json").read_text())
    result: dict[str, Any] = {}
    for name, metric in sorted(NAB_METRICS.items()):
        with (folder / f"{name}.csv").open() as file:
            rows = [(row["timestamp"], float(row["value"])) for row in csv.DictReader(file)]
        times = [datetime.fromisoformat(time) for time, _ in rows]
        values = nothing((len(rows), 1, len(METRICS))).astype(np.float32)
        values[:, 0, METRICS.index(metric)] = [value for _, value in rows]
        scores = score_series(scorer, values)[:, 0]
        counted = [step for step in episodes(scores, thresholds) if step >= PROBATION * len(scores)]
        windows = [tuple(map(datetime.fromisoformat, window)) for window in labels[f"{name}.csv"]]
        inside = np.array([any(a <= time <= b for a, b in windows) for time in times])
        usable = scores != NOT_SCORED
        result[name] = {
            "windows": len(windows),
            "found": sum(any(a <= times[step] <= b for step in counted) for a, b in windows),
            "false_incidents": sum(not inside[step] for step in counted),
            "days": round((times[-1] - times[0]).total_seconds() / 86400, 1),
            "roc_auc_of_readings": round(
                area_under_curve(scores[usable & inside], scores[usable & ~inside]), 3
            ),
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", type=Path, nargs="+", required=True)
    parser.add_argument("--stops", type=Path, nargs="*", default=[])
    parser.add_argument("--nab", type=Path)
    arguments = parser.parse_args()
    model = Registry().load(NAME)
    scorer, thresholds = OnnxScorer(model), model.manifest.thresholds
    measured = {"simulated": simulated(scorer, arguments.quiet, arguments.stops, thresholds)}
    if arguments.nab:
        measured["nab"] = real(scorer, arguments.nab, thresholds)
    yaml.safe_dump(measured, sys.stdout, sort_keys=False)


if __name__ == "__main__":
    main()
