"""Befallen: takes findings and clocks, adds what each finding befell and what it follows from.

Apache's parent tells of a child and of a daemon that died in the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from logtool.clocks.table import ClockTable
from logtool.flags.finding import Finding, worst_first
from logtool.flags.rule import Rule

#: Rules that hold on what the parent says of others.
_OF_OTHERS = ("daemon-crashed",)
#: Processes named one by one; more are counted.
_PIDS = 8
_UNSAID = "", ""
_PERHAPS = "perhaps a child of Apache, for no daemon here says that it has this pid"
_CHILD = "child of Apache (an application runs there only in embedded mode)"
#: What waits for a process that cannot start gives up so much later: Apache's Timeout was 300 s.
_AFTERWARDS = timedelta(minutes=5)


def told_of(found: Sequence[Finding], table: ClockTable, rules: Sequence[Rule]) -> list[Finding]:
    """The findings of some rules, worst first, with what explains them in `notes`.

    Those of what befell others tell the kinds of these; not where logs are of several servers, for
    a pid may be of any of them. Those that follow from others tell of which.
    """
    found = worst_first(found, rules)
    kinds: dict[int, set[tuple[str, str]]] = {}
    several = len({clock.server for clock in table.clocks}) > 1
    if not several and any(one.rule in _OF_OTHERS for one in found):
        for clock in table.clocks:
            if clock.role:
                kinds.setdefault(clock.pid, set()).add((clock.role, clock.group))
    causes = {rule.id: rule.follows for rule in rules if rule.follows}
    explained = (_with_causes(one, found, causes.get(one.rule, ())) for one in found)
    return [_with_kinds(one, kinds) for one in explained]


def _with_causes(finding: Finding, found: Sequence[Finding], causes: Sequence[str]) -> Finding:
    notes = {
        f"likely a consequence of {one.rule}, which happened at that time: mend that first": None
        for one in found
        if one.rule in causes and _within(finding, one)
    }
    return replace(finding, notes=(*finding.notes, *notes)) if notes else finding


def _within(finding: Finding, cause: Finding) -> bool:
    """Whether all of a finding happened while another lasted, or shortly after."""
    if not (finding.first_utc and finding.last_utc and cause.first_utc and cause.last_utc):
        return False
    return cause.first_utc <= finding.first_utc and finding.last_utc <= cause.last_utc + _AFTERWARDS


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
