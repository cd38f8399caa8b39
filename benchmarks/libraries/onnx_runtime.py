"""ONNX Runtime, with input and output bound to memory beforehand."""

import numpy as np
import onnxruntime

from libraries import Case, Way, Ways


def ways(case: Case, threads: int) -> Ways:
    """Return the one way."""

    def prepare() -> Way:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        providers = ["CPUExecutionProvider"]
        session = onnxruntime.InferenceSession(case.model(), options, providers=providers)
        out = np.empty(case.output_shape, np.float32)
        bound = session.io_binding()
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(a) for a in (case.input(), out)]
        bound.bind_ortvalue_input("input", values[0])
        bound.bind_ortvalue_output("output", values[1])

        def run() -> onnxruntime.OrtValue:
            session.run_with_iobinding(bound)
            return values[1]

        return Way(run, lambda y: y.numpy())

    return {"ONNX Runtime": prepare}
