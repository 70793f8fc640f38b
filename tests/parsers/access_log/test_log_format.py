"""LogFormat directives: compiled as httpd does, or refused with its reason."""

from __future__ import annotations

import pytest

from parsers.access_log import LogFormat, LogFormatError, read_told
from parsers.access_log.stamps import AccessStamps
from parsers.blocks import Block
from parsers.lines import NO_OFFSET, NO_TIME, Spans

CLF = "[05/Jun/2026:09:07:53 +1000]"
EPOCH_S = 1_780_614_473
ISO = ("%{%FT%T%z}t %h", "2026-01-01T{}+0000 x")
COMBINED = '%h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"'


def read(log_format: str, *lines: str) -> tuple[AccessStamps, Block]:
    """The columns of lines that a LogFormat printed."""
    block = Block.of("".join(f"{line}\n" for line in lines).encode())
    return read_told(block, LogFormat.compile(log_format)), block


def text(block: Block, spans: Spans, row: int) -> str:
    """The bytes of one span."""
    return block.data[spans.start[row] : spans.end[row]].tobytes().decode()


@pytest.mark.parametrize(
    ("log_format", "reason"),
    [
        ("%h %y", "Unrecognized LogFormat directive %y"),
        ("%h %^xx", "Unrecognized LogFormat directive %^"),
        ("%h %", "Ran off end of LogFormat parsing args to some directive"),
        ("%{Referer", "Ran off end of LogFormat parsing args to some directive"),
        ("%h%u %t", "run together"),
        ("%{%I}t", "cannot be read back"),
    ],
)
def test_refused(log_format: str, reason: str) -> None:
    """What httpd refuses, and what cannot be read back, says why and where."""
    with pytest.raises(LogFormatError, match=r"\^$") as caught:
        LogFormat.compile(log_format)
    told = str(caught.value).partition("\n")[0]
    assert reason in told
    if reason.startswith("Ran"):
        assert told == reason


@pytest.mark.parametrize(
    ("log_format", "line", "epoch_us", "offset", "digits"),
    [
        ("%t %h", f"{CLF} x", EPOCH_S * 10**6, 36_000, 0),
        ("%{sec}t %h", f"{EPOCH_S} x", EPOCH_S * 10**6, NO_OFFSET, 0),
        ("%{msec}t %h", f"{EPOCH_S}123 x", EPOCH_S * 10**6 + 123_000, NO_OFFSET, 3),
        ("%{usec}t %h", f"{EPOCH_S}123456 x", EPOCH_S * 10**6 + 123_456, NO_OFFSET, 6),
        ("%{%s}t.%{usec_frac}t", f"{EPOCH_S}.123456", EPOCH_S * 10**6 + 123_456, NO_OFFSET, 6),
        (
            "[%{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t] %h",
            "[05/Jun/2026:09:07:53.123 +1000] x",
            EPOCH_S * 10**6 + 123_000,
            36_000,
            3,
        ),
        ("%{%FT%T%z}t %h", "2026-06-05T09:07:53+1000 x", EPOCH_S * 10**6, 36_000, 0),
        ("%t %{usec}t", f"{CLF} {EPOCH_S}000123", EPOCH_S * 10**6 + 123, 36_000, 6),
        # as JSON has it; what nobody asks for may run together
        (
            '{"ts":"%{%FT%T%z}t","uri":"%U%q","s":%>s}',
            '{"ts":"2026-06-05T09:07:53+1000","uri":"/a?b","s":200}',
            EPOCH_S * 10**6,
            36_000,
            0,
        ),
        # without an offset there is no moment
        ("%{%F %T}t %h", "2026-06-05 09:07:53 x", NO_TIME, NO_OFFSET, 0),
        # of two moments the arrival counts, unless only the end is written
        ("%{end:sec}t %{begin:sec}t", f"1 {EPOCH_S}", EPOCH_S * 10**6, NO_OFFSET, 0),
        ("%{end:sec}t", f"{EPOCH_S}", EPOCH_S * 10**6, NO_OFFSET, 0),
    ],
)
def test_times(log_format: str, line: str, epoch_us: int, offset: int, digits: int) -> None:
    """Every way a LogFormat can write its time is read to its instant."""
    stamps, _ = read(log_format, line)
    assert stamps.epoch_us.tolist() == [epoch_us]
    assert stamps.offset_s.tolist() == [offset]
    assert epoch_us == NO_TIME or stamps.digits.tolist() == [digits]


