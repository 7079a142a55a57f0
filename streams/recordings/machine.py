"""What a result from pictures rests on besides the recording: the processor and the runtime.

Another kind of processor may round the last bits of a network otherwise; from detections on,
nothing of this matters.
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from platform import machine


def seen_by(providers: Sequence[str] = ()) -> str:
    """Such as ``onnxruntime 1.31.0 on AMD EPYC 9B45``, ``with`` what else runs detectors there."""
    besides = f" with {', '.join(providers)}" if providers else ""
    return f"onnxruntime {version('onnxruntime')} on {_processor()}{besides}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(filter(None, names), machine())
