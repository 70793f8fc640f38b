"""Mutations: takes the bytes of a real log, gives bytes that no Apache would write.

Each mutation takes a log and a random source, so that a failing case is told by its seed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Mutation = Callable[[bytes, random.Random], bytes]

_STAMP = re.compile(rb"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \d{4}")
_PID = re.compile(rb"(?<=\[pid )\d+")
_SECOND = re.compile(rb"(?<=:\d\d:)\d\d(?=[. ])")
_YEARS = (b"0000", b"0001", b"0099", b"1583", b"1969", b"1970", b"2037", b"2038", b"9999")
_PIDS = (
    b"0", b"00000", b"2147483647", b"4294967296", b"9223372036854775807", b"9223372036854775808",
    b"18446744073709551616", b"9" * 40, b"-1",
)  # fmt: skip
#: Local times that clocks have twice or not at all, in Europe and in the United States.
_DST_EDGES = (
    datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30),  # noqa: DTZ001 - local times
    datetime(2026, 3, 8, 2, 0), datetime(2026, 11, 1, 1, 59, 59, 999_999),  # noqa: DTZ001
)  # fmt: skip
#: What programs choke on, to be put anywhere.
_SHARDS = (
    b"\0", b"\0" * 512, b"\r", b"\r\n", b"\n", b"\n\n\n", b"\xff\xfe", b"\xc3", b"\x1b[2J", b"[",
    b"]", b"[[", b"] [", b"[pid ", b": ", b"%", b"\\", b"\xef\xbb\xbf", b"+0000", b" +0000]",
    b"[Mon Nov 23 20:58:22.846903 2026]", b"2026-11-23 20:58:22.846903 +0000", b"Z", b"\x85",
    b"\x1f\x8b\x08", b"AH00094: ", b"Traceback (most recent call last):\n",
)  # fmt: skip


def flip_bytes(log: bytes, chance: random.Random) -> bytes:
    """Some bytes become others."""
    out = bytearray(log)
    for _ in range(chance.randint(1, 40)):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def flip_stamp_bytes(log: bytes, chance: random.Random) -> bytes:
    """Some bytes within the first forty of their line become others that stamps are made of."""
    lines = [bytearray(line) for line in log.split(b"\n")]
    for line in chance.sample(lines, len(lines) // 8):
        for _ in range(chance.randint(1, 3)):
            if line:
                line[chance.randrange(min(40, len(line)))] = chance.choice(b"0123456789 :.-+[]ZT")
    return b"\n".join(lines)


def tear_lines(log: bytes, chance: random.Random) -> bytes:
    """Some lines lose their end or their beginning, some their newline."""
    lines = log.split(b"\n")
    for row in chance.sample(range(len(lines)), len(lines) // 6):
        place = chance.randint(0, len(lines[row]))
        lines[row] = lines[row][:place] if chance.random() < 0.5 else lines[row][place:]
    log = b"\n".join(lines)
    for _ in range(5):
        place = log.find(b"\n", chance.randrange(len(log)))
        log = log[:place] + log[place + 1 :]
    return log


def splice(log: bytes, chance: random.Random) -> bytes:
    """A piece from anywhere is put anywhere."""
    for _ in range(chance.randint(1, 5)):
        begin = chance.randrange(len(log))
        piece = log[begin : begin + chance.randint(1, 2000)]
        place = chance.randrange(len(log))
        log = log[:place] + piece + log[place:]
    return log


def duplicate_lines(log: bytes, chance: random.Random) -> bytes:
    """Some lines come twice or a hundred times."""
    out = []
    for line in log.splitlines(keepends=True):
        out += [line] * chance.choice([1] * 20 + [2, 100])
    return b"".join(out)


def reorder_lines(log: bytes, chance: random.Random) -> bytes:
    """Lines come in any order."""
    lines = log.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines)


def insert_shards(log: bytes, chance: random.Random) -> bytes:
    """What programs choke on is put anywhere."""
    for _ in range(chance.randint(1, 30)):
        place = chance.randrange(len(log))
        log = log[:place] + chance.choice(_SHARDS) + log[place:]
    return log


def mix_line_ends(log: bytes, chance: random.Random) -> bytes:
    """Some lines end as on Windows, some twice so."""
    return re.sub(rb"\n", lambda _: chance.choice([b"\n", b"\r\n", b"\r\r\n"]), log)


def change_years(log: bytes, chance: random.Random) -> bytes:
    """Years at the borders of what programs can count."""
    return _some(_STAMP, log, chance, lambda stamp: stamp[:-4] + chance.choice(_YEARS))


def move_to_dst_edges(log: bytes, chance: random.Random) -> bytes:
    """Stamps of hours that clocks have twice, or not at all."""

    def moved(stamp: bytes) -> bytes:
        time = chance.choice(_DST_EDGES) + timedelta(seconds=chance.randint(-5, 5))
        return time.replace(tzinfo=UTC).strftime("%a %b %d %H:%M:%S.%f %Y").encode()

    return _some(_STAMP, log, chance, moved)


def leap_seconds(log: bytes, chance: random.Random) -> bytes:
    """Seconds that clocks seldom or never show."""
    return _some(_SECOND, log, chance, lambda _: chance.choice([b"60", b"61", b"99"]))


def change_pids(log: bytes, chance: random.Random) -> bytes:
    """Pids beyond what a pid can be."""
    return _some(_PID, log, chance, lambda _: chance.choice(_PIDS))


def cut(log: bytes, chance: random.Random) -> bytes:
    """Only a part of the log, cut anywhere; perhaps nothing."""
    begin, end = sorted((chance.randint(0, len(log)), chance.randint(0, len(log))))
    return log[begin:end]


def _some(
    pattern: re.Pattern[bytes],
    log: bytes,
    chance: random.Random,
    change: Callable[[bytes], bytes],
) -> bytes:
    return pattern.sub(lambda found: change(found[0]) if chance.random() < 0.3 else found[0], log)


MUTATIONS: tuple[Mutation, ...] = (
    flip_bytes, flip_stamp_bytes, tear_lines, splice, duplicate_lines, reorder_lines,
    insert_shards, mix_line_ends, change_years, move_to_dst_edges, leap_seconds, change_pids, cut,
)  # fmt: skip


def mutated(log: bytes, seed: int) -> bytes:
    """The log after one to three mutations; the same for the same seed."""
    chance = random.Random(seed)
    for mutation in chance.choices(MUTATIONS, k=chance.randint(1, 3)):
        if log:
            log = mutation(log, chance)
    return log
