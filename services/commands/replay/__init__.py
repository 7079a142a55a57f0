"""A recording run again, beside everything that is live: run, compare, remove."""

from services.commandline.respelling import OldReplay

GROUP = OldReplay
