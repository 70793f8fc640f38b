"""Units: how many microseconds a second and a minute have."""

from __future__ import annotations

SECOND = 1_000_000
MINUTE = 60 * SECOND
