"""Whether a table of logs larger than memory can be written: its peak memory at several sizes.

    python -m benchmarks.scan_memory --mib 512 1024 2048

Each size is written with `sink_parquet` by a process of its own, from a log and to a file in memory
that do not count as the process's.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.__main__ import measure
from benchmarks.large_log import lives
from benchmarks.peers import Peer

_SINK = (
    "import logtool, sys; log = logtool.scan(sys.argv[1], server_tz='Europe/Berlin'); "
    "log.sink_parquet(sys.argv[2])"
)
_ROWS = (
    "import polars as pl, sys; "
    "print(pl.scan_parquet(sys.argv[1]).select(pl.len()).collect().item())"
)

PROGRAMS = (
    Peer("scan().sink_parquet()", ("{python}", "-c", _SINK, "{log}", "{folder}/log.parquet")),
    Peer(
        "errlog export -o .csv",
        ("{python}", "-m", "logtool", "export", "-q", "{log}", "-o", "{folder}/log.csv",
         "--server-tz", "Europe/Berlin"),
    ),
)  # fmt: skip


def _rows(parquet: Path) -> int:
    done = subprocess.run([sys.executable, "-c", _ROWS, parquet], capture_output=True, check=True)
    return int(done.stdout)


def main() -> None:
    """Print a row for each size and program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scan_memory", description=__doc__)
    parser.add_argument("--mib", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--only", default="", help="a word in the name of a program")
    given = parser.parse_args()
    shm = Path("/dev/shm")
    print("| log, MiB | lines | program | s | processor s | peak MiB |")
    print("|---:|---:|---|---:|---:|---:|")
    for mib in given.mib:
        with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as name:
            folder, lines = Path(name), 0
            log = folder / "error.log"
            with log.open("wb") as out:
                for text in lives(vary=True):
                    lines += text.count(b"\n")
                    out.write(text)
                    if out.tell() >= mib << 20:
                        break
            for program in PROGRAMS:
                if given.only not in program.name:
                    continue
                run = measure(program, log, folder)
                if (written := folder / "log.parquet").exists() and _rows(written) != lines:
                    raise SystemExit(f"{program.name}: not every line was written")
                for made in ("log.parquet", "log.csv"):
                    (folder / made).unlink(missing_ok=True)
                print(
                    f"| {mib} | {lines:,} | {program.name} | {run.seconds:.1f} | {run.cpu_s:.1f} "
                    f"| {run.rss_mib:,.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
