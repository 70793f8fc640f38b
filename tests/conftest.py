"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# Speed is measured in benchmarks; a busy machine is no reason for a test to fail.
settings.register_profile("errlog", deadline=None)
settings.load_profile("errlog")
