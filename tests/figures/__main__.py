"""``make figures``: what runs measured, into ``docs/figures`` and the README; then the check.

``--check`` (of ``make check``) writes nothing, and fails where a file is missing or the README says
other than the files. ``--age`` (``make figures-age``) lists figures of other code than is here.
"""

import argparse
import sys

import msgspec

from tests.figures import kept
from tests.support import sources


def main() -> int:
    parser = argparse.ArgumentParser(prog="make figures", description=__doc__)
    asks = parser.add_mutually_exclusive_group()
    asks.add_argument("--check", action="store_true", help="write nothing")
    asks.add_argument("--age", action="store_true", help="list what is older than its code")
    asked = parser.parse_args()
    try:
        if asked.age:
            older = kept.older(sources.ROOT)
            print("\n".join(older) or "all figures are of the code that is here")
            return 0
        if not asked.check:
            taken = kept.take(sources.ROOT)
            print(f"taken from build: {', '.join(taken) or 'nothing'}")
        wrong = kept.problems(sources.ROOT)
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        wrong = [str(error)]
    for line in wrong:
        print(f"figures: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
