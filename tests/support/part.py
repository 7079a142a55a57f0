"""``python -m tests.support.part PART NAME marks|none``: a part as ``cityops run`` starts it.

``none`` switches the marks off, which the product cannot do: for the control of a fault test.
"""

import sys

from streams.runtime.faust import worker
from streams.settings import load
from streams.tables import writer as writers

if __name__ == "__main__":
    part, name, marks = sys.argv[1], sys.argv[2], sys.argv[3] == "marks"
    if part == "writer":
        writers.run(load(), marks=marks)
    else:
        worker.run(load(), part, name, marks=marks)
