"""`python -m benchmarks`: times errlog and its peers on one log, prints a table with ratios."""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.large_log import large_log
from benchmarks.peers import PEERS, Peer
from benchmarks.troubled_log import troubled_log


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program.

    Attributes:
        seconds: from start to end.
        cpu_s: seconds of processors, user and system.
        rss_mib: most memory at once.
    """

    seconds: float
    cpu_s: float
    rss_mib: float


def measure(peer: Peer, log: Path, folder: Path) -> Run:
    """Run a peer once."""
    named = {"{log}": str(log), "{gz}": f"{log}.gz", "{python}": sys.executable}
    command = [named.get(part, part.replace("{folder}", str(folder))) for part in peer.command]
    environment = os.environ | {"HOME": str(folder), "LC_ALL": "C"}
    # As installed programs are: compiled once, not at every start.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    target = folder / "out" if peer.to_file else Path(os.devnull)
    with target.open("wb") as out:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
    assert process.stderr is not None
    said = process.stderr.read().decode()
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in peer.fine:
        raise SystemExit(f"{peer.name} failed with {process.returncode}: {said[-500:]}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def compress(log: Path) -> None:
    """Make the compressed copy of a log, once."""
    packed, unfinished = Path(f"{log}.gz"), Path(f"{log}.part")
    if not packed.exists():
        with unfinished.open("wb") as out:
            subprocess.run(["gzip", "-c", str(log)], stdout=out, check=True)
        unfinished.rename(packed)


def bench(
    size: int, runs: int, wanted: Sequence[str], every: int = 0
) -> list[tuple[Peer, list[Run]]]:
    """Every peer in turn, as many rounds as asked for, on a log in the page cache."""
    log = troubled_log(size, every) if every else large_log(size)
    peers = [p for p in PEERS if p.program == "{python}" or shutil.which(p.program)]
    peers = [p for p in peers if not wanted or any(word in p.name for word in wanted)]
    peers = [p for p in peers if size <= p.most_bytes]
    if any("{gz}" in peer.command for peer in peers):
        compress(log)
    results: dict[str, list[Run]] = {peer.name: [] for peer in peers}
    # tmpfs where there is one: a disk would be measured otherwise
    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        for _ in range(runs):
            for peer in peers:
                results[peer.name].append(measure(peer, log, Path(folder)))
    return [(peer, results[peer.name]) for peer in peers]


def table(size: int, results: Sequence[tuple[Peer, list[Run]]]) -> str:
    """A Markdown table of medians; ratios are to `errlog normalize`."""
    lines = [
        f"{size >> 20} MiB, median of {len(results[0][1])}",
        "",
        "| program | s | MB/s | x errlog | processor s | peak MiB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    own = statistics.median(run.seconds for run in results[0][1])
    for peer, runs in results:
        seconds = statistics.median(run.seconds for run in runs)
        cpu_s = statistics.median(run.cpu_s for run in runs)
        rss = max(run.rss_mib for run in runs)
        lines.append(
            f"| {peer.name} | {seconds:.2f} | {size / seconds / 1e6:,.0f} | {seconds / own:.2f} "
            f"| {cpu_s:.2f} | {rss:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--mib", type=int, nargs="+", default=[10, 256], help="sizes of the log")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="words in the names of programs")
    parser.add_argument(
        "--troubled", type=int, default=0, metavar="N",
        help="a known problem follows every Nth thing a daemon says",
    )  # fmt: skip
    given = parser.parse_args()
    for mib in given.mib:
        results = bench(mib << 20, given.runs, given.only, given.troubled)
        print(table(mib << 20, results), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
