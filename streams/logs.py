"""What long-running parts write to their logs, in one form."""

import logging
import sys
from typing import Any

from streams.visible import line, visible

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """A record is one line, whatever it quotes: no name that somebody made up looks like another
    record, and no terminal obeys it. A traceback follows on lines of its own.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return visible(super().formatException(ei))


def configure(level: int = logging.WARNING) -> None:
    """To standard error, which the supervisor keeps, from ``level`` on."""
    to_stderr = logging.StreamHandler(sys.stderr)
    to_stderr.setFormatter(OneLine(FORM))
    logging.basicConfig(handlers=[to_stderr], level=level)
    # It reports every pause of a busy machine; what failed is raised to us and said here.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    # It writes each address that it asks in full, and one may hold a secret.
    logging.getLogger("httpx").setLevel(logging.WARNING)
