"""Making a report: what the process that forks children does before."""

from __future__ import annotations

import subprocess
import sys

from tests.logtool.reports.conftest import SAMPLES

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


_HELD = """
import sys
import weakref
from logtool.machine.preparing import prepare
from logtool.program import run

prepare()
from logtool.reports import apart, counter, making

find, results, found = making.find_clocks, counter.Workers.results, []

def found_clocks(*given, **named):
    table = find(*given, **named)
    found.append(weakref.ref(table))
    return table

def watched(workers, tasks):
    if found:
        sys.stderr.write(f"{found[0]()}")
    return results(workers, tasks)

apart._WORTH = 0
making.find_clocks, counter.Workers.results = found_clocks, watched
sys.exit(run(["report", "-q", "--server-tz", "Europe/Berlin", sys.argv[1]]))
"""


def test_clocks_are_not_held_while_others_count() -> None:
    """Their evidence takes much memory: nothing but what is told of them is kept."""
    log = SAMPLES / "berlin_utc_django" / "error.log"
    command = [sys.executable, "-c", _HELD, str(log)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)

    assert ran.stderr == "None"
