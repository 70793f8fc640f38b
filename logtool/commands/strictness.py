"""Strictness: takes what is not sure, gives the exit status of --strict and says why it is 1."""

from __future__ import annotations

from collections.abc import Iterable

from logtool.clocks.table import ClockTable, Confidence
from logtool.normalize import Kept, Tally
from logtool.people.terminal import say


def strict_status(asked: bool, doubts: Iterable[str]) -> int:
    """1 where --strict is asked for and there is a doubt, else 0.

    The reason is one line on standard error, also with --quiet: it is no noise, but the answer.
    """
    told = [doubt for doubt in doubts if doubt]
    if not asked or not told:
        return 0
    say(f"errlog: --strict: {'; '.join(told)}")
    return 1


def doubts_of(table: ClockTable, tally: Tally) -> list[str]:
    """What is not sure of logs: assumed clocks, and lines without a layout.

    Args:
        table: their clocks.
        tally: what became of their lines, or has watched them.
    """
    return [assumed_clocks(table), unread(tally.kept.get(Kept.NO_LAYOUT, 0))]


def assumed_clocks(table: ClockTable) -> str:
    """What to say of clocks that nothing but a default tells; empty where there are none."""
    assumed = [clock for clock in table.clocks if clock.confidence == Confidence.ASSUMED]
    lines = sum(clock.lines for clock in assumed)
    return f"the clocks of {lines:,} line{_s(lines)} are only assumed" if assumed else ""


def unread(lines: int) -> str:
    """What to say of so many lines without a layout; empty for none."""
    return f"{lines:,} line{_s(lines)} without a layout" if lines else ""


def found(findings: int) -> str:
    """What to say of so many findings; empty for none."""
    return f"{findings:,} finding{_s(findings)}" if findings else ""


def _s(count: int) -> str:
    return "" if count == 1 else "s"
