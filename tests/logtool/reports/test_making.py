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
from logtool.machine.preparing import prepare
from logtool.program import run

prepare()
from logtool.reports import apart, counter, making

read_once, results, held = making.read_once, counter.Workers.results, []

def noted(*given, **named):
    read = read_once(*given, **named)
    held.append(read._finder)
    return read

def watched(workers, tasks):
    for finder in held:
        samples = [sampler.samples for sampler in finder._samplers.values()]
        seeks, kept = tasks == ["find", "tell"], len(finder._knots.finish()) > 0
        print(seeks, kept, samples != [[]], file=sys.stderr)
    return results(workers, tasks)

apart._WORTH = 0
making.read_once, counter.Workers.results = noted, watched
sys.exit(run(["report", "-q", "--server-tz", "Europe/Berlin", sys.argv[1]]))
"""


def test_what_was_read_for_clocks_is_not_held_while_others_count() -> None:
    """Neither by who counts nor by who waits: it takes much memory."""
    log = SAMPLES / "berlin_utc_django" / "error.log"
    command = [sys.executable, "-c", _HELD, str(log)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)

    assert sorted(ran.stderr.splitlines()) == ["False False False"] * 2 + ["True True True"]
