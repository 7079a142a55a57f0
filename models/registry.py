"""The models there are: manifest to onnxruntime session, refusing a file that is not the one named.

A model of our own lies beside its manifest. A third-party model has its manifest here and its
file in one of the folders that the caller names, as ``FOLDER/NAME/FILE`` or in the manifest's own
``folder``; ``models.fetch`` puts it there.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from models.files import SMALL, read_file
from models.labels import VOCABULARIES
from models.manifest import FILE_NAME, Manifest, ModelError, read

PROCESSOR = "CPUExecutionProvider"
"""Of onnxruntime: what every machine has."""
FLOATS = "tensor(float)"
"""What networks are given, as onnxruntime says it: 32 bits."""
OWN = Path(__file__).parent
"""Where manifests are."""


class ModelMissingError(ModelError):
    """The model is known but its file is nowhere, or the model is not known at all."""


class ModelChangedError(ModelError):
    """The file is not the one that the manifest names; running it would falsify results."""


class Model(NamedTuple):
    """A model that is ready to run."""

    manifest: Manifest
    session: Any
    """onnxruntime.InferenceSession: one thread of the processor; safe to share between threads."""


class Registry:
    """Models by name, with the folders in which third-party files are searched, in order.

    Args:
        providers: of onnxruntime, the first choice first, for detectors; all else is left to the
            processor, and scores of readings are its alone: they are the same on every machine.
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        manifests: Path = OWN,
        providers: Sequence[str] = (),
    ) -> None:
        self.folders = tuple(folders)
        self.manifests = manifests
        self.providers = tuple(providers)

    def catalogue(self) -> list[Manifest]:
        """Every manifest, by name; raises ModelError where one is malformed."""
        return [read(path) for path in sorted(self.manifests.glob(f"*/{FILE_NAME}"))]

    def find(self, id: str) -> Manifest:
        """The manifest of ``name@version``, or of ``name`` whatever its version.

        Raises:
            ModelMissingError: there is none.
            ModelError: its manifest is malformed.
        """
        # Only that manifest is read, so that another that is broken harms nobody; and it is looked
        # up among the folders there are, since the name may come from a message.
        folders = {path.parent.name: path for path in self.manifests.glob(f"*/{FILE_NAME}")}
        path = folders.get(id.partition("@")[0])
        manifest = read(path) if path else None
        if manifest is None or id not in (manifest.id, manifest.name):
            there = manifest.id if manifest else ", ".join(sorted(folders)) or "none"
            raise ModelMissingError(f"no model {id!r}; there are: {there}")
        return manifest

    def places(self, manifest: Manifest) -> list[Path]:
        """Where the model's file may lie, in the order of search."""
        if manifest.is_ours:
            return [self.manifests / manifest.name / manifest.file]
        kept = manifest.folder or manifest.name
        return [folder / kept / manifest.file for folder in self.folders]

    def path(self, manifest: Manifest) -> Path:
        """Where the model's file lies; not yet checked.

        Raises:
            ModelMissingError: it is in none of its places.
        """
        places = self.places(manifest)
        for path in places:
            if path.is_file():
                return path
        looked = " or ".join(map(str, places)) or "nowhere: no folder is configured"
        hint = "" if manifest.is_ours else f"; run 'cityops models fetch {manifest.name}'"
        raise ModelMissingError(f"{manifest.id} has no file (looked in {looked}){hint}")

    def load(self, id: str) -> Model:
        """The model with a session made from exactly the bytes that were checked.

        Raises:
            ModelMissingError: the model is unknown or its file is not there.
            ModelChangedError: the file's sha256 is not the manifest's.
            ModelError: the manifest is malformed, the file is not what it says, or a provider
                cannot be had here.
        """
        manifest = self.find(id)
        path = self.path(manifest)
        content = checked(manifest, path)
        providers = self.providers if manifest.task in VOCABULARIES else ()
        return Model(manifest, _session(manifest, content, providers))


def checked(manifest: Manifest, path: Path) -> bytes:
    """The file's content. Raises ModelChangedError unless it can be read and is the manifest's."""
    try:
        content = read_file(path, manifest.size + SMALL)
    except OSError as error:
        said = f"{path} is not {manifest.id}: {error.strerror}; not used"
        raise ModelChangedError(said) from None
    check(manifest, content, path)
    return content


def check(manifest: Manifest, content: bytes, source: object) -> None:
    """Raises ModelChangedError unless ``content`` is the manifest's file."""
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.sha256:
        raise ModelChangedError(
            f"{source} is not {manifest.id}: its sha256 is {found} ({len(content)} bytes), "
            f"the manifest says {manifest.sha256} ({manifest.size} bytes); not used"
        )


def _session(manifest: Manifest, content: bytes, providers: Sequence[str]) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    # One thread a session: workers are processes, and results must not rest on a machine's cores.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    # onnxruntime would only warn of one that it was not built with, and take the processor.
    for name in providers:
        if name not in ort.get_available_providers():
            there = ", ".join(ort.get_available_providers())
            raise ModelError(f"{manifest.id}: onnxruntime has no {name} here; it has {there}")
    try:
        session = ort.InferenceSession(content, options, providers=[*providers, PROCESSOR])
    except Exception as error:  # onnxruntime raises classes of its own that share no other base
        raise ModelError(f"{manifest.id} cannot be loaded: {error}") from None
    for name in providers:
        if name not in session.get_providers():
            raise ModelError(f"{manifest.id}: {name} cannot be started here")
    declared = [(manifest.input, session.get_inputs())]
    declared += [(tensor, session.get_outputs()) for tensor in manifest.outputs]
    for tensor, actual in declared:
        shapes = {
            node.name: tuple(d if isinstance(d, int) else 0 for d in node.shape) for node in actual
        }
        if shapes.get(tensor.name) != tensor.shape:
            said = f"the manifest says {tensor.name} {tensor.shape}"
            raise ModelError(f"{manifest.id}: {said}, the file has {shapes}")
    for node in session.get_inputs():
        if node.type != FLOATS:
            said = f"its input {node.name} takes {node.type}"
            raise ModelError(f"{manifest.id}: {said}, and is given {FLOATS}")
    return session
