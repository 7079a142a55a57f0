"""``python -m deploy.supply``: fails where a part's terms are not permitted.

``--notices`` writes the notices instead.
"""

import sys

from deploy.supply.inventory import parts
from deploy.supply.licences import permitted
from deploy.supply.notices import write
from streams.models import registry
from streams.settings import load


def main(arguments: list[str]) -> int:
    """Exit status."""
    models = registry(load())
    if arguments == ["--notices"]:
        write(parts(models))
        return 0
    refused = [p for p in parts(models, developing=True) if not permitted(p.name, p.licence)]
    for part in refused:
        print(
            f"error: {part.name} {part.version} ({part.ecosystem}):"
            f" {part.licence or 'nobody knows its licence'}; do without it, or say in"
            " deploy/supply/licences.py why it may stay",
            file=sys.stderr,
        )
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
