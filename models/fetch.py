"""Third-party models from the public address in their manifest, checked before they are kept."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from models.manifest import Manifest, ModelError
from models.registry import ModelChangedError, ModelMissingError, Registry, check, checked

CONVERTED = "take it from who has it"
TIMEOUT_S = 30.0
"""Without a byte, before the address counts as out of reach."""


def fetch(registry: Registry, id: str, progress: Callable[[int, int], None] | None = None) -> Path:
    """Where the model's checked file lies; downloaded unless it is already in one of its places.

    Args:
        progress: told (bytes so far, bytes in all) while downloading.

    Raises:
        ModelMissingError: unknown, or its address cannot be reached, or it has none; says what to
            do by hand.
        ModelChangedError: what came, or what is there, is not the manifest's file.
    """
    manifest = registry.find(id)
    try:
        path = registry.path(manifest)
    except ModelMissingError:
        if manifest.is_ours:
            raise
    else:
        checked(manifest, path)
        return path
    places = registry.places(manifest)
    if not places:
        raise ModelError(f"no folder is configured to keep {manifest.id} in")
    if not manifest.address:
        raise ModelMissingError(
            f"{manifest.file} of {manifest.id} was converted from {manifest.converted_from}; no"
            f" public address offers it. {_by_hand(manifest, places[0], CONVERTED)}"
        )
    content = _download(manifest, places[0], progress)
    try:
        check(manifest, content, manifest.address)
    except ModelChangedError as error:
        raise ModelChangedError(f"{error}. {_by_hand(manifest, places[0])}") from None
    _keep(content, places[0])
    return places[0]


def _download(manifest: Manifest, path: Path, progress: Callable[[int, int], None] | None) -> bytes:
    import httpx

    content = bytearray()
    try:
        with httpx.stream(
            "GET", manifest.address, follow_redirects=True, timeout=TIMEOUT_S
        ) as response:
            response.raise_for_status()
            for part in response.iter_bytes():
                content += part
                if progress:
                    progress(len(content), manifest.size)
                if len(content) > manifest.size:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise ModelMissingError(
            f"{manifest.address} cannot be downloaded ({reason}). {_by_hand(manifest, path)}"
        ) from None
    return bytes(content)


def _by_hand(
    manifest: Manifest, path: Path, how: str = "download it where there is a network"
) -> str:
    return (
        f"By hand: {how} and put it at {path.absolute()} "
        f"(sha256 {manifest.sha256}, {manifest.size} bytes)"
    )


def _keep(content: bytes, path: Path) -> None:
    """Whole or not at all: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
