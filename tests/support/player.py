"""``python -m tests.support.player FILE SPEED PARTITIONS [films]``: the town after tick A.

With ``films`` what its cameras see comes from films, each decoded by a process below this one. It
takes the gateway's place in a replay: after each slice it writes its tick to FILE. Killed and
started again it goes on with the first slice that FILE does not hold, so part of it is sent twice.
When all is published it stays, as a gateway would.
"""

import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from streams.recordings.namespace import Player
from streams.settings import load
from tests.support import town
from tests.support.projector import PICTURES_PER_SECOND, Projector


def main() -> None:
    file, speed, partitions = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    published = reached(file)
    player = Player(load(), published, speed or None)
    pieces = [p for p in town.slices(town.events(), partitions) if p.tick > published]
    with ExitStack() as stack:
        projector = None
        if sys.argv[4:] == ["films"]:
            rate = PICTURES_PER_SECOND * speed
            projector = stack.enter_context(Projector(films(file), pieces, rate))
        for piece in pieces:
            player.play(projector.projected(piece) if projector else piece)
            player.flush()
            file.with_suffix(".new").write_text(str(piece.tick))
            file.with_suffix(".new").replace(file)
        player.close()
        signal.pause()


def films(file: Path) -> Path:
    """Where the films are of the player that writes FILE."""
    return file.with_suffix(".films")


def reached(file: Path) -> int:
    """The tick of the last slice that was published."""
    try:
        return int(file.read_text())
    except FileNotFoundError:
        return town.AFTER


if __name__ == "__main__":
    main()
