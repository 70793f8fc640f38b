"""Lines in, the same lines in UTC out."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.line_offsets import Runs
from logtool.clocks.table import Clock, ClockTable, Confidence
from logtool.normalize import Kept, Tally, rewrite
from logtool.passes.logs import Log, StampedBlock
from logtool.remembered import RememberedStamps
from logtool.sources.packing import Memory
from logtool.writing.styles import TimeStyle
from parsers.blocks import cut_blocks
from parsers.built_in import HTTPD_22, HTTPD_24
from parsers.decode import Decoder
from parsers.layouts import Layout, compile_layout
from tests.kernel_memory import lent

OFFSETS = {4711: 7200, 4712: -12600, 4713: 20700}


def table(offsets: dict[int, int] = OFFSETS) -> ClockTable:
    """Clocks that hold for the whole file."""
    clocks = [
        Clock(
            number, pid, "", "", 0, 1, 1 << 30, 1, 1, 0, 0, offset, "", Confidence.CERTAIN
        )
        for number, (pid, offset) in enumerate(offsets.items())
    ]  # fmt: skip
    pids = np.array(list(offsets), np.int64)
    each = np.arange(len(pids))
    return ClockTable(clocks, Runs(each.astype(np.int32) * 0, pids, each * 0 + 1, each))


def normalized(
    raw: bytes,
    style: TimeStyle = TimeStyle.CUZ,
    layouts: tuple[Layout, ...] = (HTTPD_24,),
    offsets: dict[int, int] = OFFSETS,
    block_size: int = 1 << 20,
) -> tuple[bytes, Tally]:
    """Bytes after their stamps were written in UTC, and what became of the lines."""
    log = Log(0, None, Decoder(layouts), RememberedStamps())  # type: ignore[arg-type] # needs no source
    tally, out = Tally(), b""
    for block in cut_blocks([raw], block_size):
        stamped = StampedBlock(log, block, log.decoder.stamps(block))
        written = rewrite(stamped, table(offsets), style)
        tally.add(written.tally)
        out += written.text.tobytes()
    return out, tally


STAMPED = st.tuples(
    st.sampled_from([*OFFSETS, 99]),
    st.datetimes(datetime(1999, 12, 31), datetime(2037, 1, 2)),  # noqa: DTZ001
    st.sampled_from([b"", b"short", b"x" * 70, b"\0\xff\x1b[31m", b"CR\r", b"y" * 3000]),
)
RAW = st.sampled_from([b"", b"\r", b"raw stderr", b"[", b"[Fri Jun 05", b"\xff\0", b"z" * 200])


@given(st.lists(st.one_of(STAMPED, RAW)), st.booleans())
def test_only_stamps_change(
    lines: list[tuple[int, datetime, bytes] | bytes], newline_at_end: bool
) -> None:
    """Known clocks are applied; every other byte stays, in every line, at every place."""
    before, after = [], []
    for line in lines:
        if isinstance(line, bytes):
            before.append(line)
            after.append(line)
            continue
        pid, local, message = line
        rest = b"] [core:error] [pid %d] %b" % (pid, message)
        stamp = f"[{local:%a %b %d %H:%M:%S.%f %Y}".encode()
        before.append(stamp + rest)
        if pid in OFFSETS:
            utc = local - timedelta(seconds=OFFSETS[pid])
            stamp = f"[{utc.isoformat(' ', 'microseconds')} +0000".encode()
        after.append(stamp + rest)
    end = b"\n" if newline_at_end else b""

    out, tally = normalized(b"\n".join(before) + end)

    assert out == b"\n".join(after) + end
    assert normalized(out)[0] == out
    assert tally.lines == out.count(b"\n") + (out[-1:] not in (b"", b"\n"))


LINE = b"[Fri Jun 05 01:42:36.978307 2026] [core:error] [pid 4711] AH02182: text\n"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (TimeStyle.CUZ, b"[2026-06-04 23:42:36.978307 +0000]"),
        (TimeStyle.KEEP, b"[Thu Jun 04 23:42:36.978307 2026]"),
        (TimeStyle.ISO, b"[2026-06-04T23:42:36.978307Z]"),
        (TimeStyle.EPOCH, b"[1780616556.978307]"),
    ],
)
def test_styles(style: TimeStyle, expected: bytes) -> None:
    """Each style writes the same instant in its own way, and reads it back unchanged."""
    out, tally = normalized(LINE, style)

    assert out == expected + b" [core:error] [pid 4711] AH02182: text\n"
    assert (tally.lines, tally.rewritten, tally.kept) == (1, 1, {})
    if style != TimeStyle.KEEP:
        assert normalized(out, style)[0] == out


@pytest.mark.parametrize(
    ("directive", "before", "after"),
    [
        ("[%{cuz}t] [%l] %M", b"[2026-06-05 01:42:36.5 x", b"[2026-06-05 01:42:36.5 x"),
        (
            "[%{cuz}t] [%l] %M",
            b"[2026-06-05 01:42:36.500000 +0200] [error] x",
            b"[2026-06-04 23:42:36.500000 +0000] [error] x",
        ),
        ("[%{uz}t] %M", b"[Fri Jun 05 01:42:36.978307 2026 -0330] x",
         b"[Fri Jun 05 05:12:36.978307 2026 +0000] x"),
        (
            '{"time":"%{%Y-%m-%d}tT%{%T}t.%{msec_frac}tZ", "pid":"%P", "message":"%M"}',
            b'{"time":"2026-06-05T01:42:36.msec_fracZ", "pid":"4711", "message":"x"}',
            None,
        ),
    ],
)  # fmt: skip
def test_keep(directive: str, before: bytes, after: bytes | None) -> None:
    """The incoming form is kept, with the offset of UTC where it writes one."""
    out, _ = normalized(before, TimeStyle.KEEP, (compile_layout(directive),))

    if after is not None:
        assert out == after
    assert normalized(out, TimeStyle.KEEP, (compile_layout(directive),))[0] == out or after is None


def test_keep_pads_days_as_they_came() -> None:
    """Httpd 1.3 pads the day with a space, 2.x with a zero."""
    lines = b"[Wed Dec %b 00:05:49 2016] [info] x\n"
    for day, other in ((b" 7", b" 6"), (b"07", b"06")):
        before = lines % day
        out, _ = normalized(before, TimeStyle.KEEP, (HTTPD_22,), {-1: 3600})

        assert out == b"[Tue Dec %b 23:05:49 2016] [info] x\n" % other


def test_what_is_kept_is_counted_with_its_first_line() -> None:
    """Each reason has a count and the place of its first line."""
    raw = b"startup\n" + LINE + LINE.replace(b"4711", b"99") + b"again\n"

    _, tally = normalized(raw)

    assert tally.kept == {Kept.NO_LAYOUT: 2, Kept.NO_CLOCK: 1}
    assert tally.first == {Kept.NO_LAYOUT: (0, 1), Kept.NO_CLOCK: (0, 3)}


@pytest.mark.parametrize("year", [b"0001", b"9999"])
def test_years_of_five_digits_or_none_stay_local(year: bytes) -> None:
    """A shift out of the years 0001 to 9999 leaves the line as it is, and counts it."""
    first = year == b"0001"
    day = b"[0001-01-01 00:30:00]" if first else b"[9999-12-31 23:30:00]"
    raw = day + b" [pid 4711] x\n"

    layouts = (compile_layout("[%{c}t] [pid %P] %M"),)
    out, tally = normalized(raw, layouts=layouts, offsets={4711: 7200 if first else -7200})

    assert out == raw
    assert tally.kept == {Kept.NO_YEAR: 1}


@given(st.integers(17, 400))
def test_blocks_do_not_show(size: int) -> None:
    """Where blocks are cut, also within a line, changes nothing but the torn stamp's line."""
    raw = LINE * 7 + b"x" * 300 + b"\n" + LINE
    if size < len(LINE):
        size = len(LINE)

    out, tally = normalized(raw, block_size=size)

    assert out == normalized(raw)[0]
    assert tally.lines == 9


