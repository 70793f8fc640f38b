"""`python -m tests.mutants [MODULE …] [--each N]`: breaks the code, counts what tests notice.

mutmut makes the mutants, all of a module in one file, of which one is switched on at a time. A
sample of each module, drawn by a seed, is judged by the fast tests near it (`judges.py`). What
survives is shown as a difference; it is noticed by slower tests, or by none, or nothing that can be
seen has changed.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from mutmut.mutation.file_mutation import MutatedFile, mutate_file_contents

from tests.mutants.judges import FOLDERS, judges
from tests.places import ROOT

COPY = ROOT / "build" / "mutants"


@dataclass(frozen=True)
class Mutant:
    """A function broken in one way.

    Attributes:
        module: the path of its module.
        name: what mutmut calls it.
        change: its lines beside those of the original, as a difference.
    """

    module: str
    name: str
    change: str

    @property
    def switch(self) -> str:
        """What switches it on."""
        dotted = self.module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return f"{dotted}.{self.name}"


def _change(name: str, made: MutatedFile) -> str:
    """The lines of a mutant that differ from those of the original."""
    lines = made.code.splitlines()
    original = name.partition("__mutmut_")[0] + "__mutmut_orig"
    spans = (made.line_span_by_function_name[one] for one in (original, name))
    old, new = (lines[span.start - 1 : span.end] for span in spans)
    told = difflib.unified_diff(old, new, n=0, lineterm="")
    return "\n".join(
        line
        for line in told
        if not line.startswith(("---", "+++", "@@")) and "__mutmut" not in line
    )


def _broken(modules: Sequence[str], each: int, seed: int) -> list[Mutant]:
    """A sample of each module's mutants, which are in the copy afterwards."""
    shutil.rmtree(COPY, ignore_errors=True)
    for folder in ("parsers", "logtool", "tests", "benchmarks", "sample_logs"):
        shutil.copytree(ROOT / folder, COPY / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / file, COPY / file)
    chosen = []
    for module in modules:
        made = mutate_file_contents(module, (ROOT / module).read_text())
        (COPY / module).write_text(made.code)
        names = sorted(made.mutant_names)
        # By the name, so that one module more leaves the samples of others as they are.
        sample = random.Random(f"{module} {seed}").sample(
            names, min(each or len(names), len(names))
        )
        chosen += [Mutant(module, name, _change(name, made)) for name in sample]
    return chosen


def _verdicts(mutants: Sequence[Mutant]) -> Iterator[tuple[Mutant, int]]:
    """Each mutant with the exit status of its judges."""
    by_module = {one.module: judges(one.module, COPY) for one in mutants}
    every = sorted({test for tests in by_module.values() for test in tests})
    command = [sys.executable, "-m", "tests.mutants.judging", *every]
    # Programs that a test starts elsewhere are of the copy too.
    env = {**os.environ, "PYTHONPATH": str(COPY)}
    with subprocess.Popen(
        command, cwd=COPY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL, env=env,
    ) as ran:  # fmt: skip
        assert ran.stdin is not None
        assert ran.stdout is not None

        def status(switch: str, tests: Sequence[str]) -> int:
            assert ran.stdin is not None
            assert ran.stdout is not None
            print(json.dumps([switch, tests]), file=ran.stdin, flush=True)
            return int(ran.stdout.readline())

        assert status("", every) == 0, "the judges fail where nothing is broken"
        for one in mutants:
            yield one, status(one.switch, by_module[one.module])
        ran.stdin.close()


def main() -> None:
    """Judge a sample, and print a table of modules and what nobody noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help="paths; all if none is named")
    parser.add_argument("--each", type=int, default=6, help="mutants of each module; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    modules = asked.modules or sorted(
        str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")
    )
    every: list[bool] = []
    for module, some in groupby(
        _verdicts(_broken(modules, asked.each, asked.seed)), lambda pair: pair[0].module
    ):
        noticed = []
        for one, status in some:
            noticed.append(status != 0)
            if not status:
                print(f"unnoticed: {one.switch}\n{one.change}", flush=True)
        print(f"{module}: {sum(noticed)} of {len(noticed)} noticed", flush=True)
        every += noticed
    print(f"all: {sum(every)} of {len(every)}")


if __name__ == "__main__":
    main()
