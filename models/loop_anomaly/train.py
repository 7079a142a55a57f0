"""Trains the anomaly scorer for loops and writes model.onnx beside this file.

    python -m models.loop_anomaly.train TRAIN.npz... --calibrate HELD_OUT.npz...

The files come from ``simulators.loop_dataset`` and hold quiet traffic. The network learns to tell
windows as they are from windows in which something was changed (``models.loop_anomaly.faults``);
it never sees a staged stop. Then its output is calibrated on quiet windows of other runs: a score
of 0.2 means one in ten of those is as odd, 0.4 one in a hundred, 1 one in a hundred thousand.

Weights, inputs and activations are fixed-point numbers small enough that every sum in the network
is exact in float32 (``exact_sums``). The order of additions, which differs between processors and
batch sizes, therefore does not matter. Needs the ``training`` extra.
"""

import argparse
import hashlib
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.baseline import Baseline
from models.loop_anomaly.faults import alter, invented
from models.loop_anomaly.streets import streets
from models.scorer import CALL_ROWS, FEATURES, FURTHEST, QUANTUM, WARM_UP, features
from models.series import usual_before, windows_of

HIDDEN = (48, 24)
MOST_WEIGHT = 2.0
MOST_ACTIVATION = 8.0
MOST_LOGIT = 31.0
LOGIT_QUANTUM = 16.0
DECADES = 5.0
"""Tail probability 10^-5 is score 1."""
SEED = 1
STEPS = 5_000
ROWS = 1_024
EXAMPLES = 150_000
OUTPUT = Path(__file__).with_name("model.onnx")

Windows = tuple[NDArray[np.float32], Baseline]


def load(paths: list[Path]) -> list[NDArray[np.float32]]:
    """Runs [steps, loops, metrics]."""
    return [run for path in paths for run in np.load(path)["values"]]


def windows(runs: list[NDArray[np.float32]]) -> Windows:
    """Every window [n, WINDOW, metrics] that would be scored, and what was usual before it."""
    seen: list[NDArray[np.float32]] = []
    usual: list[Baseline] = []
    for run in runs:
        before = usual_before(run)
        ripe = before.seen.max(axis=2) >= WARM_UP
        seen.append(windows_of(run)[ripe])
        usual.append(Baseline(*(array[ripe] for array in before)))
    return np.concatenate(seen), Baseline(*(np.concatenate(a) for a in zip(*usual, strict=True)))


def exact_sums() -> bool:
    """Whether the largest possible sum of each layer has an exact float32 (24 bits)."""
    product = QUANTUM * max(FURTHEST, MOST_ACTIVATION) * QUANTUM * MOST_WEIGHT
    return bool((max(FEATURES, *HIDDEN) + 1) * product < 2**24)


