"""Making a report: what the process that forks children does before."""

from __future__ import annotations

import subprocess
import sys

_EARLY = """
import sys
from logtool.clocks.table import ClockTable
from logtool.flags.clock_facts import find_clock_flags
from logtool.flags.explanations import rules_with
from logtool.reports.making import _load

_load()
find_clock_flags([], ClockTable.empty(), rules_with(None))
sys.exit("polars" in sys.modules)
"""


def test_no_polars() -> None:
    """What is loaded early, and what finds what clocks tell, leave polars alone: it has threads."""
    assert subprocess.run([sys.executable, "-c", _EARLY], check=False).returncode == 0
