"""A large log: takes a small real capture, gives months of the same server, as large as wanted."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from logtool.writing.splice import windows
from logtool.writing.stamps import StampWriter
from parsers.arrays import Ints
from parsers.blocks import Block
from parsers.built_in import HTTPD_24
from parsers.decode import Decoder
from parsers.times.strftime import ERAS, option_pieces

CAPTURE = Path("sample_logs/berlin_utc_django")
DATA = Path("benchmarks/data")

_SECOND = 1_000_000
#: How often the requests of the capture come again before the server restarts.
_ROUNDS = 2000
#: Ports that Linux gives to clients.
_FIRST_PORT, _PORTS = 32_768, 28_232
#: Pids of five digits stay pids of five digits.
_FIRST_PID, _PIDS = 10_000, 90_000
_SHUTDOWN = re.compile(rb"Shutdown requested|AH00491: caught SIGTERM")


def large_log(size: int, capture: Path = CAPTURE) -> Path:
    """A log of about `size` bytes, made once and kept under benchmarks/data.

    The server starts, answers the requests of the capture again and again, stops, and starts anew
    with other pids. Its zones stay what they were, so `truth_us` is right for every copy.
    """
    path = DATA / f"{capture.name}-{size >> 20}M.log"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as out:
            for text in lives(capture):
                out.write(text)
                if out.tell() >= size:
                    break
        unfinished.rename(path)
    return path


def lives(capture: Path = CAPTURE, *, vary: bool = False) -> Iterator[bytes]:
    """One life of the server after the other, in pieces of some seconds, without end.

    Args:
        capture: folder of the capture.
        vary: let microseconds and clients' ports be others each time, as they are on a server. Else
            gzip makes a fortieth of such a log, and of no real one.
    """
    block = Block.of((capture / "error.log").read_bytes())
    stamps = Decoder([HTTPD_24]).stamps(block)
    texts = (capture / "truth.txt").read_text().split()
    utc_us = np.array([_micros(text) for text in texts])
    begin, end = _busy(block, stamps.local_us - utc_us, stamps.pid)
    birth, busy, death = (
        _Part(block, stamps.local_us, rows)
        for rows in (slice(0, begin), slice(begin, end), slice(end, None))
    )
    second = _SECOND
    round_us = (int(utc_us[end - 1] - utc_us[begin]) // second + 1) * second
    chance = random.Random(1)
    shift_us = 0
    life = 0
    while True:
        yield birth.copy(shift_us, life)
        for _ in range(_ROUNDS):
            if vary:
                shift_us += chance.randrange(second)
                yield busy.copy(shift_us, life, chance.randrange(_PORTS))
            else:
                yield busy.copy(shift_us, life)
            shift_us += round_us
        shift_us -= round_us
        yield death.copy(shift_us, life)
        shift_us += (int(utc_us[-1] - utc_us[0]) // second + 1) * second
        life += 1


def _micros(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * _SECOND)


def _busy(block: Block, offset_us: Ints, pid: Ints) -> tuple[int, int]:
    """The rows between the last change of a clock and the first sign of the end."""
    end = next(row for row in range(len(block)) if _SHUTDOWN.search(block.line(row)))
    begin = 0
    for one in np.unique(pid):
        rows = np.flatnonzero(pid == one)
        jumped = rows[offset_us[rows] != offset_us[rows[-1]]]
        begin = max(begin, *(jumped + 1), 0)
    return begin, end


class _Part:
    """Some lines of the capture, to be written again with other times and pids."""

    def __init__(self, block: Block, local_us: Ints, rows: slice) -> None:
        begin, end = int(block.starts[rows][0]), int(block.ends[rows][-1]) + 1
        self._data = block.data[begin:end].copy()
        self._places = block.starts[rows] - begin + 1
        self._local_us = local_us[rows]
        self._writer = StampWriter(option_pieces("u", ERAS[0]))
        found = re.finditer(rb"(?<=pid[ =])\d{5}(?!\d)", self._data.tobytes())
        self._pid_places = np.array([match.start() for match in found])
        self._pids = self._numbers(self._pid_places)
        found = re.finditer(rb"(?<= 127\.0\.0\.1:)\d{5}(?=\])", self._data.tobytes())
        self._port_places = np.array([match.start() for match in found], np.int64)
        self._ports = self._numbers(self._port_places)

    def _numbers(self, places: Ints) -> Ints:
        return windows(self._data, 5)[places].view("S5").astype(np.int64)

    def copy(self, shift_us: int, life: int, ports: int = 0) -> bytes:
        """These lines, some time later, in another life of the server, from so far other ports."""
        data = self._data.copy()
        text = self._writer.write(self._local_us + shift_us)
        windows(data, self._writer.width)[self._places] = text.view(f"V{text.shape[1]}").ravel()
        pids = (self._pids - _FIRST_PID + 16 * life) % _PIDS + _FIRST_PID
        windows(data, 5)[self._pid_places] = pids.astype("S5").view("V5")
        others = (self._ports - _FIRST_PORT + ports) % _PORTS + _FIRST_PORT
        windows(data, 5)[self._port_places] = others.astype("S5").view("V5")
        return data.tobytes()
