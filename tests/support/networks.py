"""Small networks of known weights, one of each kind of head.

Each has a picture of 96 x 64 as six cells of 32 pixels. A cell's first class is its mean of the
input's first channel, its second that of the third, both in parts of 255; its box is the middle
16 x 16 pixels of the cell.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from models.manifest import FILE_NAME
from models.registry import Registry
from tests.support.onnx_file import Graph

HEIGHT, WIDTH, CELL, HALF = 64, 96, 32, 8
CELLS = (HEIGHT // CELL) * (WIDTH // CELL)
_y, _x = np.mgrid[: HEIGHT // CELL, : WIDTH // CELL]
CENTRES = (np.stack([_x.ravel(), _y.ravel()], 1) + 0.5) * CELL
CORNERS = np.concatenate([CENTRES - HALF, CENTRES + HALF], 1)
SIDES = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])


def _cells(graph: Graph, channels: int, scores: tuple[int, int]) -> str:
    """[1, channels, cells]: both scores at those channels, else 0."""
    weights = np.zeros((channels, 3, 1, 1), np.float32)
    weights[scores[0], 0], weights[scores[1], 2] = 1 / 255, 1 / 255
    pooled = graph.node("AveragePool", "image", kernel_shape=(CELL, CELL), strides=(CELL, CELL))
    found = graph.node("Conv", pooled, graph.constant(weights))
    return graph.node("Reshape", found, graph.constant(np.array([1, channels, CELLS])))


def _rows(graph: Graph, columns: np.ndarray, scores: tuple[int, int], name: str) -> None:
    """[1, cells, columns]: the scores are added to the columns [cells, columns]."""
    count = columns.shape[1]
    turned = graph.node("Transpose", _cells(graph, count, scores), perm=(0, 2, 1))
    filled = graph.node("Add", turned, graph.constant(columns[None]))
    graph.output(name, (1, CELLS, count), filled)


def _yolox(graph: Graph, decoded: bool) -> None:
    columns = np.zeros((CELLS, 7))
    columns[:, 4] = 1
    columns[:, :2] = CENTRES if decoded else 0.5
    columns[:, 2:4] = 2 * HALF if decoded else np.log(2 * HALF / CELL)
    _rows(graph, columns, (5, 6), "output")


def _yolov8(graph: Graph) -> None:
    boxes = np.concatenate([CENTRES, np.full((CELLS, 2), 2 * HALF), np.zeros((CELLS, 2))], 1)
    filled = graph.node("Add", _cells(graph, 6, (4, 5)), graph.constant(boxes.T[None]))
    graph.output("output", (1, 6, CELLS), filled)


def _boxes_scores(graph: Graph, corners: np.ndarray) -> None:
    graph.output("boxes", (1, CELLS, 4), graph.constant(corners[None]))
    _rows(graph, np.zeros((CELLS, 2)), (0, 1), "scores")


def _ssd(graph: Graph) -> None:
    """A row for each cell and class; the last is after the end of the list."""
    rows = np.zeros((2, CELLS, 7))
    rows[1, :, 1] = 1
    rows[:, :, 3:] = CORNERS / SIDES
    rows[1, -1, 0] = -1
    seen = graph.node(
        "Reshape", _cells(graph, 14, (2, 9)), graph.constant(np.array([1, 2, 7, CELLS]))
    )
    turned = graph.node("Transpose", seen, perm=(0, 1, 3, 2))
    filled = graph.node("Add", turned, graph.constant(rows[None]))
    count = 2 * CELLS
    flat = graph.node("Reshape", filled, graph.constant(np.array([1, 1, count, 7])))
    graph.output("output", (1, 1, count, 7), flat)


KINDS: dict[str, tuple[Any, dict[str, Any], dict[str, list[int]]]] = {
    "yolox": (
        lambda graph: _yolox(graph, False),
        {"kind": "yolox", "strides": [CELL]},
        {"output": [1, CELLS, 7]},
    ),
    "yolox-decoded": (
        lambda graph: _yolox(graph, True),
        {"kind": "yolox", "strides": [CELL], "decoded": True},
        {"output": [1, CELLS, 7]},
    ),
    "yolov8": (_yolov8, {"kind": "yolov8"}, {"output": [1, 6, CELLS]}),
    "boxes_scores-picture": (
        lambda graph: _boxes_scores(graph, CORNERS / SIDES),
        {"kind": "boxes_scores", "unit": "picture"},
        {"boxes": [1, CELLS, 4], "scores": [1, CELLS, 2]},
    ),
    "boxes_scores-pixel": (
        lambda graph: _boxes_scores(graph, CORNERS),
        {"kind": "boxes_scores", "unit": "pixel"},
        {"boxes": [1, CELLS, 4], "scores": [1, CELLS, 2]},
    ),
    "ssd": (_ssd, {"kind": "ssd"}, {"output": [1, 1, 2 * CELLS, 7]}),
}
"""Name to what writes it, its postprocessing and its outputs."""


def network(folder: Path, kind: str, **changes: Any) -> Registry:
    """A registry of one model, ``small``, of that kind; ``changes`` are fields of its manifest."""
    write, after, outputs = KINDS[kind]
    graph = Graph("image", (1, 3, HEIGHT, WIDTH))
    write(graph)
    content = graph.file()
    home = folder / "small"
    home.mkdir(parents=True)
    (home / "model.onnx").write_bytes(content)
    manifest: dict[str, Any] = {
        "name": "small",
        "version": "1",
        "task": "detection",
        "description": "cells",
        "licence": "Apache-2.0",
        "file": "model.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "input": {"name": "image", "shape": [1, 3, HEIGHT, WIDTH], "meaning": "picture"},
        "outputs": [
            {"name": name, "shape": shape, "meaning": "cells"} for name, shape in outputs.items()
        ],
        "preprocessing": {"kind": "stretch", "channels": "BGR"},
        "postprocessing": {**after, "at_most": 100},
        "classes": {0: "person", 1: "car"},
        "thresholds": {"score": 0.2, "overlap": 0.45},
        "training_data": "none",
        "quality": {},
    }
    for field, value in changes.items():
        mixed = isinstance(value, dict) and field not in ("classes", "thresholds")
        manifest[field] = {**manifest[field], **value} if mixed else value
    (home / FILE_NAME).write_text(yaml.safe_dump(manifest))
    return Registry(manifests=folder)
