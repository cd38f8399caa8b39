"""Write FSRCNN(56, 12, 4) ×4, random weights, as the frozen graph that dnn_superres reads: FILE.

Dong, Loy, Tang, ECCV 2016. dnn_superres has no transposed convolution whose size is not fixed: the
last layer is a 3 × 3 convolution to 16 channels, woven together, as in the graphs it is used with.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

SCALE = 4
LAYERS = [(5, 56), (1, 12), *[(3, 12)] * 4, (1, 56)]
"""Kernel and channels, all with PReLU."""

random = np.random.default_rng(1)
with tf.Graph().as_default() as graph:
    x = tf.compat.v1.placeholder(tf.float32, (1, None, None, 1), "IteratorGetNext")
    channels = 1
    for kernel, wide in [*LAYERS, (3, SCALE**2)]:
        weight = random.normal(0, 0.05, (kernel, kernel, channels, wide)).astype(np.float32)
        x = tf.nn.conv2d(x, weight, 1, "SAME")
        if wide != SCALE**2:
            slopes = tf.constant(np.full(wide, 0.25, np.float32))
            x = tf.nn.relu(x) + slopes * (x - tf.abs(x)) * 0.5  # how dnn knows a PReLU
        channels = wide
    tf.nn.depth_to_space(x, SCALE, name="NHWC_output")
Path(sys.argv[1]).write_bytes(graph.as_graph_def().SerializeToString())
