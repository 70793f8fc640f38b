"""Decoding: built-in layouts, mixed files, errlog's own stamps."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from parsers.blocks import Block
from parsers.built_in import BRACKETED_TIME, BUILT_IN, HTTPD_22, HTTPD_24, SYSLOG
from parsers.decode import Decoder
from parsers.error_log_format.fields import parse
from parsers.error_log_format.printing import print_line
from parsers.layouts import Layout, compile_layout
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_PID, NO_TIME

COLUMNS = (
    "module", "level", "tid", "source", "status", "client", "client_marker", "message", "referer",
    "tag", "log_id", "connection_log_id", "local_address",
)  # fmt: skip
#: Of a file that was modified last as 2026 was 159 days old.
DECODER = Decoder(BUILT_IN, 1_780_963_200_000_000)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(line: bytes, decoder: Decoder = DECODER) -> dict[str, object]:
    """All that a decoder says of one line: filled columns, time, pid, offset, digits."""
    block = Block.of(line + b"\n")
    stamps = decoder.stamps(block)
    rows = np.arange(1)
    names = {*COLUMNS, *(c for layout in decoder.layouts for c in layout.columns)} - {"time", "pid"}
    fields = decoder.fields(block, stamps, rows, names)
    answer: dict[str, object] = {
        name: block.data[spans.start[0] : spans.end[0]].tobytes().decode("latin-1")
        for name, spans in fields.items()
        if spans.start[0] >= 0
    }
    if stamps.local_us[0] != NO_TIME:
        answer["time"] = str(EPOCH + timedelta(microseconds=int(stamps.local_us[0])))[:-6]
        stamp = block.data[stamps.time_start[0] : stamps.time_end[0]].tobytes().decode()
        answer["stamp"] = stamp
    if stamps.pid[0] != NO_PID:
        answer["pid"] = int(stamps.pid[0])
    if stamps.offset_s[0] != NO_OFFSET:
        answer["offset"] = int(stamps.offset_s[0])
    return answer


#: What a line of a layout without a directive looks like around its stamp.
HEADS = {
    HTTPD_24: (b"[", b"] [core:error] [pid 7] x"),
    HTTPD_22: (b"[", b"] [error] x"),
    SYSLOG[1]: (b"", b" web httpd[7]: [core:error] [pid 7] x"),
}
STAMPED = [layout for layout in BUILT_IN if layout.format is not None or layout in HEADS]


_TIMES = re.compile(r"%\{[^}]*\}t(?:[-T:./, _]*%\{[^}]*\}t)*Z?")


def own_line(layout: Layout, stamp: bytes) -> bytes:
    """A line of a layout, with some stamp."""
    if layout.format is None:
        head, tail = HEADS[layout]
        return head + stamp + tail
    facts = {
        "time": stamp.decode(), "module": "core", "level": "error", "pid": "7", "tid": "8",
        "connection_log_id": "abcdefghijk", "log_id": "abcdefghijk", "keepalives": "0",
        "virtual_host": "a.example", "header:User-Agent": "x", "referer": "x",
        "client": "127.0.0.1:80", "local_address": "127.0.0.1:81", "message": "x",
    }  # fmt: skip
    # Where several items make one time, errlog writes one.
    text = _TIMES.sub("%{cu}t", layout.format.text)
    return print_line(parse(text, layout.format.kind), facts).encode()


BUILT_IN_LINES = [
    (
        b"[Sun Nov 22 14:26:38.335032 2026] [authz_core:debug] [pid 14606:tid 14606] "
        b"mod_authz_core.c(815): [client 127.0.0.1:46606] AH01626: granted, referer: x\"y\\\\z",
        {"module": "authz_core", "level": "debug", "pid": 14606, "tid": "14606",
         "source": "mod_authz_core.c(815)", "client": "127.0.0.1:46606", "client_marker": "client",
         "tag": "AH01626", "message": "AH01626: granted", "referer": "x\"y\\\\z",
         "time": "2026-11-22 14:26:38.335032", "stamp": "Sun Nov 22 14:26:38.335032 2026"},
    ),
    (
        b"[Sun Nov 22 14:17:40.000000 2026] [wsgi:alert] [pid 29771] "
        b"(2)No such file or directory: mod_wsgi (pid=29771): Unable to change.",
        {"module": "wsgi", "level": "alert", "pid": 29771, "time": "2026-11-22 14:17:40",
         "status": "(2)No such file or directory",
         "stamp": "Sun Nov 22 14:17:40.000000 2026",
         "message": "mod_wsgi (pid=29771): Unable to change."},
    ),
    (
        b"[Tue Mar 03 22:57:10.249628 2020] [:error] [pid 715] [remote ::1:35122] hello",
        {"module": "", "level": "error", "pid": 715, "client": "::1:35122",
         "client_marker": "remote", "message": "hello", "time": "2020-03-03 22:57:10.249628",
         "stamp": "Tue Mar 03 22:57:10.249628 2020"},
    ),
    (
        b"[Sat Jan 28 13:42:25 2006] [debug] mod_rewrite.c(1643): [client 127.0.0.1] "
        b"(104)Connection reset by peer: status: 0/10., referer: http://a/",
        {"level": "debug", "source": "mod_rewrite.c(1643)", "client": "127.0.0.1",
         "client_marker": "client", "status": "(104)Connection reset by peer",
         "message": "status: 0/10.", "referer": "http://a/",
         "time": "2006-01-28 13:42:25", "stamp": "Sat Jan 28 13:42:25 2006"},
    ),
    (
        b"[Sun Dec  7 16:05:49 2003] [notice] caught SIGTERM, shutting down",
        {"level": "notice", "message": "caught SIGTERM, shutting down",
         "time": "2003-12-07 16:05:49", "stamp": "Sun Dec  7 16:05:49 2003"},
    ),
    (
        b"[2026-11-22 19:42:22.725117 +0530] [mpm_prefork:notice] [pid 17341:tid AH00163: Apache",
        {"module": "mpm_prefork", "level": "notice", "pid": 17341, "tag": "AH00163",
         "message": "AH00163: Apache", "offset": 19800, "time": "2026-11-22 19:42:22.725117",
         "stamp": "2026-11-22 19:42:22.725117 +0530"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), BUILT_IN_LINES)
def test_lines_of_known_layouts_read_to_their_columns(
    line: bytes, expected: dict[str, object]
) -> None:
    """Every part of a line comes out in its column, and nothing else does."""
    assert read(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        b"raw text from a C library",
        b"",
        b"[Foo Noo 22 14:26:38.335032 2026] [core:error] [pid 1:tid 1] x",
        b"[Sun Nov 22 25:26:38.335032 2026] [core:error] [pid 1:tid 1] x",
        b"[Sun Nov 31 14:26:38.335032 2026] [core:error] [pid 1:tid 1] x",
        b"[Sun Nov 22 14:26:3x.335032 2026] [core:error] [pid 1:tid 1] x",
        b"[Sun Nov 22 14:26:61.335032 2026] [core:error] [pid 1:tid 1] x",
        b"[Sun Nov 22 14:26:38,335 2026] [core:error] [pid 1:tid 1] x",
        b"[Sun Nov 22 14:26:38.335032 2026",
        b"[2026-11-22 14:26:38.335032\r",
    ],
)
def test_what_is_not_a_stamp_is_not_read(line: bytes) -> None:
    """A line whose time or level does not exist, or that ends within its time, has no layout."""
    assert DECODER.stamps(Block.of(line + b"\n")).layout[0] == NO_LAYOUT
    assert read(line) == {}


@pytest.mark.parametrize(
    ("rest", "pid"),
    [(b" [core:eror] [pid 1:tid 1] x", 1), (b" [core:error] [pid", None), (b" [cor", None)],
)
def test_a_stamp_before_anything_is_read(rest: bytes, pid: int | None) -> None:
    """A line that was cut, or whose format nobody knows, keeps its time."""
    got = read(b"[Sun Nov 22 14:26:38.335032 2026]" + rest)
    assert got.get("time") == "2026-11-22 14:26:38.335032"
    assert got.get("pid") == pid


def test_a_leap_second_is_the_second_after_59() -> None:
    """Second 60 is :59 and one more."""
    line = b"[Sat Dec 31 23:59:60.500000 2016] [core:error] [pid 1] x"
    assert read(line)["time"] == "2017-01-01 00:00:00.500000"


@pytest.mark.parametrize(
    ("digits", "pid"),
    [
        (b"9223372036854775807", 9223372036854775807),
        (b"9223372036854775808", None),
        (b"18446744073709551617", None),
        (b"9" * 40, None),
    ],
)
def test_absurd_pids_are_no_pids(digits: bytes, pid: int | None) -> None:
    """A pid beyond 63 bits is none; nothing overflows."""
    line = b"[Sat Dec 31 23:59:00.500000 2016] [core:error] [pid " + digits + b"] x"
    assert read(line).get("pid") == pid


@pytest.mark.parametrize(
    ("stamp", "digits"),
    [
        (b"2026-06-05 08:42:36.978307 +0000", 6),
        (b"2026-06-05 08:42:36.978 +0000", 3),
        (b"2026-06-05 08:42:36 +0000", 0),
        (b"2026-06-05T08:42:36.978307Z", 6),
        (b"2026-06-05T08:42:36.978Z", 3),
        (b"2026-06-05T08:42:36Z", 0),
        (b"1780648956.978307", 6),
        (b"1780648956.978", 3),
        (b"1780648956", 0),
    ],
)
@pytest.mark.parametrize("layout", STAMPED, ids=lambda layout: str(layout.name))
def test_every_layout_reads_the_stamps_errlog_writes(
    layout: Layout, stamp: bytes, digits: int
) -> None:
    """A line that errlog normalised is read again by its own layout, with offset 0."""
    line = own_line(layout, stamp)
    block = Block.of(line + b"\n")
    stamps = Decoder([layout]).stamps(block)
    assert stamps.layout[0] == 0
    assert stamps.offset_s[0] == 0
    assert stamps.digits[0] == digits
    assert stamps.local_us[0] == 1780648956_000000 + {0: 0, 3: 978000, 6: 978307}[digits]
    assert block.data[stamps.time_start[0] : stamps.time_end[0]].tobytes() == stamp


def test_one_file_may_mix_layouts_line_by_line() -> None:
    """Each line has the first layout that reads it; the rest have none."""
    compact = compile_layout(r"%{cu}t [%-m:%l] %M")
    lines = [
        b"[Sun Nov 22 14:26:38.335032 2026] [core:error] [pid 1:tid 2] x",
        b"AH00015: Unable to open logs",
        b"2026-11-22 14:26:38.335032 [core:error] y",
    ]
    block = Block.of(b"\n".join(lines))
    stamps = Decoder([HTTPD_24, compact]).stamps(block)
    assert stamps.layout.tolist() == [0, NO_LAYOUT, 1]
    assert stamps.pid.tolist() == [1, NO_PID, NO_PID]
    assert stamps.local_us[0] == stamps.local_us[2]
    assert stamps.local_us[1] == NO_TIME


_HEADS_OF_TIMES = (
    b"[2026-11-23 12:59:21.743286 -0700]", b"[2026-11-23 12:59:21.743286]",
    b"[2026-11-23 12:59:21]", b"[2026-11-23 12:59:21.743]", b"[2026-11-23 12:59:21.743 +0100]",
    b"[2026-11-23 12:59:21 +0100]", b"[Mon Nov 23 12:59:21.743286 2026]",
    b"[Mon Nov 23 12:59:21 2026 +0100]", b"[2026-11-23 12:59:21.7x]",
    b"[2026-11-23 12:59:21.7432x]", b"[2026-11-23 12:59:21 +01x]", b"[2026-11-23 12:59:21x",
    b"[Mon Nov 23 12:59:21.743286 2026 +x", b"[2026-11-23 12:59:21Z]",
)  # fmt: skip


@pytest.mark.parametrize("first", _HEADS_OF_TIMES)
def test_no_line_hides_the_stamps_behind_it(first: bytes) -> None:
    """A time before anything is read as it is alone, however the first line's time is torn."""
    decoder = Decoder([BRACKETED_TIME])
    for head in _HEADS_OF_TIMES:
        line = head + b" some text\n"

        behind = decoder.stamps(Block.of(first + b" some text\n" + line))
        alone = decoder.stamps(Block.of(line))

        assert behind.local_us[1] == alone.local_us[0], line
        assert behind.offset_s[1] == alone.offset_s[0], line


