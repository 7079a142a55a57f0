"""Bytes that the local stack takes, and what is left."""

import shutil
from pathlib import Path

from deploy.local.folders import ELSEWHERE
from streams.settings import Settings


def usage(settings: Settings) -> dict[str, int]:
    """Bytes per folder of the state, ``total`` of them, and ``free`` on the disk."""
    there = settings.state_dir.exists()
    folders = sorted(settings.state_dir.iterdir()) if there else []
    sizes = {folder.name: size(folder) for folder in folders if folder.is_dir()}
    sizes["total"] = sum(sizes.values())
    sizes["free"] = shutil.disk_usage(settings.state_dir if there else Path()).free
    return sizes


def size(folder: Path) -> int:
    """Bytes on disk of what lies under ``folder``; what vanishes meanwhile does not count."""
    total, waiting = 0, [folder.resolve()]
    while waiting:
        try:
            entries = list(waiting.pop().iterdir())
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        for entry in entries:
            try:
                status = entry.lstat()
            except FileNotFoundError:
                continue
            total += status.st_blocks * 512
            placed = entry.is_symlink() and entry.resolve().is_relative_to(ELSEWHERE)
            if entry.is_dir() and (placed or not entry.is_symlink()):
                waiting.append(entry)
    return total
