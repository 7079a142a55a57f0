"""``python -m tests.support.part PART NAME marks|none``: a part as ``cityops run`` starts it.

``none`` switches the marks off, which the product cannot do: for the control of a fault test. Such
a worker also kills itself at the worst moment, so that the control does not depend on luck.
"""

import sys

from streams.runtime.faust import worker
from streams.settings import load
from streams.tables import writer as writers
from tests.support.dying import die_before_snapshots

if __name__ == "__main__":
    part, name, marks = sys.argv[1], sys.argv[2], sys.argv[3] == "marks"
    settings = load()
    if part == "writer":
        writers.run(settings, marks=marks)
    else:
        if not marks:
            die_before_snapshots("score", settings.state_dir / f"{name}.deaths")
        worker.run(settings, part, name, marks=marks)
