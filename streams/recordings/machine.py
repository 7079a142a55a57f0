"""What a result from pictures rests on besides the recording: the processor and the runtime.

Another kind of processor may round the last bits of a network otherwise; from detections on,
nothing of this matters.
"""

from importlib.metadata import version
from pathlib import Path
from platform import machine


def seen_by() -> str:
    """Such as ``onnxruntime 1.31.0 on AMD EPYC 9B45``."""
    return f"onnxruntime {version('onnxruntime')} on {_processor()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(filter(None, names), machine())
