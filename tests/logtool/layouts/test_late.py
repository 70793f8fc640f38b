"""Layouts that a log takes up after its first lines."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from logtool.clocks.options import ClockOptions
from logtool.layouts import late as late_layouts
from logtool.layouts.late import LateLayouts
from logtool.normalize import normalize_blocks
from logtool.passes.first import find_clocks, open_logs
from logtool.sources.opening import open_sources
from logtool.sources.packing import Memory
from parsers.blocks import Block, cut_blocks
from parsers.built_in import BUILT_IN, HTTPD_24
from parsers.decode import Decoder

BUILT_IN_LINE = b"[Fri Jun 05 10:42:%02d.978307 2026] [core:error] [pid 4711:tid 9] AH02182: text\n"
COMPACT_LINE = b"[2026-06-05 10:43:%02d.978307] [core:error] [pid 4712:tid 9] AH02182: text\n"
UTC = ClockOptions(server_tz="UTC", neighbours=False)


def many(line: bytes, count: int) -> bytes:
    """The line at some seconds."""
    return b"".join(line % (k * 60 // count) for k in range(count))


def cut(raw: bytes, size: int) -> list[Block]:
    """Blocks of about that size."""
    return list(cut_blocks((raw[k : k + size] for k in range(0, len(raw), size)), size))


def normalized(path: Path, block_size: int) -> bytes:
    """What normalize writes, read in blocks of a size."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("logtool.sources.source.BLOCK_SIZE", block_size)
        defaults = (block_size,)
        patched.setattr("logtool.sources.source.Source.blocks.__defaults__", defaults)
        with open_sources([str(path)]) as sources:
            logs = open_logs(sources)
            table = find_clocks(logs, UTC)
            return b"".join(each.text.tobytes() for each in normalize_blocks(logs, table))


def expected(raw: bytes) -> bytes:
    """Every stamp in UTC, by the simplest means."""
    raw = raw.replace(b"[Fri Jun 05 ", b"[2026-06-05 ").replace(b" 2026]", b" +0000]")
    return raw.replace(b".978307] ", b".978307 +0000] ")


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("before", [0, 3, 40])
def test_a_restart_with_another_layout_changes_nothing(
    tmp_path: Path, before: int, forgetful: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All lines come out in UTC: those before, after, and the rare one long before the change."""
    diary = many(BUILT_IN_LINE, 600) + b"Dear diary, today nothing happened.\n" * 20
    rare = COMPACT_LINE % 0
    raw = (
        diary * 4 + rare * before + diary
        + many(COMPACT_LINE, 1000) + many(BUILT_IN_LINE, 3000)
    )  # fmt: skip
    log = tmp_path / "error.log"
    log.write_bytes(raw)
    monkeypatch.setattr("logtool.sources.source._SAMPLE", 256)  # the change hides in the middle
    if forgetful:
        monkeypatch.setattr("logtool.passes.first.Memory.of", lambda *_: Memory(0, 0))

    assert normalized(log, 10_000) == expected(raw)


def test_garbage_is_looked_at_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that nobody can read costs a few looks, however long it is."""
    looks = []

    def look(*given: object) -> list[object]:
        looks.append(given)
        return []

    monkeypatch.setattr(late_layouts, "detect", look)
    decoder = Decoder([HTTPD_24])
    late = LateLayouts(decoder)
    chance = random.Random(1)
    garbage = b"".join(chance.randbytes(chance.randrange(90)) + b"\n" for _ in range(60_000))

    for block in cut(garbage, 2000):
        late.settled(block, decoder.stamps(block), 1)

    assert 3 < len(looks) < 24


def test_one_odd_line_in_each_block_is_read_once_it_can_be() -> None:
    """Lines that no layout reads stay; a layout that comes with them is found all the same."""
    decoder = Decoder([HTTPD_24])
    late = LateLayouts(decoder)
    odd = b"Dear diary, today nothing happened.\n"
    raw = b"".join(many(BUILT_IN_LINE, 20) + odd for _ in range(50))
    raw += many(COMPACT_LINE, 20)
    unread = 0

    for block in cut(raw, 1000):
        stamps, _ = late.settled(block, decoder.stamps(block), len(decoder.layouts))
        unread += int((stamps.layout < 0).sum())

    assert unread == 50
    assert len(decoder.layouts) == 2


def test_blocks_read_ahead_learn_what_was_found_meanwhile() -> None:
    """Stamps of before are read again where something was left unread, and only there."""
    decoder = Decoder([HTTPD_24])
    late = LateLayouts(decoder)
    raw = many(COMPACT_LINE, 2500)
    blocks = cut(raw, 20_000)[1:]  # opening a log looks at a short first block
    ahead = [decoder.stamps(block) for block in blocks]

    settled = [late.settled(block, stamps, 1) for block, stamps in zip(blocks, ahead, strict=True)]

    for stamps, layouts in settled:
        assert layouts == 2
        np.testing.assert_array_equal(stamps.layout, 1)


def test_a_short_log_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening it has looked at all of its lines."""
    monkeypatch.setattr(late_layouts, "detect", lambda *given: pytest.fail("a second look"))
    block = Block.of(b"raw\n" * 2000)
    decoder = Decoder(BUILT_IN)

    stamps, _ = LateLayouts(decoder).settled(block, decoder.stamps(block), len(BUILT_IN))

    assert (stamps.layout == -1).all()
