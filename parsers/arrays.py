"""Arrays: the kinds that pass between modules, by what is in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: What a log holds.
Bytes = NDArray[np.uint8]
#: Numbers of lines, places, microseconds, keys.
Ints = NDArray[np.int64]
#: Which of some rows.
Mask = NDArray[np.bool_]
#: Weights and prices.
Floats = NDArray[np.float64]
