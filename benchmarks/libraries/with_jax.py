"""JAX: `lax.conv_general_dilated` with a dilated input, compiled, channels first and last.

Only layers: JAX reads no ONNX file.
"""

from functools import partial

import jax
import numpy as np

from layers import LayerCase
from libraries import Case, Way, Ways

_AXES = "DHW"


def ways(case: Case, threads: int) -> Ways:
    """Return the layer in both orders of axes; threads are the cores that JAX is confined to."""
    if not isinstance(case, LayerCase):
        return {}
    return {
        "JAX": partial(_prepare, case, last=False),
        "JAX, channels last": partial(_prepare, case, last=True),
    }


def _prepare(case: LayerCase, *, last: bool) -> Way:
    g, groups = case.geometry, case.layer.groups
    axes = _AXES[-g.ndim :]
    data, filters = (f"N{axes}C", f"{axes}IO") if last else (f"NC{axes}", f"OI{axes}")
    padding = [
        (k - 1 - begin, k - 1 - end + a)
        for k, (begin, end), a in zip(g.kernel, g.padding, g.output_padding, strict=True)
    ]
    x, w = case.input(), _as_convolution(case.weights(), groups)
    if last:
        x, w = np.moveaxis(x, 1, -1), np.moveaxis(w, (0, 1), (-1, -2))
    x, w = jax.device_put(np.ascontiguousarray(x)), jax.device_put(np.ascontiguousarray(w))

    def layer(x: jax.Array, w: jax.Array) -> jax.Array:
        return jax.lax.conv_general_dilated(
            x,
            w,
            window_strides=(1,) * g.ndim,
            padding=padding,
            lhs_dilation=g.stride,
            dimension_numbers=(data, filters, data),
            feature_group_count=groups,
        )

    compiled = jax.jit(layer).lower(x, w).compile()
    return Way(
        lambda: compiled(x, w).block_until_ready(),
        lambda y: np.moveaxis(np.asarray(y), -1, 1) if last else np.asarray(y),
    )


def _as_convolution(w: np.ndarray, groups: int) -> np.ndarray:
    """Return (C_in, C_out / groups, ...) as (C_out, C_in / groups, ...), flipped in space."""
    parts = [part.swapaxes(0, 1) for part in np.split(w, groups)]
    return np.flip(np.concatenate(parts), tuple(range(2, w.ndim)))
