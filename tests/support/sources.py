"""Whether figures are of the code that is here: a digest of it that comments do not change.

The digest is the same under every Python that we run on, so nothing of the interpreter's own
spelling (``ast.dump``, tokens) may be part of it.
"""

import ast
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import yaml

ROOT = Path(__file__).parents[2]
SETS = {
    "bench": (
        "models",
        "streams",
        "streams/recordings/rerun.py",
        "services/alerts",
        "services/api",
        "tests/benchmarks",
    ),
    "scenarios": (
        "models",
        "simulators",
        "streams/stages",
        "streams/runtime/offline.py",
        "streams/runtime/partition.py",
        "streams/cameras/pictures.py",
        "services/commandline/evaluation.py",
    ),
    "faults": (
        "deploy/database",
        "deploy/local",
        "services/alerts",
        "services/api",
        "services/gateway",
        "streams",
        "tests/e2e/test_decoder_faults.py",
        "tests/e2e/test_faults.py",
        "tests/e2e/test_stack.py",
        "tests/integration/test_worker.py",
    ),
}
"""What each kind of figure rests on, and how it is measured; files, or folders with all in them."""
APART = ("streams/recordings",)
"""In those folders, but run by nothing that is measured, unless a set names the file."""


def digest(name: str, root: Path = ROOT) -> str:
    """Of every program, query, model and setting in the set ``name``.

    Raises:
        FileNotFoundError: something that the set names is not there.
    """
    whole = hashlib.sha256()
    for path in _files(name, root):
        content = MEANINGS[path.suffix](path.read_bytes())
        whole.update(f"{path.relative_to(root)}\0".encode())
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()[:16]


def _files(name: str, root: Path) -> Iterator[Path]:
    for place in SETS[name]:
        path = root / place
        if not path.exists():
            raise FileNotFoundError(f"{place} is gone, but the figures of {name} rest on it")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            apart = any(file.is_relative_to(root / folder) for folder in APART)
            if file.suffix in MEANINGS and (file == path or not apart):
                yield file


def _python(source: bytes) -> bytes:
    return _spelled(ast.parse(source)).encode()


def _spelled(node: object) -> str:
    """What newer versions of Python add to a tree is empty for the programs of older ones."""
    if isinstance(node, list):
        return f"[{','.join(_spelled(each) for each in node if not _is_documentation(each))}]"
    if isinstance(node, ast.AST):
        filled = [(name, value) for name, value in ast.iter_fields(node) if value not in (None, [])]
        inside = ",".join(f"{name}={_spelled(value)}" for name, value in filled)
        return f"{type(node).__name__}({inside})"
    return ascii(node)


def _is_documentation(node: object) -> bool:
    """Strings that stand alone are documentation, of a module as of a field."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


SQL_PIECE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|[^\s'/-]+|.", re.DOTALL)


CYTHON_COMMENT = re.compile(r"[ \t]*#(?! cython:).*$", re.MULTILINE)
"""None of our strings holds a ``#``; what begins with ``# cython:`` says how it is compiled."""


def _cython(source: bytes) -> bytes:
    lines = CYTHON_COMMENT.sub("", source.decode()).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip()).encode()


def _sql(source: bytes) -> bytes:
    """Words and strings; what is in a string is no comment, what is in a comment no string."""
    pieces = SQL_PIECE.findall(source.decode())
    said = [piece for piece in pieces if piece.strip() and not piece.startswith(("--", "/*"))]
    return "\0".join(said).encode()


def _yaml(source: bytes) -> bytes:
    return json.dumps(yaml.safe_load(source), default=str).encode()


def _xml(source: bytes) -> bytes:
    return ElementTree.canonicalize(source.decode(), strip_text=True).encode()


MEANINGS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": bytes,
    ".onnx": bytes,
    ".py": _python,
    ".pyx": _cython,
    ".sql": _sql,
    ".xml": _xml,
    ".yaml": _yaml,
}
"""What of a file counts, by its suffix; other files are for people."""