@pytest.mark.parametrize("style", [*TimeStyle])
@pytest.mark.parametrize("special", [b"", b"raw\n", b"[Fri Jun 05 14:03:07.2 2026] x\n"])
@pytest.mark.parametrize("pids", [[4711, 4712], [4711, 99], [4713]])
def test_blocks_in_the_memory_of_the_kernel(
    style: TimeStyle, special: bytes, pids: list[int]
) -> None:
    """They come out as all others do; of bare ones nothing but the text."""
    line = b"[Fri Jun 05 14:%02d:%02d.%06d 2026] [core:error] [pid %d] x\n"
    raw = special + b"".join(
        line % (at // 60 % 60, at % 60, at, pids[at % len(pids)]) for at in range(1500)
    )
    log = Log(0, None, Decoder((HTTPD_24,)), RememberedStamps())  # type: ignore[arg-type] # needs no source
    (block,) = cut_blocks([raw])
    usual = rewrite(StampedBlock(log, block, log.decoder.stamps(block)), table(), style)
    with lent() as memory:
        held = memory.block(raw)
        stamped = StampedBlock(log, held, log.decoder.stamps(held), room=memory.room)
        found = rewrite(stamped, table(), style)
        assert found.text.tobytes() == usual.text.tobytes()
        assert found.utc_us.tolist() == usual.utc_us.tolist()
        assert found.tally == usual.tally
        memory.kernel.begin(memory.columns)
        held = memory.block(raw)
        stamped = StampedBlock(log, held, log.decoder.stamps(held), room=memory.room)
        bare = rewrite(stamped, table(), style, bare=True)
        assert bare.text.tobytes() == usual.text.tobytes()
        assert bare.tally == usual.tally
        assert not len(bare.block)
        assert not len(bare.utc_us)


_STAMP = b"[Fri Jun 05 %02d:%02d:%02d.%06d 2026]"
_REST = b" [core:error] [pid %d] x\n"
_OLD = b"[Fri Jun 05 23:59:59.999999 1931] [core:error] [pid 4711] x\n"
_LATE = b"[Fri Dec 31 23:59:59.999999 9999] [core:error] [pid 4712] x\n"


@pytest.mark.parametrize("style", [*TimeStyle])
@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("left", [1 << 20, 0], ids=["in memory", "in a file"])
@pytest.mark.parametrize(
    ("special", "pids", "never"),
    [
        (b"", [4711, 4712], []),
        (b"", [4713], []),
        (b"", [4711, 4712, 99], TimeStyle),
        (b"raw\n", [4711], []),
        (b"raw\n" * 9000, [4711, 4713], []),
        (b"raw\n[core:error] [pid 4711] no time\n", [4711], []),
        (b"[Fri Jun 05 14:03:07 2026] [error] of httpd 2.2\n", [4711], TimeStyle),
        (_OLD, [4711], [TimeStyle.EPOCH]),
        (_LATE, [4711], TimeStyle),
    ],
)
def test_what_is_remembered_is_written_at_once(
    style: TimeStyle,
    left: int,
    bare: bool,
    special: bytes,
    pids: list[int],
    never: Iterable[TimeStyle],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Usual blocks that were read before; as they come out otherwise, like all others."""
    raw = special + b"".join(
        _STAMP % (at // 600, at // 60 % 60, at % 60, at) + _REST % pids[at % len(pids)]
        for at in range(6000)
    )
    remembered = RememberedStamps(Memory(left))
    log = Log(0, None, Decoder((HTTPD_24, HTTPD_22)), remembered)  # type: ignore[arg-type] # needs no source
    (block,) = cut_blocks([raw])
    stamps = log.decoder.stamps(block)
    remembered.keep(block, stamps)
    usual = rewrite(StampedBlock(log, block, stamps), table(), style)
    module = import_module("logtool.normalize")
    slowly, slow = module._rewritten, []

    def noted(*args: Any) -> Any:  # noqa: ANN401 - whatever it is
        slow.append(style)
        return slowly(*args)

    monkeypatch.setattr(module, "_rewritten", noted)
    with lent() as memory:
        held = memory.block(raw)
        packed = remembered.packed(held)
        assert packed is not None
        stamped = StampedBlock(log, held, packed, room=memory.room)
        found = rewrite(stamped, table(), style, bare=bare)
        assert found.text.tobytes() == usual.text.tobytes()
        assert found.utc_us.tolist() == ([] if bare else usual.utc_us.tolist())
        assert found.tally == usual.tally
    assert bool(slow) == (style == TimeStyle.KEEP or style in never)


@pytest.mark.parametrize("bare", [False, True])
def test_what_is_written_can_be_handed_over(bare: bool) -> None:
    """Pickled, it comes back with its text, its instants and what became of its lines."""
    raw = b"raw\n" + (_STAMP + _REST) % (10, 42, 36, 978307, 4711)
    log = Log(0, None, Decoder((HTTPD_24,)), RememberedStamps())  # type: ignore[arg-type] # needs no source
    (block,) = cut_blocks([raw], offset=7)
    written = rewrite(StampedBlock(log, block, log.decoder.stamps(block)), table(), TimeStyle.ISO)
    if bare:
        again = rewrite(
            StampedBlock(log, block, log.decoder.stamps(block)), table(), TimeStyle.ISO, bare=True
        )
        assert again.text.tobytes() == written.text.tobytes()
        written = again
    back = pickle.loads(pickle.dumps(replace(written, log=None)))  # type: ignore[arg-type]
    assert back.text.tobytes() == written.text.tobytes()
    assert back.utc_us.tolist() == written.utc_us.tolist()
    assert back.tally == written.tally
    assert back.tally.kept == {Kept.NO_LAYOUT: 1}
    assert (back.block.offset, len(back.block)) == (7, len(written.block))
