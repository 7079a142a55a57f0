"""Trains the street detector on pictures with their truth, and writes its ONNX file.

    python -m simulators.dataset OUT/train --seeds 1000-1059
    python -m models.street_detector.train OUT/train --steps 4000

Needs the ``training`` extra; a CPU is enough. Boxes by GIoU loss (Rezatofighi et al., 2019),
objectness learns the box's IoU with the truth so that the best box is the one that is kept,
weights are averaged over the last steps (exponentially), rate falls as a cosine.
"""

import argparse
import copy
import hashlib
import math
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from models.pictures import Picture, load
from models.street_detector.augment import sample
from models.street_detector.network import Exported, Network
from models.street_detector.shape import HEIGHT, TOLD, WIDTH
from models.street_detector.targets import GRIDS

FOLDER = Path(__file__).parent
BATCH = 8
RATE = 2e-3
WARM_UP_STEPS = 100
AVERAGING = 0.998
SHOWN_EVERY = 50
"""Steps."""
WEIGHTS = {"box": 4.0, "objectness": 1.0, "kind": 1.0}


def cells() -> tuple[Any, Any]:
    """(column and row [cells, 2], stride [cells, 1]) of the network's output rows."""
    places, strides = [], []
    for grid in GRIDS:
        y, x = np.mgrid[: grid.rows, : grid.columns]
        places.append(np.stack([x.ravel(), y.ravel()], 1))
        strides.append(np.full((x.size, 1), grid.stride))
    return (
        torch.from_numpy(np.concatenate(places)).float(),
        torch.from_numpy(np.concatenate(strides)).float(),
    )


PLACES, CELL_STRIDES = cells()


def corners(raw: Any) -> Any:
    """[n, cells, 4] boxes in input pixels of the network's output."""
    centre = (raw[..., :2] + PLACES) * CELL_STRIDES
    half = raw[..., 2:4].clamp(max=8.0).exp() * CELL_STRIDES / 2
    return torch.cat([centre - half, centre + half], -1)


def overlaps(a: Any, b: Any) -> tuple[Any, Any]:
    """(IoU, GIoU) [n] of boxes [n, 4]."""
    inner = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0)
    outer = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    shared, hull = inner.prod(1), outer.prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - shared
    iou = shared / union.clamp(min=1e-6)
    return iou, iou - (hull - union) / hull.clamp(min=1e-6)


def loss(raw: Any, box: Any, kind: Any) -> dict[str, Any]:
    """Parts of the loss for targets ``box`` [n, cells, 4] and ``kind`` [n, cells]."""
    here = kind >= 0
    number = here.sum().clamp(min=1)
    iou, giou = overlaps(corners(raw)[here], box[here])
    quality = torch.zeros_like(raw[..., 4])
    quality[here] = iou.detach().clamp(0, 1)
    objectness = functional.binary_cross_entropy_with_logits(raw[..., 4], quality, reduction="none")
    chosen = functional.one_hot(kind[here], TOLD).to(raw.dtype)
    kinds = functional.binary_cross_entropy_with_logits(raw[..., 5:][here], chosen, reduction="sum")
    return {
        "box": (1 - giou).sum() / number,
        "objectness": (objectness * (kind != -2)).sum() / number,
        "kind": kinds / number,
    }


def batches(pictures: list[Picture], seed: int) -> Iterator[tuple[Any, Any, Any]]:
    """Endless (input, box, kind), made one ahead in a thread of their own."""
    random = np.random.default_rng(seed)

    def make() -> tuple[Any, Any, Any]:
        some = [sample(pictures[i], random) for i in random.integers(0, len(pictures), BATCH)]
        image = np.stack([image for image, _ in some]).transpose(0, 3, 1, 2)
        boxes = np.stack([target.box for _, target in some])
        kinds = np.stack([target.kind for _, target in some])
        return torch.from_numpy(image).float(), torch.from_numpy(boxes), torch.from_numpy(kinds)

    with ThreadPoolExecutor(1) as pool:
        ready = pool.submit(make)
        while True:
            batch = ready.result()
            ready = pool.submit(make)
            yield batch


def train(
    pictures: list[Picture], steps: int, seed: int, start: Path | None, *, half: bool
) -> Iterator[Any]:
    """The averaged network every ``SHOWN_EVERY`` steps and at the end."""
    torch.manual_seed(seed)
    network = Network(TOLD).to(memory_format=torch.channels_last)
    if start:
        network.load_state_dict(torch.load(start))
    average = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-4)
    mean = dict.fromkeys(WEIGHTS, 0.0)
    for step, (image, box, kind) in enumerate(islice(batches(pictures, seed), steps), 1):
        falling = (1 + math.cos(math.pi * step / steps)) / 2
        rate = RATE * min(1.0, step / WARM_UP_STEPS) * falling
        for group in optimizer.param_groups:
            group["lr"] = max(rate, RATE / 100)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            raw = network(image.contiguous(memory_format=torch.channels_last))
        parts = loss(raw.float(), box, kind)
        optimizer.zero_grad()
        sum(WEIGHTS[name] * part for name, part in parts.items()).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        keep = min(AVERAGING, step / (step + 10))
        with torch.no_grad():
            for mine, its in zip(
                average.state_dict().values(), network.state_dict().values(), strict=True
            ):
                mine.copy_(keep * mine + (1 - keep) * its if mine.is_floating_point() else its)
        mean = {name: 0.98 * mean[name] + 0.02 * part.item() for name, part in parts.items()}
        if step % SHOWN_EVERY == 0 or step == steps:
            shown = ", ".join(f"{name} {value:.3f}" for name, value in mean.items())
            sys.stderr.write(f"step {step} of {steps}: {shown}\n")
            yield average


def export(network: Any, path: Path) -> None:
    """Writes the ONNX file: one picture a run, so that results do not depend on a batch."""
    blank = torch.zeros(1, 3, HEIGHT, WIDTH)
    program = torch.onnx.export(
        Exported(network).eval(),
        (blank,),
        input_names=["images"],
        output_names=["output"],
        opset_version=18,
        dynamo=True,
        verbose=False,
    )
    model = program.model_proto
    # Nodes come with stack traces of this machine: they would change the file's sha256 elsewhere.
    for node in [*model.graph.node, *model.graph.value_info, model.graph, model]:
        del node.metadata_props[:]
        node.doc_string = ""
    path.write_bytes(model.SerializeToString(deterministic=True))


def name_in_manifest(path: Path, manifest: Path) -> None:
    """Puts the file's sha256 and size into the manifest beside it."""
    content = path.read_bytes()
    text = manifest.read_text()
    text = re.sub(r"(?m)^sha256:.*$", f"sha256: {hashlib.sha256(content).hexdigest()}", text)
    manifest.write_text(re.sub(r"(?m)^size:.*$", f"size: {len(content)}", text))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of .npz files (models/pictures.py)")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help="weights to start from")
    parser.add_argument("--weights", type=Path, help="where to keep the weights on the way")
    parser.add_argument("--half", action="store_true", help="bfloat16: fast where there is AMX")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    pictures = load(arguments.pictures)
    sys.stderr.write(f"{len(pictures)} pictures\n")
    for network in train(
        pictures, arguments.steps, arguments.seed, arguments.start, half=arguments.half
    ):
        if arguments.weights:
            torch.save(network.state_dict(), arguments.weights)
    network = network.to(memory_format=torch.contiguous_format)
    export(network, FOLDER / "model.onnx")
    name_in_manifest(FOLDER / "model.onnx", FOLDER / "model.yaml")


if __name__ == "__main__":
    main()
