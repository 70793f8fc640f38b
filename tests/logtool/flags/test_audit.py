"""Audit: what the kernel denied to a process explains its finding."""

from __future__ import annotations

import pytest

from logtool.events.folding import fold
from logtool.flags.audit import with_denials
from logtool.flags.findings import Flagger
from logtool.flags.rule import shipped_rules
from parsers.audit_log import read_denials
from tests.logtool.events.rows import rows

LINE = (
    "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697] [remote 127.0.0.1:4] "
    "ImportError: /srv/app/x.so: failed to map segment from shared object"
)
DENIAL = (
    "type=AVC msg=audit({at}.868:2087): avc:  denied  {{ {what} }} for  pid={pid} "
    'comm="httpd" path="/srv/app/x.so" dev="dm-1" ino=6 tclass=file permissive=0\n'
)
AT = 1795357602


@pytest.mark.parametrize(
    ("at", "what", "pid", "notes"),
    [
        (AT, "map", 14666, ("AVC: pid 14666 was denied map on /srv/app/x.so",)),
        (AT, "map", 14667, ()),
        (AT + 60, "map", 14666, ()),
        (AT, "name_connect", 14666, ()),
    ],
)
def test_denials_join(at: int, what: str, pid: int, notes: tuple[str, ...]) -> None:
    """A denial joins by process, time and what was denied."""
    flagger = Flagger(shipped_rules())
    flagger.add(fold(rows(LINE)))
    denials = read_denials([DENIAL.format(at=at, what=what, pid=pid).encode()])
    (finding,) = with_denials(flagger.findings(), denials)
    assert finding.rule == "selinux-mmap-denied"
    assert notes == finding.notes
