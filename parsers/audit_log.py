"""Audit log: takes bytes of an audit log, gives the denials in it, each with its instant and pid.

auditd writes epoch seconds (`msg=audit(1780648956.123:456)`), so a denial of a pid that also wrote
to the error log ties that process's clock to UTC. `ausearch -i` interprets the same stamp in its
user's zone and locale (`msg=audit(06/05/2026 08:42:36.978:456)`): then the instant is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from parsers.blocks import cut_blocks
from parsers.classes import dataclass
from parsers.whole_numbers import whole_number

#: Longest line looked at: audit records are at most 8970 bytes (MAX_AUDIT_MESSAGE_LENGTH).
_LONGEST_LINE = 16_384
#: What every record has; rejects nearly every line of others before any regular expression runs.
STAMP_OPENS = b"audit("
_DENIAL = re.compile(rb"\bavc: +denied +\{ *(?P<permission>[^}]*?) *\}|apparmor=\"DENIED\"")
_STAMP = re.compile(
    rb"audit\((?:(?P<epoch>\d{1,12})\.(?P<millis>\d{1,3})"
    rb"|[01]\d/[0-3]\d/\d{2,4} \d\d:\d\d:\d\d\.\d{1,3}):\d+\)"
)
_TYPE = re.compile(rb"\btype=(\w+)")
_FIELDS = {
    "pid": re.compile(rb"\bpid=(\d+)"),
    "comm": re.compile(rb'\bcomm=(?:"([^"]*)"|([0-9A-F]{2,}(?=\s|$))|(\S+))'),
    "path": re.compile(rb'\b(?:path|name)=(?:"([^"]*)"|([0-9A-F]{2,}(?=\s|$))|(\S+))'),
    "mask": re.compile(rb'\bdenied_mask="([^"]*)"'),
    "class": re.compile(rb"\btclass=(\w+)"),
}
#: As the kernel numbers the type when no auditd names it (AUDIT_AVC, linux/audit.h).
_NUMBERED_TYPES = {"1400": "AVC", "1107": "USER_AVC"}


@dataclass(frozen=True, slots=True)
class AuditDenial:
    """One denied access.

    Attributes:
        epoch_us: microseconds UTC, or None where the stamp is interpreted.
        type: `AVC`, `USER_AVC` …
        pid: the process (older kernels: the thread), or None.
        comm: the command, `httpd` or `apache2` for mod_wsgi's daemons too.
        permission: what was denied, in the policy's words (`execmem`, `map`, `name_connect` …).
        path: the file, or empty.
        target_class: SELinux' class of the target, or empty.
    """

    epoch_us: int | None
    type: str
    pid: int | None
    comm: str
    permission: str
    path: str
    target_class: str


def read_denials(chunks: Iterable[bytes | memoryview]) -> Iterator[AuditDenial]:
    """Read the denials in an audit log, in its order; other records are passed over.

    Lines of `/var/log/audit/audit.log`, of `ausearch` raw or interpreted, and the kernel's own
    (`audit: type=1400 audit(…)`) are understood. Memory is bounded by one block.
    """
    for block in cut_blocks(chunks, 1 << 20):
        text = block.data[: block.size].tobytes()
        at = text.find(STAMP_OPENS)
        while at >= 0:
            start = text.rfind(b"\n", 0, at) + 1
            stop = text.find(b"\n", at)
            stop = len(text) if stop < 0 else stop
            denial = read_denial(text[start : min(stop, start + _LONGEST_LINE)])
            if denial:
                yield denial
            at = text.find(STAMP_OPENS, stop)


def read_denial(text: bytes) -> AuditDenial | None:
    """The denial a line tells of, or None."""
    denied = _DENIAL.search(text)
    stamp = _STAMP.search(text)
    if not denied or not stamp:
        return None
    epoch, millis = stamp["epoch"], stamp["millis"] or b""
    named = _TYPE.search(text)
    kind = named[1].decode() if named else ""
    pid = _field(text, "pid")
    return AuditDenial(
        epoch_us=int(epoch + millis.ljust(3, b"0")) * 1000 if epoch else None,
        type=_NUMBERED_TYPES.get(kind, kind),
        pid=whole_number(pid) if pid else None,
        comm=_field(text, "comm"),
        permission=(denied["permission"] or b"").decode("latin-1") or _field(text, "mask"),
        path=_field(text, "path"),
        target_class=_field(text, "class"),
    )


def _field(text: bytes, name: str) -> str:
    found = _FIELDS[name].search(text)
    if not found:
        return ""
    quoted, *others = found.groups()
    if quoted is not None:
        return quoted.decode("utf-8", "backslashreplace")
    # The kernel writes untrusted strings with blanks or controls in hexadecimal
    # (audit_log_n_untrustedstring, kernel/audit.c).
    encoded, bare = others
    if encoded is not None and len(encoded) % 2 == 0:
        return bytes.fromhex(encoded.decode()).decode("utf-8", "backslashreplace")
    return str((bare or encoded).decode("utf-8", "backslashreplace"))
