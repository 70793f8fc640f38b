"""How time grows with the number of processes: errlog's words on logs of `many_processes`.

    python -m benchmarks.clock_scaling --processes 1000 10000 --shape restarts "no roles"
    python -m benchmarks.clock_scaling --hostile --processes 3000 30000 --word clocks

For each size it prints the lines, the processor seconds of reading them (decoding stamps, nothing
else), of the words, and the power of the number of lines with which a word's time has grown since
the size before: 1.0 is linear.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from benchmarks.__main__ import Run, measure
from benchmarks.many_processes import HOSTILE, SHAPES, many_processes
from benchmarks.peers import Peer
from parsers.blocks import BLOCK_SIZE, Block
from parsers.built_in import HTTPD_24
from parsers.decode import Decoder

_TOLD = ("-q", "--server-tz", "Europe/Berlin")
_WORDS = {
    "clocks": ("clocks", "--json"),
    "normalize": ("normalize",),
    "flags": ("flags",),
    "pairs": ("pairs",),
    "report": ("report",),
}


def _write(log: Path, shape: str, size: int) -> None:
    log.write_bytes(many_processes(shape, size))


def reading_s(log: Path) -> tuple[int, float]:
    """The lines of a log, and the processor seconds that it takes to read their stamps."""
    begin, lines, decoder = time.process_time(), 0, Decoder([HTTPD_24])
    rest = b""
    with log.open("rb") as file:
        while piece := file.read(BLOCK_SIZE):
            text, _, rest = (rest + piece).rpartition(b"\n")
            lines += len(decoder.stamps(Block.of(text + b"\n")).pid)
    return lines, time.process_time() - begin


def measured(word: str, log: Path, folder: Path) -> Run:
    """One run of a word."""
    command = ("{python}", "-m", "logtool", *_WORDS[word], *_TOLD, "{log}")
    return measure(Peer(word, command, fine=(0, 1)), log, folder)


def rows(shape: str, sizes: Sequence[int], words: Sequence[str], folder: Path) -> Iterator[str]:
    """A Markdown table: a row for each size, a column for each word."""
    yield f"| {shape} | lines | reading, s | " + " | ".join(f"{word}, s | MiB" for word in words)
    yield "|---:|---:|---:|" + "---:|---:|" * len(words)
    older: dict[str, tuple[int, float]] = {}
    for size in sizes:
        log = folder / "error.log"
        # By another program: what this one has in memory would count as the words'.
        maker = get_context("spawn").Process(target=_write, args=(log, shape, size))
        maker.start()
        maker.join()
        lines, read_s = reading_s(log)
        cells = []
        for word in words:
            run = measured(word, log, folder)
            grown = ""
            if word in older:
                before, cpu_s = older[word]
                grown = f" ({math.log(run.cpu_s / cpu_s) / math.log(lines / before):.2f})"
            older[word] = lines, run.cpu_s
            cells.append(f"{run.cpu_s:.2f}{grown} | {run.rss_mib:,.0f}")
        yield f"| {size:,} | {lines:,} | {read_s:.2f} | " + " | ".join(cells) + " |"
    yield ""


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.clock_scaling", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--processes", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--shape", nargs="*", default=[], help="of " + ", ".join(SHAPES))
    parser.add_argument("--word", nargs="*", default=["clocks"], choices=list(_WORDS))
    parser.add_argument(
        "--hostile", action="store_true", help="forged logs: the number is of lines"
    )
    given = parser.parse_args()
    shm = Path("/dev/shm")
    shapes = given.shape or list(HOSTILE if given.hostile else SHAPES)
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        for shape in shapes:
            for line in rows(shape, given.processes, given.word, Path(folder)):
                print(line)
                sys.stdout.flush()


if __name__ == "__main__":
    main()
