"""Running one node with ONNX Runtime."""

import onnxruntime
from onnx import helper, numpy_helper
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, InvalidGraph

REFUSALS = (Fail, InvalidArgument, InvalidGraph)
"""What it raises where the call breaks a rule; where it only has no code, NotImplemented."""

INPUTS = {
    "conv": ("X", "W", "B"),
    "conv_transpose": ("X", "W", "B"),
    "depth_to_space": ("input",),
    "max_unpool": ("X", "I", "output_shape"),
    "resize": ("X", "roi", "scales", "sizes"),
}


def run_node(function, arrays, attributes):
    """Return the result of a node, given as a function of `upweave.conventions.onnx`.

    Inputs but the first are constants, as they are in most models.
    """
    names = [name if arrays.get(name) is not None else "" for name in INPUTS[function]]
    while not names[-1]:
        names.pop()
    operator = function.title().replace("_", "")
    node = helper.make_node(operator, names, ["y"], **attributes)
    first, *others = (name for name in names if name)

    def declared(name, array, shape):
        dtype = helper.np_dtype_to_tensor_dtype(array.dtype)
        return helper.make_tensor_value_info(name, dtype, shape)

    x = arrays[first]
    graph = helper.make_graph(
        [node],
        operator,
        [declared(first, x, x.shape)],
        [declared("y", x, None)],
        [numpy_helper.from_array(arrays[name], name) for name in others],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {first: x})[0]
