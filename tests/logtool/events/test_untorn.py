"""Torn tracebacks, put together again."""

from __future__ import annotations

import random
import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from logtool.events.untorn import untorn
from tests.logtool.events.torn_logs import WHOLE, by_thread

_HEAD = re.compile(
    r"^(?:\[[^]]*\] )?\[wsgi:error\] \[pid [^]]*\] (?:\[(?:client|remote) [^]]*\] )?"
)
_ADDRESS = re.compile(r"0x[0-9a-f]+")


def said(lines: list[str]) -> list[str]:
    """Messages of log lines; where an object stood in memory is another in each run."""
    return [_ADDRESS.sub("0x", _HEAD.sub("", line)) for line in lines]


def test_they_are_what_python_wrote() -> None:
    """Line by line, with carets and margins, as in the log that was not torn; no empty ones."""
    whole = Counter(filter(None, said(WHOLE.read_text("utf-8").splitlines())))
    assert Counter(line for torn in by_thread() for line in untorn(said(torn))) == whole


@given(st.lists(st.sampled_from(["", " ", "x", "Type: text", '  File "a", line 1', ": ", "  | "])))
def test_what_is_no_torn_traceback_stays(lines: list[str]) -> None:
    """Spaces and colons alone say nothing: a header or a thread's head must be there."""
    assert untorn(lines) == lines


def test_a_whole_traceback_stays() -> None:
    """Also beside empty lines."""
    lines = said(WHOLE.read_text("utf-8").splitlines())
    cut = random.Random(7).sample(range(len(lines)), 20)
    for start in sorted(cut):
        assert untorn(lines[start : start + 30]) == lines[start : start + 30]
