"""Audit log: denials are found with their instant, pid and permission."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.audit_log import read_denial, read_denials

EXECMEM = (
    b"type=AVC msg=audit(1780648956.123:456): avc:  denied  { execmem } for  pid=26255 "
    b'comm="httpd" scontext=system_u:system_r:httpd_t:s0 '
    b"tcontext=system_u:system_r:httpd_t:s0 tclass=process permissive=0"
)


def test_raw_record() -> None:
    """A record as auditd writes it gives its instant to the millisecond."""
    denial = read_denial(EXECMEM)
    assert denial is not None
    assert denial.epoch_us == 1_780_648_956_123_000
    assert (denial.type, denial.pid) == ("AVC", 26255)
    assert (denial.comm, denial.permission, denial.target_class) == ("httpd", "execmem", "process")
    assert denial.path == ""


@pytest.mark.parametrize(
    ("line", "permission", "path"),
    [
        # single blanks, as some forwarders leave them; node= before
        (
            b"node=h type=AVC msg=audit(1616335218.868:2087): avc: denied { map } for pid=11996 "
            b'comm="httpd" path="/srv/x.so" dev="dm-1" ino=1 tclass=file',
            "map",
            "/srv/x.so",
        ),
        # the kernel's own log
        (
            b"kernel: audit: type=1400 audit(1619784520.123:45): avc:  denied  { read open } for  "
            b'pid=11996 comm="httpd" name="a b" dev=sda1 tclass=file',
            "read open",
            "a b",
        ),
        # a path with a blank is written in hexadecimal
        (
            b"type=AVC msg=audit(1616335218.868:1): avc:  denied  { read } for  pid=11996 "
            b'comm="httpd" name=2F6120622E736F dev="dm-1" tclass=file',
            "read",
            "/a b.so",
        ),
        # AppArmor
        (
            b'type=AVC msg=audit(1616335218.868:1): apparmor="DENIED" operation="file_mmap" '
            b'profile="/usr/sbin/apache2" name="/srv/x.so" pid=11996 comm="apache2" '
            b'denied_mask="m"',
            "m",
            "/srv/x.so",
        ),
    ],
)
def test_shapes(line: bytes, permission: str, path: str) -> None:
    """The shapes that kernels, forwarders and AppArmor give a denial are all read."""
    denial = read_denial(line)
    assert denial is not None
    assert (denial.pid, denial.type) == (11996, "AVC")
    assert (denial.permission, denial.path) == (permission, path)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        (b"/srv/\xff.so", "/srv/\\xff.so"),
        (b'"/srv/\xff.so"', "/srv/\\xff.so"),
        (b"2F73FF", "/s\\xff"),
        ("/srv/\u00fc.so".encode(), "/srv/\u00fc.so"),
        (b"2F7", "2F7"),
    ],
)
def test_a_path_is_any_bytes(written: bytes, path: str) -> None:
    """Bytes that are no UTF-8 are escaped, however the kernel wrote the path."""
    line = b"type=AVC msg=audit(1780648956.123:456): avc:  denied  { map } for  pid=1 path="
    denial = read_denial(line + written + b" tclass=file")
    assert denial is not None
    assert denial.path == path


@pytest.mark.parametrize("year", [b"2026", b"26"])
def test_interpreted_record(year: bytes) -> None:
    """A record interpreted by ausearch gives no instant: its zone is not known."""
    line = b"type=AVC msg=audit(06/05/" + year + b" 08:42:36.978:456) : avc:  denied  { map } for "
    denial = read_denial(line + b" pid=1 comm=httpd path=/srv/x.so")
    assert denial is not None
    assert denial.epoch_us is None
    assert (denial.comm, denial.path) == ("httpd", "/srv/x.so")


@pytest.mark.parametrize(
    "line",
    [
        b"type=SYSCALL msg=audit(1780648956.123:456): arch=c000003e syscall=9 pid=1",
        b"type=AVC msg=audit(1780648956.123:456): avc:  granted  { map } for  pid=1",
        b"type=AVC msg=audit(xx:456): avc:  denied  { map } for  pid=1",
        b"type=AVC msg=audit(13/41/2026 08:42:36.978:456): avc:  denied  { map } for  pid=1",
        b"",
    ],
)
def test_no_denial(line: bytes) -> None:
    """Companion records, grants and damaged stamps are not denials."""
    assert read_denial(line) is None


@given(
    st.lists(st.sampled_from([EXECMEM, b"type=SYSCALL msg=audit(1.2:3): x", b"", b"\xff\x00"])),
    st.integers(1, 50),
)
def test_each_is_found(lines: list[bytes], chunk: int) -> None:
    """Each denial is told once, however the bytes arrive."""
    raw = b"\n".join(lines)
    chunks = [raw[at : at + chunk] for at in range(0, len(raw), chunk)]
    assert [*read_denials(chunks)] == [read_denial(EXECMEM)] * lines.count(EXECMEM)
