"""A report of rotated members, beside the time that decompressing and counting them takes.

    python -m benchmarks.rotated --members 30 --mib 100

Makes a rotated set as logrotate leaves it (the newest two plain, the others gzip's) in memory, and
runs both in turn in one sitting. The aim is 1.5 times the seconds of the first row.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.__main__ import Run, measure
from benchmarks.large_log import lives
from benchmarks.peers import Peer

#: Members that logrotate has not compressed yet.
_PLAIN = 2

COUNT = Peer("gzip -dcf, wc -l", ("sh", "-c", 'gzip -dcf "$0"/* | wc -l', "{log}"))
PROGRAMS = (
    COUNT,
    Peer(
        "errlog report",
        ("{python}", "-m", "logtool", "report", "-q", "--server-tz", "Europe/Berlin", "{log}"),
    ),
    Peer(
        "errlog report -o report.html",
        ("{python}", "-m", "logtool", "report", "-q", "--server-tz", "Europe/Berlin", "{log}",
         "-o", "{folder}/report.html"),
    ),
)  # fmt: skip


def make_members(folder: Path, members: int, size: int) -> None:
    """Write so many members of about `size` bytes each, the oldest first."""
    texts = lives(vary=True)
    for number in reversed(range(members)):
        name = "error.log" + (f".{number}" if number else "")
        with (folder / name).open("wb") as out:
            while out.tell() < size:
                out.write(next(texts))
        if number >= _PLAIN:
            subprocess.run(["gzip", str(folder / name)], check=True)


def rows(results: dict[str, list[Run]], size: int) -> Iterator[str]:
    """A Markdown table of medians; ratios are to decompressing and counting."""
    yield "| program | s | x count | processor s | x count | MB/s | peak MiB |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    base = [
        statistics.median(value)
        for value in zip(*((run.seconds, run.cpu_s) for run in results[COUNT.name]), strict=True)
    ]
    for name, runs in results.items():
        seconds = statistics.median(run.seconds for run in runs)
        cpu_s = statistics.median(run.cpu_s for run in runs)
        yield (
            f"| {name} | {seconds:.2f} | {seconds / base[0]:.2f} | {cpu_s:.2f} "
            f"| {cpu_s / base[1]:.2f} | {size / seconds / 1e6:,.0f} "
            f"| {max(run.rss_mib for run in runs):,.0f} |"
        )


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rotated", description=__doc__)
    parser.add_argument("--members", type=int, default=6)
    parser.add_argument("--mib", type=int, default=50, help="size of each, not compressed")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        logs, out = Path(folder, "logs"), Path(folder, "out")
        logs.mkdir()
        out.mkdir()
        make_members(logs, given.members, given.mib << 20)
        results: dict[str, list[Run]] = {program.name: [] for program in PROGRAMS}
        for _ in range(given.runs):
            for program in PROGRAMS:
                results[program.name].append(measure(program, logs, out))
    print(f"{given.members} members of {given.mib} MiB, median of {given.runs}\n")
    print("\n".join(rows(results, given.members * (given.mib << 20))))


if __name__ == "__main__":
    main()
