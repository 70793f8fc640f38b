"""What `errlog` does before it does anything."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from logtool.preparing import DOCS, UNASKED

_LOADED = """
import sys
from logtool.preparing import prepare
prepare()
import numpy, polars
assert not any(hasattr(sys.modules[name], "__file__") for name in sys.argv[1:])
right = numpy.add(1, 2) == 3, polars.Series([1]).to_numpy().sum() == 1
print(*map(bool, right), numpy.zeros.__doc__)
"""


def test_docs_are_where_numpy_has_them() -> None:
    """What is left out of numpy is there: if it has moved, nothing is left out any more."""
    assert all(find_spec(name) is not None for name in DOCS)


@pytest.mark.parametrize("name", UNASKED)
def test_what_nobody_asks_for_is_where_polars_has_it(name: str) -> None:
    """What is left out of polars is there, and loaded with it: else nothing is spared."""
    loaded = "import sys, polars; print(sys.modules[sys.argv[1]].__file__)"
    told = subprocess.run(
        [sys.executable, "-c", loaded, name], check=True, capture_output=True, text=True
    )
    assert told.stdout.strip().endswith("__init__.py")


def test_numpy_works_without_docs() -> None:
    """Its functions work, also for polars, and explain nothing."""
    told = subprocess.run(
        [sys.executable, "-c", _LOADED, *UNASKED], check=True, capture_output=True, text=True
    )
    assert told.stdout == "True True None\n"
