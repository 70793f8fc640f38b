"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# A mistake of ours is to be seen whole, not as the one line that users get.
os.environ["ERRLOG_TRACEBACK"] = "1"

# Speed is measured in benchmarks; a busy machine is no reason for a test to fail.
settings.register_profile("errlog", deadline=None)
settings.load_profile("errlog")
