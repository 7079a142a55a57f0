"""Importing all that a part needs, in less time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def importing() -> Iterator[None]:
    """Within it nobody looks for garbage; what was made in it is kept, and never looked through.

    Modules make hundreds of thousands of objects that stay. To look through all of them again and
    again took a tenth of the processor time of a start, and goes on taking some as long as it runs.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
