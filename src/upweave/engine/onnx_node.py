"""One node of an ONNX file, with its attributes as Python values."""

from dataclasses import dataclass, field
from typing import Any

import onnx


@dataclass
class Node:
    """A node, which names itself in messages.

    Attributes
    ----------
    proto : onnx.NodeProto
    attributes : dict
    """

    proto: onnx.NodeProto
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.attributes = {a.name: onnx.helper.get_attribute_value(a) for a in self.proto.attribute}

    def __str__(self) -> str:
        name = self.proto.name or ", ".join(self.proto.output)
        return f"node {name!r} ({self.proto.op_type})"

    def text(self, name: str, default: str) -> str:
        """Return an attribute that is a text."""
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def has(self, index: int) -> bool:
        """Tell whether an input, which may be optional, is given."""
        return len(self.proto.input) > index and bool(self.proto.input[index])
