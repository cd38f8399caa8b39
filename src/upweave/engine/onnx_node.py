"""One node of an ONNX file, with its attributes as Python values."""

from dataclasses import dataclass, field
from typing import Any

import onnx

from upweave.engine.errors import ModelError, shown


@dataclass
class Node:
    """A node, which names itself in messages.

    Attributes
    ----------
    proto : onnx.NodeProto
    attributes : dict

    Raises
    ------
    ModelError
        Where an attribute has no value of its own.
    """

    proto: onnx.NodeProto
    attributes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            self.attributes = {
                a.name: onnx.helper.get_attribute_value(a) for a in self.proto.attribute
            }
        except ValueError as error:  # one of a function's caller, for instance
            raise ModelError(f"{self} has an attribute that cannot be read") from error
        for name, value in self.attributes.items():
            if value is None:
                raise ModelError(f"{self}: the attribute {shown(name)} has no type")

    def __str__(self) -> str:
        name = self.proto.name or ", ".join(self.proto.output)
        return f"node {shown(name)} ({self.kind})"

    @property
    def kind(self) -> str:
        """The operator, and before it its domain where that is not ONNX's own."""
        domain = "" if self.proto.domain in ("", "ai.onnx") else f"{self.proto.domain}."
        return shown(f"{domain}{self.proto.op_type}")[1:-1]

    def text(self, name: str, default: str) -> str:
        """Return an attribute that is a text."""
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else str(value)

    def has(self, index: int) -> bool:
        """Tell whether an input, which may be optional, is given."""
        return len(self.proto.input) > index and bool(self.proto.input[index])
