"""Judging: takes mutants in a copy of the tree, forks one warm process for each, tells its verdict.

Started as a program in the copy: every module and test is loaded once, then each child switches
one mutant on and runs the tests that judge it until one fails.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Sequence

import pytest

from tests.mutants.judges import SLOW

#: Seconds of processor time after which a mutant is taken to run for ever: it is noticed.
_MOST_S = 120
#: Seconds after which one is taken to wait for ever.
_LONGEST_S = 900
_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--hypothesis-seed=0")
_FAST = ("-k", " and ".join(f"not {name}" for name in SLOW))


def _judge(mutant: str, tests: Sequence[str]) -> int:
    """Exit status of the tests over a mutant, in a child: 0 if none failed."""
    child = os.fork()
    if child:
        status = os.waitpid(child, 0)[1]
        return os.waitstatus_to_exitcode(status)
    signal.alarm(_LONGEST_S)
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_S, _MOST_S))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.environ["MUTANT_UNDER_TEST"] = mutant
    try:
        os._exit(int(pytest.main([*_OPTIONS, *_FAST, *tests])))
    finally:
        os._exit(3)


def main() -> None:
    """Judge what is asked on standard input: a mutant's name and its tests, as JSON, a line each.

    Answers with the exit status of its tests, a line each.
    """
    os.environ["MUTANT_UNDER_TEST"] = ""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    pytest.main(["--collect-only", "-qqq", *_OPTIONS, *sys.argv[1:]])
    for line in sys.stdin:
        mutant, tests = json.loads(line)
        print(_judge(mutant, tests), file=answers, flush=True)


if __name__ == "__main__":
    main()
