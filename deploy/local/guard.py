"""Starts the supervisor again when it was killed; the supervisor restarts the guard in turn.

``python -m deploy.local.guard PID`` waits for the supervisor ``PID``. A supervisor that stops as
asked ends its guard first, so that one that is seen to end was killed.
"""

import os
import select
import sys

from deploy.local.supervisor import launch
from streams import settings as environment


def main() -> None:
    supervisor = int(sys.argv[1])
    if os.getppid() == supervisor:
        handle = os.pidfd_open(supervisor)
        select.select([handle], [], [])
    launch(environment.load())


if __name__ == "__main__":
    main()
