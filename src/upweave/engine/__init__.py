"""How is a network fast? It runs by tiles that stay in cache.

graph (from an ONNX file) -> plan (what each tile needs, computes and keeps) -> compiled code. The
result must equal the network run layer by layer.
"""

from upweave.engine.errors import ModelError, NotRunError
from upweave.engine.network import Network
from upweave.kernels.tiles import Cancelled

__all__ = ["Cancelled", "ModelError", "Network", "NotRunError"]
