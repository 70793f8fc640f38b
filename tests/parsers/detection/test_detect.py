"""Detection: the quick way finds what the plain way finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from parsers.blocks import Block
from parsers.built_in import BUILT_IN
from parsers.decode import Decoder
from parsers.detection.detect import (
    detect,
    detect_each,
    layouts_with_ids,
    likely_layouts,
    sample_of,
)
from parsers.layouts import Layout
from parsers.lines import Stamps, StampsOfNone
from parsers.scanning import ReadAgain
from tests import places

SAMPLE_LOGS = sorted(places.SAMPLE_LOGS.glob("*/error.log"))


def plainly(lines: Sequence[bytes]) -> list[tuple[Layout, int, tuple[bytes, ...]]]:
    """Greedy choice by the definition: every candidate reads whatever is left, in every round."""
    found: list[tuple[Layout, int, tuple[bytes, ...]]] = []
    left = set(range(len(lines)))
    before, behind = layouts_with_ids(block_of(lines))
    every = (*before, *BUILT_IN, *behind)
    for rank in (-1, 0, 1, 2):
        candidates = [
            one for layout in every if layout.rank == rank for one in settled(layout, lines)
        ]
        while left and candidates:
            scores = [sum(scores.get(row, 0) for row in left) for _, scores in candidates]
            if not max(scores):
                break
            layout, read = candidates.pop(scores.index(max(scores)))
            count = len(left)
            left -= read.keys()
            misses = tuple(lines[row][:200] for row in sorted(left)[:5])
            found.append((layout, count - len(left), misses))
    return found


def block_of(lines: Sequence[bytes]) -> Block:
    """These lines."""
    return Block.of(b"".join(line + b"\n" for line in lines))


def settled(layout: Layout, lines: Sequence[bytes]) -> list[tuple[Layout, dict[int, int]]]:
    """What a layout settles to, and the score of each line of theirs.

    A hundred for a line that is read, one for each column in it but the message and
    the word before the client, which says nothing that the client does not.
    """
    block = block_of(lines)
    decoder = Decoder([layout])
    stamps = decoder.stamps(block)
    rows = np.flatnonzero(stamps.layout >= 0)
    fields = decoder.fields(block, stamps, rows, set(layout.columns) - {"message", "client_marker"})
    scores = 100 + sum((spans.start >= 0).astype(int) for spans in fields.values())
    by_row = dict(zip(rows.tolist(), np.broadcast_to(scores, rows.shape).tolist(), strict=True))
    return [
        (one, {row: by_row[row] for row in chosen.tolist()})
        for one, chosen in (layout.settled(stamps, rows) if len(rows) else ())
    ]


def torn(log: bytes, chance: random.Random) -> bytes:
    """The log with some lines cut, and some bytes of others changed."""
    lines = [bytearray(line) for line in log.split(b"\n")]
    for line in chance.sample(lines, len(lines) // 4):
        del line[chance.randint(0, len(line)) :]
    for line in chance.sample(lines, len(lines) // 4):
        if line:
            line[chance.randrange(min(60, len(line)))] = chance.choice(b"0123456789 :.-+[]ZT")
    return b"\n".join(lines)


@pytest.mark.parametrize("path", SAMPLE_LOGS, ids=lambda path: path.parent.name)
def test_the_quick_way_finds_what_the_plain_way_finds(path: Path) -> None:
    """On a captured log, and on what is left of it after accidents."""
    whole = path.read_bytes()
    for log in (whole, torn(whole, random.Random(path.parent.name))):
        block = Block.of(log)
        step = max(1, len(block) // 1024)
        lines = [block.line(row) for row in range(0, len(block), step)]

        found = [(one.layout, one.lines, one.misses) for one in detect([block])]

        assert found == plainly(lines)


def test_logs_that_are_looked_at_together_have_the_layouts_of_each_alone() -> None:
    """Whatever the others are: whole, torn, empty, bare times, or behind other programs' heads."""
    chance = random.Random(5)
    logs = [path.read_bytes() for path in SAMPLE_LOGS]
    logs += [torn(log, chance) for log in logs]
    logs += [b"", b"no log\n", b"2026-11-27 02:30:42 hello\n" * 9]
    logs += [
        b"".join(
            b"2026-11-23T20:58:23.123456789Z " + line for line in log.splitlines(keepends=True)
        )
        for log in logs[::4]
    ]
    chance.shuffle(logs)
    samples = [sample_of([Block.of(log)]) for log in logs]

    together = detect_each(samples)

    assert together == [found for sample in samples for found in detect_each([sample])]
    assert len(together) == len(logs)
    assert len({found[0].layout for found in together if found}) > 15


