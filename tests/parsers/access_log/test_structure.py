"""Access logs of unknown LogFormat: the time is found where the format puts it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.access_log import (
    AccessLayout,
    AccessStamps,
    LogFormat,
    learn_layout,
    read_learned,
    read_told,
)
from parsers.blocks import Block
from parsers.lines import NO_TIME

TIME = "[05/Jun/2026:09:07:53 +1000]"
TIME_US = int(datetime(2026, 6, 4, 23, 7, 53, tzinfo=timezone.utc).timestamp()) * 1_000_000  # noqa: UP017
FORGED = "[01/Jan/2001:00:00:00 +0000]"


def read(*lines: str) -> tuple[AccessStamps, Block]:
    """The columns of a log of these lines, as an unknown LogFormat."""
    block = Block.of("".join(f"{line}\n" for line in lines).encode("latin-1"))
    layout = learn_layout(block)
    assert layout is not None
    return read_learned(block, layout), block


def host(stamps: AccessStamps, block: Block, row: int) -> str:
    """The client's host of one line."""
    return block.data[stamps.host.start[row] : stamps.host.end[row]].tobytes().decode()


@pytest.mark.parametrize(
    ("line", "client", "status"),
    [
        # common, combined, vhost_combined
        (f'10.0.0.9 - - {TIME} "GET / HTTP/1.1" 200 12', "10.0.0.9", 200),
        (f'::1 - bob {TIME} "GET / HTTP/1.1" 200 12 "-" "curl/8"', "::1", 200),
        (f'a.example:443 10.0.0.9 - - {TIME} "GET / HTTP/1.1" 500 9 "-" "x"', "10.0.0.9", 500),
        (f'127.0.1.1:80 10.0.0.9 - - {TIME} "GET / HTTP/1.1" 404 9 "-" "x"', "10.0.0.9", 404),
        # ssl_request_log of Red Hat
        (f'{TIME} 10.0.0.9 TLSv1.3 TLS_AES "GET / HTTP/1.1" 12', "10.0.0.9", -1),
        # extended at either end
        (f'x 7 10.0.0.9 - - {TIME} 12 "GET / HTTP/1.1" 302 9 - 1234 abc', "10.0.0.9", 302),
        (f'"p, q" 10.0.0.9 - - {TIME} "GET / HTTP/1.1" 200 1', "10.0.0.9", 200),
        # HostnameLookups On
        (f'pc.example.com - - {TIME} "GET / HTTP/1.1" 200 1', "pc.example.com", 200),
    ],
)
def test_formats_without_configuration(line: str, client: str, status: int) -> None:
    """Time, host and status are read from the formats people have."""
    stamps, block = read(line, line)
    assert stamps.epoch_us.tolist() == [TIME_US, TIME_US]
    assert stamps.offset_s.tolist() == [36_000, 36_000]
    if not line.startswith('"'):
        assert host(stamps, block, 0) == client
    assert stamps.status.tolist() == [status, status]


def test_port_joined_to_the_host() -> None:
    """A format with `%a:%{remote}p` gives the client's port."""
    lines = [f'10.0.0.9:{port} - - {TIME} "GET / HTTP/1.1" 200 1' for port in range(4000, 4010)]
    stamps, block = read(*lines)
    assert stamps.port.tolist() == list(range(4000, 4010))
    assert host(stamps, block, 3) == "10.0.0.9"


@pytest.mark.parametrize(
    "forged",
    [
        f'9.9.9.9 - - {TIME} "GET /{FORGED} HTTP/1.1" 400 1 "-" "-"',
        rf'9.9.9.9 - - {TIME} "GET /\" {FORGED} \"x HTTP/1.1" 400 1 "-" "-"',
        f'9.9.9.9 - - {TIME} "GET / HTTP/1.1" 200 1 "-" "{FORGED}"',
        rf'9.9.9.9 - x {FORGED} \"GET / HTTP/1.1\" 200 1 {TIME} "GET / HTTP/1.1" 401 1 "-" "-"',
        rf'9.9.9.9 - - {TIME} "-" 408 1 "-" "\\"',
    ],
)
def test_forged_times_are_not_read(forged: str) -> None:
    """A time in a request line, a header or a user's name is never taken for the line's."""
    plain = f'9.9.9.9 - - {TIME} "GET / HTTP/1.1" 200 1 "-" "-"'
    stamps, _ = read(plain, forged, plain)
    assert stamps.epoch_us.tolist() == [TIME_US] * 3
    only, _ = read(forged)
    assert only.epoch_us.tolist() == [TIME_US]


