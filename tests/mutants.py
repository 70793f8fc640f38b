"""`python -m tests.mutants [--each N]`: breaks the code in small ways, counts what tests notice.

mutmut makes the mutants and runs the tests that reach each; what is mutated, and by which tests it
is judged, is in pyproject.toml (`[tool.mutmut]`). All of them take a day of one core; a sample of
each module, drawn by a seed, tells about as much. Survivors are shown by `mutmut show NAME`.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MADE = ROOT / "mutants"
#: pytest's exit status over a mutant: tests that fail have noticed it.
_UNNOTICED = (0, 33)


def _mutmut(*words: str, quiet: bool = False) -> None:
    program = str(Path(sys.executable).with_name("mutmut"))
    subprocess.run([program, *words], cwd=ROOT, check=False, capture_output=quiet)


def _verdicts() -> dict[str, dict[str, int | None]]:
    """By module: each mutant's name, and the status of the tests that judged it."""
    found = {}
    for path in sorted(MADE.rglob("*.py.meta")):
        verdicts = json.loads(path.read_text())["exit_code_by_key"]
        if verdicts:
            found[str(path.relative_to(MADE)).removesuffix(".meta")] = verdicts
    return found


def main() -> None:
    """Judge a sample, and print a table of modules."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--each", type=int, default=24, help="mutants of each module; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    _mutmut("run", "none", quiet=True)  # makes them all, and fails to find one of that name
    chance = random.Random(asked.seed)
    chosen = {
        module: chance.sample(sorted(names), min(asked.each or len(names), len(names)))
        for module, names in _verdicts().items()
    }
    _mutmut("run", *(name for names in chosen.values() for name in names))
    verdicts = _verdicts()
    judged = killed = 0
    for module, names in chosen.items():
        told = [status for name in names if (status := verdicts[module].get(name)) is not None]
        noticed = sum(status not in _UNNOTICED for status in told)
        judged, killed = judged + len(told), killed + noticed
        print(f"{module}: {noticed} of {len(told)} noticed, {len(verdicts[module])} made")
    print(f"all: {killed} of {judged}")
    for module, names in chosen.items():
        for name in names:
            if verdicts[module].get(name) in _UNNOTICED:
                print(f"unnoticed: {name}")


if __name__ == "__main__":
    main()
