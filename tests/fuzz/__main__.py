"""`python -m tests.fuzz [TARGET …] [--seconds N]`: coverage-guided fuzzing, one target at a time.

Needs atheris (`pip install atheris`). New inputs are gathered in a temporary folder; one that
breaks a target is kept in `tests/fuzz/corpus/TARGET/`, where the tests find it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"

_ONE = """
import sys
import atheris
with atheris.instrument_imports(include=["parsers", "logtool"]):
    from tests.fuzz.targets import TARGETS
target = TARGETS[sys.argv.pop(1)]
atheris.Setup(sys.argv, target)
atheris.Fuzz()
"""


def main() -> int:
    """Fuzz the targets named, or all; gives 1 if one of them broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    asked = parser.parse_args()
    broken = False
    for name in asked.targets:
        kept = CORPUS / name
        kept.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as gathered:
            options = [f"-max_total_time={asked.seconds}", "-max_len=2000", "-timeout=20"]
            # The instrumented process grows by some 60 KB an input, the reader alone by nothing.
            options += ["-rss_limit_mb=6000"]
            options += [f"-artifact_prefix={kept}/", "-verbosity=0", "-print_final_stats=1"]
            command = [sys.executable, "-c", _ONE, name, *options, gathered, str(kept)]
            ran = subprocess.run(command, check=False)
        print(f"{name}: {'BROKEN' if ran.returncode else 'held'}")
        broken |= ran.returncode != 0
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
