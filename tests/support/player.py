"""``python -m tests.support.player FILE SPEED PARTITIONS``: publishes the town after tick A.

It takes the gateway's place in a replay: after each slice it writes its tick to FILE. Killed and
started again it goes on with the first slice that FILE does not hold, so part of it is sent twice.
When all is published it stays, as a gateway would.
"""

import signal
import sys
from pathlib import Path

from streams.recordings.namespace import Player
from streams.settings import load
from tests.support import town


def main() -> None:
    file, speed, partitions = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    published = reached(file)
    player = Player(load(), published, speed or None)
    for piece in town.slices(town.events(), partitions):
        if piece.tick > published:
            player.play(piece)
            player.flush()
            file.with_suffix(".new").write_text(str(piece.tick))
            file.with_suffix(".new").replace(file)
    player.close()
    signal.pause()


def reached(file: Path) -> int:
    """The tick of the last slice that was published."""
    try:
        return int(file.read_text())
    except FileNotFoundError:
        return town.AFTER


if __name__ == "__main__":
    main()
