"""Audit: take findings and the denials of an audit log, add what the kernel says of the cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from logtool.flags.finding import Finding
from logtool.people.instants import instant
from parsers.audit_log import AuditDenial

#: Rules that a denial can explain, and the permissions that do.
_EXPLAINS = {
    "selinux-mmap-denied": {
        *("map", "execute", "execmem", "execmod", "execstack", "open", "read", "m", "mr", "rm"),
    },
    "file-access-denied": {
        *("read", "write", "open", "getattr", "search", "create", "add_name", "append", "unlink"),
        *("r", "w", "c", "wc", "rw"),
    },
    "home-unusable": {"read", "write", "open", "getattr", "search", "create", "add_name", "append"},
    "network-access-denied": {"name_connect", "connect"},
    "daemon-socket-denied": {"connectto", "write", "search"},
}

#: The error log's instant is taken before the line is written, the kernel's when it denies.
_NEAR = timedelta(seconds=5)


def with_denials(findings: Sequence[Finding], denials: Iterable[AuditDenial]) -> list[Finding]:
    """The findings, each with the denials of one of its processes at its time in `notes`."""
    known = list(denials)
    return [_with_notes(finding, known) for finding in findings]


def _with_notes(finding: Finding, denials: Sequence[AuditDenial]) -> Finding:
    permissions = _EXPLAINS.get(finding.rule)
    if permissions is None:
        return finding
    notes = [
        _told(denial)
        for denial in denials
        if denial.pid in finding.pids
        and permissions & set(denial.permission.split())
        and _in_time(finding, denial)
    ]
    return replace(finding, notes=(*finding.notes, *dict.fromkeys(notes))) if notes else finding


def _in_time(finding: Finding, denial: AuditDenial) -> bool:
    if denial.epoch_us is None or finding.first_utc is None or finding.last_utc is None:
        return True
    when = instant(denial.epoch_us)
    return finding.first_utc - _NEAR <= when <= finding.last_utc + _NEAR


def _told(denial: AuditDenial) -> str:
    target = denial.path or denial.target_class or "a resource"
    return f"{denial.type or 'audit'}: pid {denial.pid} was denied {denial.permission} on {target}"