def test_the_continuation_of_a_torn_line_is_not_read() -> None:
    """Text that looks like a line but goes on from the block before has no layout."""
    line = b"[Sun Nov 22 14:26:38.335032 2026] [core:error] [pid 1:tid 2] x\n"
    stamps = DECODER.stamps(Block.of(line * 2, torn_head=True))
    assert stamps.layout.tolist() == [NO_LAYOUT, 0]


def test_a_client_cannot_forge_columns_in_its_message() -> None:
    """What looks like a header, a tag or a source inside the message stays in the message."""
    message = "File does not exist: /AH00051: [client 1.2.3.4:5] (13)x: a.c(1): [pid 3:tid 4] "
    line = f"[Sun Nov 22 14:26:38.335032 2026] [core:error] [pid 1:tid 2] [client ::1:9] {message}"
    got = read(line.encode())
    assert got["message"] == message
    assert got["client"] == "::1:9"
    assert "tag" not in got
    assert "source" not in got
    assert "status" not in got


def test_a_source_is_read_only_where_httpd_prints_one() -> None:
    """Without a directive httpd names the source file from level debug on."""
    line = b"[Sun Nov 22 14:26:38.335032 2026] [wsgi:error] [pid 1:tid 2] index.php(12): oops"
    assert read(line)["message"] == "index.php(12): oops"


