"""``python -m deploy.local kafka`` (or ``database``) becomes that server, in the foreground."""

import os
import sys

from deploy.local import kafka, timescale
from deploy.local.errors import StackError
from streams import settings as environment

SERVERS = {"kafka": kafka, "database": timescale}


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0] not in SERVERS:
        sys.exit(f"give one of: {', '.join(sorted(SERVERS))}")
    try:
        settings = environment.load()
        server = SERVERS[arguments[0]]
        server.fetch(settings)
        command = server.command(settings)
    except (StackError, environment.SettingError) as error:
        sys.exit(f"error: {error}")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
