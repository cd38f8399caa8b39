"""Enlarge a folder ×4 as a plain script around OpenCV's dnn does: FOLDER MODEL -o OUTPUT."""

import sys
from pathlib import Path

import cv2
import numpy as np

folder, model, output = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[4])
network = cv2.dnn.readNetFromONNX(model)
for path in sorted(folder.iterdir()):
    y, cr, cb = cv2.split(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2YCrCb))
    x = (16 + y.astype(np.float32) * (219 / 255)) / 255  # studio range, as the network takes it
    network.setInput(x[None, None])
    big = network.forward()[0, 0]
    big = ((big * 255 - 16) * (255 / 219)).round().clip(0, 255).astype(np.uint8)
    size = (big.shape[1], big.shape[0])
    chroma = [cv2.resize(plane, size, interpolation=cv2.INTER_CUBIC) for plane in (cr, cb)]
    result = cv2.cvtColor(cv2.merge([big, *chroma]), cv2.COLOR_YCrCb2BGR)
    cv2.imwrite(str(output / path.name), result)
