"""Search: takes opened logs and their clocks, gives the findings of all rules in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from logtool.clocks.table import ClockTable
from logtool.events.folding import fold_around
from logtool.flags.clock_facts import clock_findings
from logtool.flags.findings import Finding, Flagger, worst_first
from logtool.flags.rule import Rule
from logtool.frame import frames
from logtool.passes import Log

#: What rules may look at.
COLUMNS = (
    *("file", "line", "utc", "level", "module", "pid", "tid", "role", "client", "client_marker"),
    *("status", "tag", "message"),
)


def find_flags(
    logs: Sequence[Log],
    table: ClockTable,
    rules: Sequence[Rule],
    watch: Callable[[pl.DataFrame], None] = lambda batch: None,
) -> list[Finding]:
    """The findings in some logs, worst first; `watch` sees each batch of rows.

    The logs are read once, as they come; what is held grows with findings, not with lines.
    """
    flagger = Flagger(rules)
    for folded in fold_around(frames(logs, table, COLUMNS), flagger.may_flag()):
        flagger.add(folded)
        watch(folded)
    names = [log.source.name for log in logs]
    formats = [
        layout.format.text for log in logs for layout in log.decoder.layouts if layout.format
    ]
    about_clocks = clock_findings(table, rules, list(dict.fromkeys(formats)), names)
    return worst_first([*flagger.findings(), *about_clocks])
