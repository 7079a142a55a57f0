"""Replays of a recording, beside the live system: run, compare, remove."""

from services.commandline.respelling import OldReplay

GROUP = OldReplay