def test_a_carriage_return_belongs_to_no_field() -> None:
    """Logs from Windows end their lines with CR LF."""
    line = b"[Sun Nov 22 14:26:38.335032 2026] [wsgi:error] [pid 1:tid 2] oops\r"
    assert read(line)["message"] == "oops"


def test_times_that_alternate_are_read_like_times_that_do_not() -> None:
    """A block of many different times, each coming again and again, tells each line its own."""
    line = b"[Fri Jun %02d %02d:%02d:%02d.%06d 2026] [core:error] [pid %d] x\n"
    minutes = [37 * k % 3000 for k in range(6000)]
    rows = [(1 + m // 1440, m // 60 % 24, m % 60, k % 60, k, 7) for k, m in enumerate(minutes)]

    stamps = Decoder([HTTPD_24]).stamps(Block.of(b"".join(line % row for row in rows)))

    june = np.datetime64("2026-06-01", "us").astype(np.int64)
    expected = [
        june + (((day * 24 + hour - 24) * 60 + minute) * 60 + second) * 1_000_000 + micros
        for day, hour, minute, second, micros, _ in rows
    ]
    np.testing.assert_array_equal(stamps.local_us, expected)


@pytest.mark.parametrize("layout", [HTTPD_24, HTTPD_22])
def test_few_other_lines_among_many(layout: Layout) -> None:
    """A look at some lines of a block does not decide what the others are."""
    head, tail = HEADS[layout]
    others = {70: b"  File x", 130: b"", 200: b"\r", 333: b"[", 500: b"Traceback", 611: head * 30}
    stamped = head + b"Sun Nov 22 14:26:38.335032 2026" + tail
    if layout is HTTPD_22:
        stamped = head + b"Sun Nov 22 14:26:38 2026" + tail
    lines = [others.get(row, stamped + b"\r" * (row % 3 == 0)) for row in range(700)]
    decoder = Decoder([layout])

    whole = decoder.stamps(Block.of(b"\n".join(lines)))

    for row, line in enumerate(lines):
        alone = decoder.stamps(Block.of(line + b"\n"))
        assert (whole.layout[row] >= 0) == (row not in others)
        for name in ("layout", "local_us", "digits", "offset_s", "pid"):
            assert getattr(whole, name)[row] == getattr(alone, name)[0], (row, name)