class _Round(torch.autograd.Function):  # type: ignore[misc]
    """Rounds to steps; the gradient passes as if it did not."""

    @staticmethod
    def forward(_: object, value: torch.Tensor, steps: float) -> torch.Tensor:
        return torch.round(value * steps) / steps

    @staticmethod
    def backward(_: object, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        return gradient, None


class Network(torch.nn.Module):  # type: ignore[misc]
    """[n, FEATURES] to log odds [n] that the window was changed."""

    def __init__(self) -> None:
        super().__init__()
        sizes = (FEATURES, *HIDDEN, 1)
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(before, after) for before, after in pairwise(sizes)
        )

    def fixed(self, layer: torch.nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
        """Its weights and biases as they will be written."""
        weight = torch.clamp(layer.weight, -MOST_WEIGHT, MOST_WEIGHT)
        bias = torch.clamp(layer.bias, -MOST_ACTIVATION, MOST_ACTIVATION)
        return _Round.apply(weight, QUANTUM), _Round.apply(bias, QUANTUM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self.layers:
            x = torch.nn.functional.linear(x, *self.fixed(layer))
            if layer is not self.layers[-1]:
                x = _Round.apply(torch.clamp(x, 0.0, MOST_ACTIVATION), QUANTUM)
        return _Round.apply(torch.clamp(x[:, 0], -MOST_LOGIT, MOST_LOGIT), LOGIT_QUANTUM)


def examples(
    seen: Windows, rows: int, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(features [rows, FEATURES], 1 where the window was changed [rows]); half of them are."""
    which = random.integers(len(seen[0]), size=rows)
    shown, around = seen[0][which], Baseline(*(array[which] for array in seen[1]))
    half = rows // 2
    changed = alter(shown[:half], Baseline(*(array[:half] for array in around)), random)
    labels = (np.arange(rows) < half).astype(np.float32)
    return features(np.concatenate((changed, shown[half:])), around), labels


def fit(seen: Windows, random: np.random.Generator) -> Network:
    """Learns from SUMO's traffic, from made-up streets and from invented series, a third each:
    what is usual may elsewhere be what this city never shows."""
    sources = (seen, windows(streets(random)), windows(invented(random)))
    parts = [examples(source, EXAMPLES // 3, random) for source in sources]
    shown, wanted = (torch.from_numpy(np.concatenate(p)) for p in zip(*parts, strict=True))
    network = Network()
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for step in range(STEPS):
        which = torch.from_numpy(random.integers(len(shown), size=ROWS))
        found = network(shown[which])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(found, wanted[which])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 500 == 0 or step == STEPS - 1:
            sys.stderr.write(f"step {step}: loss {loss.item():.4f}\n")
    return network


def calibrate(logits: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(knots, changes of slope) of the piecewise linear map from log odds to score.

    Beyond what the sample can show (ten windows), the last slope goes on: an exponential tail.
    """
    decades = np.arange(0.0, np.log10(len(logits) / 10.0), 0.5)
    at = np.quantile(logits, 1.0 - 10.0**-decades)
    at = np.round(np.maximum.accumulate(at + np.arange(len(at)) / LOGIT_QUANTUM) * LOGIT_QUANTUM)
    at = np.maximum.accumulate(at) / LOGIT_QUANTUM
    keep = np.append(np.diff(at) > 0, True)
    at, decades = at[keep], decades[keep]
    slopes = np.diff(decades / DECADES) / np.diff(at)
    slopes = np.round(slopes * 4096) / 4096
    changes = np.diff(slopes, prepend=0.0)
    return at[:-1].astype(np.float32), changes.astype(np.float32)


def write(
    network: Network, knots: NDArray[np.float32], changes: NDArray[np.float32], path: Path
) -> None:
    """As plain operators: what the network is can be read off the file."""
    constants = {
        "steps": np.float32(QUANTUM),
        "zero": np.float32(0.0),
        "one": np.float32(1.0),
        "most": np.float32(MOST_ACTIVATION),
        "least_logit": np.float32(-MOST_LOGIT),
        "most_logit": np.float32(MOST_LOGIT),
        "logit_steps": np.float32(LOGIT_QUANTUM),
        "knots": knots.reshape(1, -1),
        "changes": changes.reshape(-1, 1),
    }
    nodes = []
    x = "features"
    for number, layer in enumerate(network.layers, 1):
        weight, bias = (tensor.detach().numpy() for tensor in network.fixed(layer))
        constants |= {f"weight{number}": weight.T.copy(), f"bias{number}": bias}
        nodes.append(
            helper.make_node("Gemm", [x, f"weight{number}", f"bias{number}"], [f"sum{number}"])
        )
        last = number == len(network.layers)
        low, high, steps = (
            ("least_logit", "most_logit", "logit_steps") if last else ("zero", "most", "steps")
        )
        nodes += [
            helper.make_node("Clip", [f"sum{number}", low, high], [f"clipped{number}"]),
            helper.make_node("Mul", [f"clipped{number}", steps], [f"scaled{number}"]),
            helper.make_node("Round", [f"scaled{number}"], [f"rounded{number}"]),
            helper.make_node("Div", [f"rounded{number}", steps], [f"layer{number}"]),
        ]
        x = f"layer{number}"
    nodes += [
        helper.make_node("Sub", [x, "knots"], ["beyond"]),
        helper.make_node("Relu", ["beyond"], ["parts"]),
        helper.make_node("MatMul", ["parts", "changes"], ["decades"]),
        helper.make_node("Clip", ["decades", "zero", "one"], ["score"]),
    ]
    graph = helper.make_graph(
        nodes,
        "loop_anomaly",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [CALL_ROWS, FEATURES])],
        [helper.make_tensor_value_info("score", TensorProto.FLOAT, [CALL_ROWS, 1])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 9
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path, nargs="+")
    parser.add_argument("--calibrate", type=Path, nargs="+", required=True)
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    if not exact_sums():
        raise SystemExit("the layers are too wide for exact sums")
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    network = fit(windows(load(arguments.train)), np.random.default_rng(SEED))
    held_out = features(*windows(load(arguments.calibrate)))
    with torch.no_grad():
        logits = network(torch.from_numpy(held_out)).numpy().astype(np.float64)
    write(network, *calibrate(logits), arguments.output)
    content = arguments.output.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    sys.stdout.write(f"{arguments.output}: {len(content)} bytes, sha256 {digest}\n")


if __name__ == "__main__":
    main()
