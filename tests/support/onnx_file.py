"""ONNX files of a few nodes, written byte by byte: https://onnx.ai/onnx/repo-docs/IR.html.

Numbers in the code are the fields of onnx.proto.
"""

from collections.abc import Sequence

import numpy as np

IR, OPSET = 8, 17
FLOAT, INT64 = 1, 7
"""Of elements."""
INT, INTS = 2, 7
"""Of attributes."""


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


class Graph:
    """Nodes in order; ``file`` is the whole model."""

    def __init__(self, name: str, shape: Sequence[int]) -> None:
        self._input = self._value(name, shape)
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._outputs: list[bytes] = []
        self._made = 0

    def constant(self, array: np.ndarray) -> str:
        whole = array.dtype.kind == "i"
        raw = array.astype("<i8" if whole else "<f4").tobytes()
        dims = b"".join(_number(1, size) for size in array.shape)
        name = self._name()
        said = _number(2, INT64 if whole else FLOAT) + _bytes(8, name) + _bytes(9, raw)
        self._constants.append(_bytes(5, dims + said))
        return name

    def node(self, operator: str, *inputs: str, **attributes: Sequence[int]) -> str:
        """The name of its output."""
        name = self._name()
        said = b"".join(_bytes(1, each) for each in inputs) + _bytes(2, name) + _bytes(4, operator)
        for attribute, numbers in attributes.items():
            values = b"".join(_number(8, number) for number in numbers)
            said += _bytes(5, _bytes(1, attribute) + values + _number(20, INTS))
        self._nodes.append(_bytes(1, said))
        return name

    def output(self, name: str, shape: Sequence[int], of: str) -> None:
        said = _bytes(1, of) + _bytes(2, name) + _bytes(4, "Identity")
        self._nodes.append(_bytes(1, said))
        self._outputs.append(_bytes(12, self._value(name, shape)))

    def file(self) -> bytes:
        graph = b"".join(self._nodes) + _bytes(2, "small") + b"".join(self._constants)
        graph += _bytes(11, self._input) + b"".join(self._outputs)
        return _number(1, IR) + _bytes(7, graph) + _bytes(8, _bytes(1, "") + _number(2, OPSET))

    def _name(self) -> str:
        self._made += 1
        return f"t{self._made}"

    @staticmethod
    def _value(name: str, shape: Sequence[int]) -> bytes:
        dims = b"".join(_bytes(1, _number(1, size)) for size in shape)
        tensor = _bytes(1, _number(1, FLOAT) + _bytes(2, dims))
        return _bytes(1, name) + _bytes(2, tensor)
