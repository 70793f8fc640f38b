"""A mistake of ours, and what ends work in the background, in one line for people."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from logtool import __version__
from logtool.errors import ReadError
from logtool.mistakes import fault_of_work, mistake
from logtool.people.terminal import pointed, safe


def raised(by: Callable[[], object]) -> Exception:
    """What is raised by a call, with where it came through."""
    with pytest.raises((AttributeError, TypeError, ValueError)) as caught:
        by()
    return caught.value


def test_the_last_place_in_errlog_is_told() -> None:
    """Not a place in a library that it called, nor that of who called it in errlog."""
    fault = raised(lambda: pointed(["a"], 1))  # type: ignore[arg-type]
    traceback = fault.__traceback__
    assert traceback
    while traceback.tb_next:
        traceback = traceback.tb_next
    told = mistake(fault)
    assert told.startswith(f"a mistake in errlog {__version__}: {type(fault).__name__}: ")
    assert told.count(" in logtool/") == 1
    assert told.endswith(
        f" in logtool/people/terminal.py:{traceback.tb_lineno}; please report it "
        "(ERRLOG_TRACEBACK=1 tells more)"
    )


def test_no_place_where_none_is_ours() -> None:
    """As where a library calls us back."""
    told = mistake(raised(lambda: json.loads("{")))
    assert ".py:" not in told


def test_text_is_one_short_line_that_cannot_act() -> None:
    """Whatever the exception says."""
    told = mistake(ValueError("a\x1b[2J\n  b" + "x" * 300))
    assert f": ValueError: a{safe(chr(27))}[2J b{'x' * 193};" in told


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (ReadError("error.log: gone"), "error.log: gone"),
        (OSError(5, "Input/output error"), "[Errno 5] Input/output error"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_what_was_foreseen_speaks_for_itself(fault: Exception, told: str) -> None:
    """Only what nobody thought of is a mistake."""
    assert fault_of_work(fault) == told
    assert fault_of_work(KeyError(9)).startswith("a mistake in errlog")
