"""``python -m tests.support.part PART NAME marks|none``: a part as ``cityops run`` starts it.

``none`` switches the marks off, which the product cannot do: for the control of a fault test. Such
a worker also kills itself at the worst moment, so that the control does not depend on luck.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from streams.runtime.faust import worker
from streams.settings import load
from streams.tables import writer as writers

DEATHS = 3
OUTPUTS = 20


def die_before_snapshots(stage: str, deaths: Path) -> None:
    """SIGKILL when outputs of ``stage`` are acknowledged and the snapshot is not, DEATHS times.

    Args:
        deaths: A file that lives longer than the process: a byte for each death.
    """
    flush = worker.Shell._flush

    async def dying(self: worker.Shell, tp: worker.TP) -> int:
        partition, outputs = self.partitions.get(tp), self.pending.get(tp, [])
        died = deaths.stat().st_size if deaths.exists() else 0
        ours = partition is not None and partition.stage.name == stage
        if ours and len(outputs) > OUTPUTS and died < DEATHS:
            await asyncio.gather(*outputs)
            with deaths.open("ab") as file:
                file.write(b"x")
            os.kill(os.getpid(), signal.SIGKILL)
        return await flush(self, tp)

    worker.Shell._flush = dying  # type: ignore[method-assign]


if __name__ == "__main__":
    part, name, marks = sys.argv[1], sys.argv[2], sys.argv[3] == "marks"
    settings = load()
    if part == "writer":
        writers.run(settings, marks=marks)
    else:
        if not marks:
            die_before_snapshots("score", settings.state_dir / f"{name}.deaths")
        worker.run(settings, part, name, marks=marks)
