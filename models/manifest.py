"""What a model's ``model.yaml`` says of it: the contract between who trained it and who runs it."""

import re
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from models.documents import document
from models.files import SMALL, read_file

Task = Literal["detection", "loop-anomaly", "masking"]
TASKS: tuple[Task, ...] = get_args(Task)

FILE_NAME = "model.yaml"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class ModelError(Exception):
    """A model that cannot be used; the message says what to do."""


class Tensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One input or output of the network. A dimension of 0 is free."""

    name: str
    shape: tuple[int, ...]
    meaning: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that must be known of a model before it is run or judged."""

    name: str
    version: str
    task: Task
    description: str
    licence: str
    """SPDX identifier."""
    file: str
    """Name of the ONNX file."""
    sha256: str
    """Hex, of that file."""
    size: int
    """Bytes of that file."""
    address: str = ""
    """Public address of a third-party file."""
    converted_from: str = ""
    """Public address of the third-party weights from which the file was made, where nobody offers
    the file itself. Neither address: our own, beside the manifest."""
    folder: str = ""
    """In which a third-party file is kept; empty: ``name``. Models may share one."""
    input: Tensor
    outputs: tuple[Tensor, ...]
    preprocessing: dict[str, Any]
    postprocessing: dict[str, Any]
    classes: dict[int, str] = {}
    """The model's class index to its task's vocabulary (``models.labels``); those left out are not
    of interest."""
    thresholds: dict[str, Any]
    """For a detector, see ``models.thresholds``."""
    training_data: str
    quality: dict[str, Any]
    """Measured: on what, how, and the figures."""

    @property
    def id(self) -> str:
        """``name@version``, as events and incidents carry it."""
        return f"{self.name}@{self.version}"

    @property
    def is_ours(self) -> bool:
        """Whether the file lies beside the manifest."""
        return not (self.address or self.converted_from)


def read(path: Path) -> Manifest:
    """The manifest at ``path``.

    Raises:
        ModelError: it is no YAML, lacks a field, has one too many or of the wrong type.
    """
    try:
        manifest = msgspec.convert(document(read_file(path, SMALL)), Manifest)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from None
    except ValueError as error:  # of the document, or of what is in it
        raise ModelError(f"{path}: {error}") from None
    for field, pattern in (("name", _NAME), ("version", _VERSION), ("sha256", _SHA256)):
        if not pattern.fullmatch(getattr(manifest, field)):
            raise ModelError(f"{path}: {field} {getattr(manifest, field)!r} is not well-formed")
    for field in ("file", "folder"):
        name = getattr(manifest, field)
        if Path(name).name != name:
            raise ModelError(f"{path}: {field} {name!r} must be a bare name")
    if not manifest.file:
        raise ModelError(f"{path}: file: it names none")
    if manifest.size < 1:
        raise ModelError(f"{path}: size {manifest.size}: give the bytes of {manifest.file}")
    if not manifest.outputs:
        raise ModelError(f"{path}: outputs: it names none")
    return manifest
