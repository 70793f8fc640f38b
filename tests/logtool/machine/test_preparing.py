"""What `errlog` does before it does anything."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

from logtool.machine.preparing import DOCS

_LOADED = """
import sys
from logtool.machine.preparing import prepare
prepare()
import numpy, polars
right = numpy.add(1, 2) == 3, polars.Series([1]).to_numpy().sum() == 1
print(*map(bool, right), numpy.zeros.__doc__)
"""


def test_docs_are_where_numpy_has_them() -> None:
    """What is left out of numpy is there: if it has moved, nothing is left out any more."""
    assert all(find_spec(name) is not None for name in DOCS)


def test_numpy_works_without_docs() -> None:
    """Its functions work, also for polars, and explain nothing."""
    told = subprocess.run(
        [sys.executable, "-c", _LOADED], check=True, capture_output=True, text=True
    )
    assert told.stdout == "True True None\n"
