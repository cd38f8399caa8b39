"""OpenVINO, compiled for the input's size, with the input's memory shared."""

import numpy as np
import openvino

from libraries import Case, Way, Ways


def ways(case: Case, threads: int) -> Ways:
    """Return the one way."""

    def prepare() -> Way:
        x = case.input()
        core = openvino.Core()
        model = core.read_model(case.model())
        model.reshape(list(x.shape))
        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
        }
        request = core.compile_model(model, "CPU", settings).create_infer_request()
        request.set_input_tensor(openvino.Tensor(x, shared_memory=True))

        def run(held: np.ndarray = x) -> openvino.Tensor:
            # `held` keeps the memory that the tensor shares.
            request.infer()
            return request.get_output_tensor()

        return Way(run, lambda y: y.data)

    return {"OpenVINO": prepare}
