"""Run seed: one number for each run of the program, which nobody outside can guess.

Child processes have it too, if this module was loaded before they were forked.
"""

from __future__ import annotations

import secrets

SEED = secrets.randbits(64)
