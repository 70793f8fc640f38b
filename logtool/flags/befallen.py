"""Befallen: takes findings and clocks, adds which kind of process each finding befell.

Apache's parent tells of a child and of a daemon that died in the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from logtool.clocks.table import ClockTable
from logtool.flags.finding import Finding, worst_first

#: Rules that hold on what the parent says of others.
_OF_OTHERS = ("daemon-crashed",)
#: Processes named one by one; more are counted.
_PIDS = 8
_UNSAID = "", ""
_PERHAPS = "perhaps a child of Apache, for no daemon here says that it has this pid"
_CHILD = "child of Apache (an application runs there only in embedded mode)"


def told_of(found: Sequence[Finding], table: ClockTable) -> list[Finding]:
    """The findings, worst first; those of what befell others with their kinds in `notes`.

    Where logs are of several servers a pid may be of any of them, and nothing is added.
    """
    kinds: dict[int, set[tuple[str, str]]] = {}
    several = len({clock.server for clock in table.clocks}) > 1
    if not several and any(one.rule in _OF_OTHERS for one in found):
        for clock in table.clocks:
            if clock.role:
                kinds.setdefault(clock.pid, set()).add((clock.role, clock.group))
    return worst_first(_with_kinds(one, kinds) for one in found)


def _with_kinds(finding: Finding, kinds: dict[int, set[tuple[str, str]]]) -> Finding:
    if finding.rule not in _OF_OTHERS:
        return finding
    pids: dict[tuple[str, str], list[int]] = {}
    daemons_say = any(role == "daemon" for some in kinds.values() for role, _ in some)
    for pid in finding.pids:
        some = kinds.get(pid, {_UNSAID} if daemons_say else set())
        # A pid comes again: who had several roles may have been any.
        if len(some) == 1:
            pids.setdefault(next(iter(some)), []).append(pid)
    notes = [_told(*kind, some) for kind, some in sorted(pids.items(), reverse=True)]
    return replace(finding, notes=(*finding.notes, *notes))


def _told(role: str, group: str, pids: Sequence[int]) -> str:
    named = ", ".join(map(str, pids[:_PIDS]))
    more = f" and {len(pids) - _PIDS} more" if len(pids) > _PIDS else ""
    kind = {"child": _CHILD, "": _PERHAPS}.get(role, f"{role} of {group}" if group else role)
    return f"{kind}: {named}{more}"
