"""``make figures``: what runs measured, into ``docs/figures`` and the README; then the check.

``--check`` (of ``make check``) writes nothing, and fails where a figure is missing, is of other
code than this, or differs from what the README says.
"""

import argparse
import sys

import msgspec

from tests.figures import kept, sources


def main() -> int:
    parser = argparse.ArgumentParser(prog="make figures", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    asked = parser.parse_args()
    try:
        if not asked.check:
            taken = kept.take(sources.ROOT)
            print(f"taken from build: {', '.join(taken) or 'nothing'}")
        digests = {section.name: sources.digest(section.name) for section in kept.SECTIONS}
        wrong = kept.problems(sources.ROOT, digests)
    except (OSError, ValueError, msgspec.MsgspecError) as error:
        wrong = [str(error)]
    for line in wrong:
        print(f"figures: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