@pytest.mark.parametrize(
    ("clock", "second"),
    [
        ("00:00:00", 0), ("23:59:59", 86_399), ("00:00:60", 60),  # a leap second
        ("24:00:00", None), ("00:60:00", None), ("00:00:61", None), ("0x:00:00", None),
    ],
)  # fmt: skip
def test_the_ends_of_a_day(clock: str, second: int | None) -> None:
    """Every second of a day is one, and no other number, however the time is written."""
    midnight = 1_767_225_600
    for log_format, day in (("%t %h", "[01/Jan/2026:{} +0000] x"), ISO):
        stamps, _ = read(log_format, day.format(clock))
        assert stamps.epoch_us.tolist() == [
            NO_TIME if second is None else (midnight + second) * 1_000_000
        ]
        assert stamps.offset_s.tolist() == [NO_OFFSET if second is None else 0]


@pytest.mark.parametrize(
    ("log_format", "last", "beyond"),
    [
        ("%t %h", "[31/Dec/9999:23:59:59 +0000] x", "[31/Dec/9999:23:59:59 -0001] x"),
        ("%{%FT%T%z}t %h", "9999-12-31T23:59:59+0000 x", "9999-12-31T23:59:59-0001 x"),
        ("%{sec}t %h", "253402300799 x", "253402300800 x"),
        ("%{sec}t %h", "253402300799 x", f"{'9' * 18} x"),
        ("%{msec}t %h", "253402300799000 x", f"{'9' * 18} x"),
        ("%{usec}t %h", "253402300799000000 x", "253402300800000000 x"),
    ],
)
def test_the_end_of_the_calendar(log_format: str, last: str, beyond: str) -> None:
    """What comes behind it is no time, however it is written."""
    for line, epoch_us in ((last, 253_402_300_799_000_000), (beyond, NO_TIME)):
        assert read(log_format, line)[0].epoch_us.tolist() == [epoch_us]


def test_fields() -> None:
    """Each column comes from where the format puts its item."""
    stamps, block = read(
        '%v:%p %a:%{remote}p %l %u %t "%r" %>s %b %D %P %L',
        f'a.b:80 10.0.0.9:4711 - x y {CLF} "GET /\\"a HTTP/1.1" 503 - 2500 321 awL4SBxyzAA\r',
        "something else",
    )
    assert text(block, stamps.host, 0) == "10.0.0.9"
    assert text(block, stamps.request, 0) == r"GET /\"a HTTP/1.1"
    assert text(block, stamps.log_id, 0) == "awL4SBxyzAA"
    assert stamps.port.tolist() == [4711, -1]
    assert stamps.status.tolist() == [503, -1]
    assert stamps.duration_us.tolist() == [2500, -1]
    assert stamps.pid.tolist() == [321, -1]
    assert stamps.unreadable == 1


def test_units_of_duration() -> None:
    """%T's units come out in microseconds."""
    for item, value, expected in (("%T", 2, 2_000_000), ("%{ms}T", 3, 3000), ("%{us}T", 4, 4)):
        assert read(f"%t {item}", f"{CLF} {value}")[0].duration_us.tolist() == [expected]


def test_forged_user_in_combined() -> None:
    """A user name that imitates a time does not move the true one."""
    line = rf'10.0.0.9 - a {CLF} \"x {CLF} "GET / HTTP/1.1" 401 7 "-" "-"'
    stamps, block = read(COMBINED, line)
    assert stamps.status.tolist() == [401]
    assert text(block, stamps.request, 0) == "GET / HTTP/1.1"