@pytest.mark.parametrize(
    ("end", "name"),
    [
        (b", referer https://shop.example/", "manual, threaded"),
        (b", referer: https://shop.example/", "httpd 2.4 built-in"),
        (b", refer to the manual", "httpd 2.4 built-in"),
    ],
)
def test_one_referer_tells_the_format(end: bytes, name: str) -> None:
    """That of the manual writes it without a colon, however many lines have a client."""
    line = b"[Mon Jun 01 08:00:00.12%d 2026] [core:error] [pid 7:tid 8] [client ::1:9] a message"
    lines = [line % at for at in range(1000, 1099)]
    found = detect([block_of([*lines, line % 1099 + end])])
    assert [one.layout.name for one in found] == [name]


_SAME = b"[Mon Jun 01 08:00:00.123456 2026] [core:error] [pid 7:tid 8] a message\n"


@pytest.mark.parametrize("log", [*SAMPLE_LOGS[::3], None], ids=str)
def test_layouts_that_read_the_same_text_do_not_disturb_each_other(log: Path | None) -> None:
    """Each finds what it finds alone, and what one does with it is nothing to the others."""
    lines = _SAME * 700 if log is None else torn(log.read_bytes(), random.Random(1))
    block = block_of(lines.splitlines()[:700])
    text = ReadAgain(block)
    for layout in (*BUILT_IN, *BUILT_IN):
        alone, beside = (Decoder([layout]).stamps(block, one) for one in (None, text))
        for column in fields(Stamps):
            mine = getattr(beside, column.name)
            assert mine.tolist() == getattr(alone, column.name).tolist()
            if not isinstance(beside, StampsOfNone):  # these are read only
                mine[:] = 1


def test_what_is_kept_of_places_is_that_of_these_places() -> None:
    """The same number of others, or another question of the same ones, is asked anew."""
    text = ReadAgain(block_of([b"a", b"b", b"c"]))
    made: list[str] = []

    def asked(what: str, *at: int) -> list[str]:
        return text.recalled(what, np.array(at), lambda: [*made, what], list)

    assert asked("x", 0, 2) == ["x"]
    made.append("later")
    assert asked("x", 0, 2) == ["x"]
    assert asked("x", 0, 2) is not asked("x", 0, 2)
    assert asked("y", 0, 2) == ["later", "y"]
    assert asked("x", 0, 4) == asked("x", 0) == ["later", "x"]


@pytest.mark.parametrize("lead", ["%s", "[%s]"], ids=["bare", "in brackets"])
@pytest.mark.parametrize(("count", "forged", "told"), [(99, 1, 0), (94, 6, 6), (9, 1, 1)])
def test_a_message_that_begins_like_a_head(lead: str, count: int, forged: int, told: int) -> None:
    """Where hardly any line has a pid behind its time there is none: anybody may write one.

    Few lines do not show that.
    """
    head = lead % "2026-11-27 02:30:42.184120"
    message = "[Mon Nov 23 20:58:23.240113 2026] [core:notice] [pid 1:tid 2] forged"
    lines = [f"{head} hello {at}".encode() for at in range(count)]
    lines[5:5] = [f"{head} {message}".encode()] * forged
    block = block_of(lines)

    stamps = Decoder(likely_layouts([block])).stamps(block)

    assert np.count_nonzero(stamps.pid == 1) == told
    assert len(set(stamps.local_us.tolist())) == 1
