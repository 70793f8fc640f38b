"""`python -m tests.fuzz [TARGET …] [--seconds N]`: coverage-guided fuzzing, one target at a time.

Needs atheris (`pip install atheris`). Inputs that reach new code are gathered in
`build/fuzz/TARGET/`, where the next run begins; one that breaks a target is kept in
`tests/fuzz/corpus/TARGET/`, where the tests find it. `--keep` adds to that the fewest of those
gathered that reach together what all reach.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
GATHERED = Path(__file__).parents[2] / "build" / "fuzz"


def _atheris(name: str, *options: str) -> bool:
    """Run a target, and tell whether it held."""
    # The instrumented process grows by some 60 KB an input, the reader alone by nothing.
    bounds = ["-max_len=2000", "-timeout=20", "-rss_limit_mb=6000", "-verbosity=0"]
    command = [sys.executable, "-m", "tests.fuzz.single", name, *bounds, *options]
    return subprocess.run(command, check=False).returncode == 0


def main() -> int:
    """Fuzz the targets named, or all; gives 1 if one of them broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--keep", action="store_true", help="keep what reaches most, fuzz nothing")
    asked = parser.parse_args()
    held = True
    for name in asked.targets:
        kept, gathered = CORPUS / name, GATHERED / name
        for folder in (kept, gathered):
            folder.mkdir(parents=True, exist_ok=True)
        if asked.keep:
            options = ["-set_cover_merge=1", str(kept), str(gathered)]
        else:
            options = [f"-max_total_time={asked.seconds}", f"-artifact_prefix={kept}/"]
            options += ["-print_final_stats=1", str(gathered), str(kept)]
        well = _atheris(name, *options)
        print(f"{name}: {'held' if well else 'BROKEN'}", flush=True)
        held &= well
    return int(not held)


if __name__ == "__main__":
    sys.exit(main())
