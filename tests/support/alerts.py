"""``python -m tests.support.alerts``: the alerts service as ``cityops run`` starts it."""

from services.api import main
from streams.settings import load

if __name__ == "__main__":
    main.run(load())