def test_a_backslash_before_a_quote() -> None:
    """A quote behind an escaped backslash is the format's own."""
    stamps, _ = read(*(rf'"x{tail}" 9.9.9.9 - - {TIME} "GET" 200 1' for tail in ("", r"\\", r"\"")))
    assert stamps.epoch_us.tolist() == [TIME_US] * 3


def test_two_times_at_the_same_place() -> None:
    """Of two times that the format's quotes do not tell apart the first counts."""
    stamps, _ = read(f"9.9.9.9 - - {TIME} {FORGED} x")
    assert stamps.epoch_us.tolist() == [TIME_US]


def test_two_formats_in_one_file() -> None:
    """Lines of a rarer LogFormat are read too, and their forged times are not."""
    common = f'9.9.9.9 - - {TIME} "GET / HTTP/1.1" 200 1'
    rare = rf'"v" 9.9.9.9 - x {FORGED} \"y {TIME} "GET / HTTP/1.1" 200 1'
    stamps, _ = read(common, common, rare)
    assert stamps.epoch_us.tolist() == [TIME_US] * 3


def test_json_lines() -> None:
    """A JSON-shaped format is read by the place of its quoted time."""
    line = f'{{"t":"{TIME}","req":"GET /{FORGED} HTTP/1.1","s":200}}'
    stamps, _ = read(line, line)
    assert stamps.epoch_us.tolist() == [TIME_US, TIME_US]


def test_fractions() -> None:
    """Fractions of three and six digits behind the seconds are read."""
    stamps, _ = read(
        '1.1.1.1 - - [05/Jun/2026:09:07:53.123 +1000] "-" 408 -',
        '1.1.1.1 - - [05/Jun/2026:09:07:53.123456 +1000] "-" 408 -',
    )
    assert stamps.epoch_us.tolist() == [TIME_US + 123_000, TIME_US + 123_456]
    assert stamps.digits.tolist() == [3, 6]


def test_unreadable_lines_are_rows() -> None:
    """Lines without a time, and times that do not exist, are counted, not lost."""
    good = f'1.1.1.1 - - {TIME} "GET / HTTP/1.1" 200 1'
    stamps, _ = read(good, "", "\x00\x00", good, good, good.replace("05/Jun", "31/Jun"), good)
    assert stamps.unreadable == 3
    assert stamps.epoch_us[1] == NO_TIME


def test_no_access_log() -> None:
    """An error log is not mistaken for an access log."""
    error_log = b"[Fri Jun 05 08:42:44.123456 2026] [core:notice] [pid 1] AH00094: x\n" * 5
    assert learn_layout(Block.of(error_log)) is None
    assert learn_layout(Block.of(b"")) is None


@given(
    seconds=st.integers(0, 4_000_000_000),
    minutes=st.integers(-14 * 60, 14 * 60),
    user=st.text(st.characters(codec="ascii", exclude_characters='"\n\r\\')),
    agent=st.text(st.characters(codec="latin-1", exclude_characters="\n\r")),
)
def test_reads_back_what_httpd_writes(seconds: int, minutes: int, user: str, agent: str) -> None:
    """Any moment under any offset is read back, whatever stands in user and user agent."""
    zone = timezone(timedelta(minutes=minutes))
    stamp = datetime.fromtimestamp(seconds, zone).strftime("[%d/%b/%Y:%H:%M:%S %z]")
    escaped = agent.replace("\\", "\\\\").replace('"', '\\"')
    stamps, _ = read(f'10.0.0.9 - {user} {stamp} "GET / HTTP/1.1" 200 1 "-" "{escaped}"')
    assert stamps.epoch_us.tolist() == [seconds * 1_000_000]
    assert stamps.offset_s.tolist() == [minutes * 60]


@given(st.lists(st.one_of(st.binary(), st.sampled_from([TIME.encode(), b'"', b"\\", b" [05/"]))))
def test_any_bytes(pieces: list[bytes]) -> None:
    """Whatever stands in a block, there is one row for each line."""
    block = Block.of(b" ".join(pieces))
    layout = learn_layout(block) or AccessLayout(0, True, 0, False, True)
    for stamps in (
        read_learned(block, layout),
        read_told(block, LogFormat.compile('%a:%{remote}p %u %t "%r" %>s')),
    ):
        assert len(stamps) == len(block)
        assert np.all(stamps.host.end[stamps.host.start >= 0] <= block.size)
