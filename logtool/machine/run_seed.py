"""Run seed: one number for each run of the program, which nobody outside can guess.

Child processes have it too, if this module was loaded before they were forked.
"""

from __future__ import annotations

import os

SEED = int.from_bytes(os.urandom(8))
