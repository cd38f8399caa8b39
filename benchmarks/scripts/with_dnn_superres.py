"""Enlarge a folder ×4 as a plain script around dnn_superres does: FOLDER MODEL.pb -o OUTPUT."""

import sys
from pathlib import Path

import cv2

folder, model, output = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[4])
network = cv2.dnn_superres.DnnSuperResImpl_create()
network.readModel(model)
network.setModel("fsrcnn", 4)
for path in sorted(folder.iterdir()):
    cv2.imwrite(str(output / path.name), network.upsample(cv2.imread(str(path))))
