"""The same network in other libraries, each in its fastest documented CPU configuration."""

from pathlib import Path

import numpy as np
import onnxruntime
import openvino
import torch
from torch import nn

from measure import Run
from upweave.learning.networks.weave import Activation


def torch_run(network: nn.Module, x: np.ndarray, *, channels_last: bool) -> Run:
    """Return a run of a PyTorch network."""
    form = torch.channels_last if channels_last else torch.contiguous_format
    _use_the_fast_prelu(network)
    network = network.eval().to(memory_format=form)
    held = torch.from_numpy(x).to(memory_format=form)

    def run() -> np.ndarray:
        with torch.inference_mode():
            return network(held).numpy()

    return run


def _use_the_fast_prelu(network: nn.Module) -> None:
    """Replace the form of PReLU that trains fast by PyTorch's own, which is faster forward."""
    for name, child in network.named_children():
        if isinstance(child, Activation):
            plain = nn.PReLU(child.num_parameters)
            plain.load_state_dict(child.state_dict())
            setattr(network, name, plain)
        else:
            _use_the_fast_prelu(child)


def onnxruntime_run(path: Path, x: np.ndarray, threads: int) -> Run:
    """Return a run of ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"input": x})[0]


def openvino_run(path: Path, x: np.ndarray, threads: int) -> Run:
    """Return a run of OpenVINO, compiled for the input's size."""
    core = openvino.Core()
    model = core.read_model(path)
    model.reshape(list(x.shape))
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def run() -> np.ndarray:
        request.infer([x], share_inputs=True)
        return request.get_output_tensor().data

    return run
