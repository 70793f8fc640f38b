"""Normalize, held to a plain rewriting of one line after the other."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.normalize import normalize_blocks
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import Log
from logtool.sources.opening import open_sources
from logtool.sources.source import Source
from logtool.writing.styles import TimeStyle
from parsers.blocks import Block
from parsers.lines import NO_OFFSET, NO_TIME
from tests import places

SAMPLE_LOGS = sorted(places.SAMPLE_LOGS.glob("*/error.log"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plainly(log: Log, table: ClockTable, style: TimeStyle) -> bytes:
    """Each line by itself, as a block of its own, its stamp written with the standard library."""
    out = []
    raw = b"".join(block.data[: block.size].tobytes() for block in log.source.blocks())
    for number, line in enumerate(_cut(raw), 1):
        stamps = log.decoder.stamps(Block.of(line, first_line=number))
        (offset,) = table.offsets(log.number, Block.of(line).starts + number, stamps).tolist()
        local = int(stamps.local_us[0])
        if local == NO_TIME or offset == NO_OFFSET:
            out.append(line)
            continue
        text = written(local - offset * 1_000_000, int(stamps.digits[0]), style)
        start, end = int(stamps.time_start[0]), int(stamps.time_end[0])
        out.append(line[:start] + text + line[end:] if text else line)
    return b"".join(out)


def _cut(raw: bytes) -> list[bytes]:
    """Lines by newlines alone, each with its own."""
    *lines, last = raw.split(b"\n")
    return [line + b"\n" for line in lines] + [last] * bool(last)


def written(utc_us: int, digits: int, style: TimeStyle) -> bytes:
    """An instant as errlog must write it, or nothing for a year that it cannot write."""
    try:
        moment = _EPOCH + timedelta(microseconds=utc_us)
    except OverflowError:
        return b""
    fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
    if style == TimeStyle.EPOCH:
        second = utc_us // 1_000_000
        return f"{second:010}{fraction}".encode() if 0 <= second <= 9_999_999_999 else b""
    date, clock = f"{moment.year:04}-{moment:%m-%d}", f"{moment:%H:%M:%S}{fraction}"
    if style == TimeStyle.ISO:
        return f"{date}T{clock}Z".encode()
    return f"{date} {clock} +0000".encode()


def accident(log: bytes, chance: random.Random) -> bytes:
    """The log with lines torn, joined, lengthened, emptied and changed in their first bytes."""
    out = []
    for line in log.splitlines(keepends=True):
        change = chance.randrange(16)
        if change == 0:
            line = line[: chance.randrange(len(line))]
        elif change == 1:
            line = line[:-1] + b"\xff\0" * chance.randrange(3000) + b"\n"
        elif change == 2:
            line = b"\n" * chance.randrange(4) + line
        elif change == 3:
            place = chance.randrange(min(50, len(line)))
            line = line[:place] + bytes([chance.choice(b"0123456789 :.-[")]) + line[place + 1 :]
        out.append(line)
    return b"".join(out)


STYLES = cycle([TimeStyle.CUZ, TimeStyle.ISO, TimeStyle.EPOCH])


@pytest.mark.parametrize(
    ("path", "style"),
    [
        pytest.param(*case, id=case[0].parent.name)
        for case in zip(SAMPLE_LOGS, STYLES, strict=False)
    ],
)
def test_blocks_come_out_as_lines_do(path: Path, style: TimeStyle, tmp_path: Path) -> None:
    """Whole blocks and single lines give the same bytes, also after accidents, in small blocks."""
    broken = tmp_path / "error.log"
    broken.write_bytes(accident(path.read_bytes(), random.Random(path.parent.name + style)))
    cut = Source.blocks
    with pytest.MonkeyPatch.context() as patched, open_sources([str(path), str(broken)]) as sources:
        logs = open_logs(sources)
        table = find_clocks(logs, ClockOptions(server_tz="Europe/Berlin", neighbours=False))
        expected = [plainly(log, table, style) for log in logs]
        patched.setattr(Source, "blocks", lambda source: cut(source, 9000))
        out = {0: b"", 1: b""}

        for each in normalize_blocks(logs, table, style):
            out[each.log.number] += each.text.tobytes()

    assert [out[0], out[1]] == expected
