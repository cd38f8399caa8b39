"""Running a maker: a module with ``cases()``, ``run(case)`` and ``REFUSALS``."""

from collections.abc import Iterator
from types import ModuleType

import numpy as np
from storage import Vector


def vectors(maker: ModuleType) -> Iterator[Vector]:
    """Yield every case with the framework's result.

    ``run`` returns an array; where it raises one of ``REFUSALS``, the framework refuses the call.
    """
    for case in maker.cases():
        try:
            result = np.asarray(maker.run(case))
        except maker.REFUSALS:
            yield Vector(case, None)
        else:
            yield Vector(case, result)
