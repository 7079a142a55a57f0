"""What long-running parts write to their logs, in one form."""

import logging
import sys


def configure(level: int = logging.WARNING) -> None:
    """To standard error, which the supervisor keeps, from ``level`` on."""
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(stream=sys.stderr, level=level, format=form)
    # It reports every pause of a busy machine; what failed is raised to us and said here.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
