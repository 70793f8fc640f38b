"""Access logs whose LogFormat Apache's configuration tells are read as those with %t."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from logtool.clocks.evidence.neighbours import find_neighbours
from logtool.errors import ReadError
from logtool.program import run
from parsers.access_log import LogFormat, find_layout
from parsers.blocks import Block
from parsers.httpd_conf import AccessFormats, read_config
from parsers.lines import NO_OFFSET

JSON_TIME = (
    '{"t":"%{%Y-%m-%dT%H:%M:%S%z}t","ip":"%a"}',
    '{"t":"2026-11-27T09:34:47-0500","ip":"x"}',
)
MICROSECONDS = 1_795_790_087_302_709


def formats(folder: Path, log_format: str) -> AccessFormats:
    """Those of a configuration that has one access log."""
    conf = folder / "httpd.conf"
    conf.write_text(f"CustomLog {folder}/access.log '{log_format}'\n")
    return AccessFormats.of(read_config(conf))


@pytest.mark.parametrize(
    ("log_format", "line", "epoch_us", "offset_s"),
    [
        (*JSON_TIME, 1_795_790_087_000_000, -18_000),
        ("%a %{sec}t", "x 1795790087", 1_795_790_087_000_000, NO_OFFSET),
        ("%{begin:usec}t %a", f"{MICROSECONDS} x", MICROSECONDS, NO_OFFSET),
        ('{"t":%{begin:msec}t}', '{"t":1795790087302}', 1_795_790_087_302_000, NO_OFFSET),
        (
            "[%{begin:%F %T}t.%{begin:usec_frac}t %{begin:%z}t] %h",
            "[2026-11-27 09:34:47.302709 -0500] x",
            MICROSECONDS,
            -18_000,
        ),
        (
            "%h %{end:%d/%b/%Y:%T %z}t",
            "x 27/Nov/2026:09:34:47 -0500",
            1_795_790_087_000_000,
            -18_000,
        ),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_read(
    tmp_path: Path, log_format: str, line: str, epoch_us: int, offset_s: int, *, compressed: bool
) -> None:
    """Every form of time that says an instant is read, in a compressed log too."""
    told = formats(tmp_path, log_format)
    log = tmp_path / ("access.log.1.gz" if compressed else "access.log")
    text = f"{line}\n".encode() * 3
    log.write_bytes(gzip.compress(text) if compressed else text)
    (facts,) = find_neighbours([], access_logs=[log], access_formats=told).access
    assert facts.rows.epoch_us.tolist() == [epoch_us] * 3
    assert facts.rows.offset_s.tolist() == [offset_s] * 3
    assert LogFormat.compile(log_format).stamped_at_end is ("end:" in log_format)


def test_the_option_is_named(tmp_path: Path) -> None:
    """What would tell the LogFormat is said, unless it has told already."""
    log = tmp_path / "access.log"
    log.write_text(f"{JSON_TIME[1]}\n")
    with pytest.raises(ReadError, match=r"; --config HTTPD.CONF tells other LogFormats$"):
        find_neighbours([], access_logs=[log])
    with pytest.raises(ReadError, match=r"09:07:53 \+1000\]$"):
        find_neighbours([], access_logs=[log], access_formats=formats(tmp_path, "%h %T"))


def test_what_reads_more_lines_is_taken() -> None:
    """A LogFormat that is told comes before what is learned only if it reads as many lines."""
    lines = [b'192.0.2.7 [05/Jun/2026:09:07:53 +1000] "GET /" 1'] * 3
    told, other = LogFormat.compile('%a %t "%r" %D'), LogFormat.compile("%{sec}t %a")
    block = Block.of(b"\n".join(lines))
    assert find_layout(block, [other, told]) is told
    assert find_layout(block, [other]) == find_layout(block) is not None
    assert find_layout(Block.of(b"1795790087 x\n" + b"\n".join(lines)), [other]) is not other
    assert find_layout(Block.of(b"1795790087 x\nother\nother"), [other]) is None


def test_a_witness(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With --config a JSON access log ties the server's clock to UTC."""
    formats(tmp_path, JSON_TIME[0])
    (tmp_path / "access.log").write_text(f"{JSON_TIME[1]}\n")
    log = tmp_path / "error.log"
    log.write_text(
        "[Fri Nov 27 09:34:47.041301 2026] [mpm_event:notice] [pid 7:tid 7] AH00489: Apache/2.4.71 "
        "configured -- resuming normal operations\n"
    )
    named = ["--config", str(tmp_path / "httpd.conf"), "--access-log", str(tmp_path / "access.log")]
    run(["clocks", "-q", "--json", *named, str(log)])
    clock = json.loads(capfd.readouterr().out.splitlines()[0])
    assert (clock["offset"], clock["confidence"]) == ("-05:00", "certain")
