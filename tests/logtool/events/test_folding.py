"""Folding: which lines make one event."""

from __future__ import annotations

from itertools import pairwise, zip_longest

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.events import folding
from logtool.events.folding import fold, fold_around, fold_batches
from tests.logtool.events.rows import rows

HEAD = "mod_wsgi (pid=7): Exception occurred processing WSGI script '/srv/app.wsgi'."
TRACE = [
    "Traceback (most recent call last):",
    '  File "/srv/app.wsgi", line 3, in application',
    "    boom()",
    "    ^^^^^^",
    "ValueError: bad",
]
CHAIN = [
    *TRACE,
    "",
    "During handling of the above exception, another exception occurred:",
    "",
    "Traceback (most recent call last):",
    '  File "/srv/app.wsgi", line 5, in application',
    "    wrap()",
    "KeyError: 'x'",
]
GROUP = [
    "  + Exception Group Traceback (most recent call last):",
    '  |   File "/srv/app.wsgi", line 5, in application',
    "  |     raise ExceptionGroup('all', errors)",
    "  | ExceptionGroup: all (2 sub-exceptions)",
    "  +-+---------------- 1 ----------------",
    "    | Traceback (most recent call last):",
    '    |   File "/srv/app.wsgi", line 1, in f',
    "    |     raise ValueError",
    "    | ValueError",
    "    +---------------- 2 ----------------",
    "    | KeyError: 1",
    "    +------------------------------------",
]
SYNTAX = [
    '  File "/srv/app.wsgi", line 3',
    "    a b",
    "      ^",
    "SyntaxError: invalid syntax",
]
SIGNAL = "mod_wsgi (pid=7): Callback registration for signal 15 ignored."
STACK = [
    '  File "/srv/app.wsgi", line 9, in <module>',
    "    signal.signal(signal.SIGTERM, stop)",
]
DUMP = [
    "mod_wsgi (pid=7): Dumping stack trace for active Python threads.",
    'mod_wsgi (pid=7): Thread 140 executing file "/srv/app.wsgi", line 3, in f',
    'mod_wsgi (pid=7): called from file "/srv/app.wsgi", line 9, in application.',
]
FATAL = [
    "Fatal Python error: Segmentation fault",
    "",
    "Current thread 0x00007f0 (most recent call first):",
    '  File "/srv/app.wsgi", line 3 in f',
    '  File "/srv/app.wsgi", line 9 in application',
]
UNFRAMED = [*FATAL[:3], "  <no Python frame>"]
HOMELESS = [
    "Python path configuration:",
    "  PYTHONHOME = '/x'",
    "  sys.path = [",
    "    '/x/lib/python311.zip',",
    "  ]",
    "Fatal Python error: init_fs_encoding: failed to get the Python codec",
    "Python runtime state: core initialized",
    "ModuleNotFoundError: No module named 'encodings'",
    *UNFRAMED[1:],
]
LOST = [
    "WSGI0174: [script /srv/app.wsgi] RuntimeError exception raised processing WSGI script "
    "'/srv/app.wsgi' for main interpreter of daemon process 'app'.",
    "RuntimeError: boom",
]
SCRIPTED = [f"[script /srv/app.wsgi] {line}" for line in ["ERROR:shop:failed", *TRACE]]
LONG_TEXT = [
    HEAD,
    *TRACE[:-1],
    "sqlalchemy.exc.ProgrammingError: no table",
    "LINE 1: SELECT",
    "  ^",
    "see",
]


def logged(
    messages: list[str], pid: int = 7, tid: int = 70, us: int = 0, client: str = "1.2.3.4:5"
) -> list[str]:
    """The messages as lines of one stream, some microseconds apart."""
    return [
        f"[Sun Nov 22 10:00:00.{us + 100 * i:06d} 2026] [wsgi:error] [pid {pid}:tid {tid}] "
        f"[remote {client}] {message}"
        for i, message in enumerate(messages)
    ]


def sizes(lines: list[str]) -> list[int]:
    """How many lines each event has, in order of the events' first lines."""
    return fold(rows("\n".join(lines))).group_by("event").len().sort("event")["len"].to_list()


@pytest.mark.parametrize(
    "messages",
    [
        [HEAD, *TRACE],
        [HEAD, *CHAIN],
        [HEAD, *GROUP],
        GROUP,
        ["ERROR shop: Exception on /grp [GET]", *GROUP],
        [*GROUP, *CHAIN[5:]],
        [HEAD, *SYNTAX],
        TRACE,
        CHAIN,
        [SIGNAL, *STACK],
        DUMP,
        LOST,
        SCRIPTED,
        LONG_TEXT,
        ["ERROR:root:it failed", *TRACE],
        ["Internal Server Error: /shop/", *TRACE],
        ["mod_wsgi (pid=7): Failed to exec Python script file '/srv/app.wsgi'.", HEAD, *TRACE],
        [
            "Exception ignored in: <mod_wsgi.Restricted object at 0x7f>",
            "OSError: sys.stdout access",
        ],
    ],
)
def test_one_event(messages: list[str]) -> None:
    """Head, frames and exception are one event, and the prints around them are not part of it."""
    before, after = logged(["starting"]), logged(["done"], us=900_000)
    assert sizes([*before, *logged(messages, us=1000), *after]) == [1, len(messages), 1]


def test_raw_lines_fold() -> None:
    """A traceback written straight to the log file folds, with other lines between."""
    other = logged(["hello"])
    assert sizes([*FATAL[:3], *other, *FATAL[3:]]) == [len(FATAL), 1]


@pytest.mark.parametrize(
    "crash", [FATAL, UNFRAMED, HOMELESS, HOMELESS[:-3], HOMELESS[:2] + UNFRAMED]
)
def test_crashes_in_a_row(crash: list[str]) -> None:
    """Crashes of process after process are as many events, other lines between them or not.

    So are they where one is torn apart by a line of another process.
    """
    other = logged(["hello"])
    assert sizes(crash * 3) == [len(crash)] * 3
    assert sizes([*crash, *other] * 3) == [len(crash), 1] * 3
    for cut in range(1, len(crash)):
        torn = [*crash[:cut], *other, *crash[cut:]]
        assert sizes(torn * 3) == [len(crash), 1] * 3


@pytest.mark.parametrize("head", [[], ["Fatal Python error: Aborted", ""]])
def test_dumps_in_a_row(head: list[str]) -> None:
    """A dump of several threads is one event, whatever dump without a head comes right behind."""
    alone = FATAL[2:]
    dump = [*head, "Thread 0x00007f1 (most recent call first):", *alone[1:], "", *alone]
    assert sizes([*dump, *alone, *dump[len(head) :]]) == [
        len(dump), len(alone), len(dump) - len(head)
    ]  # fmt: skip


def test_interleaved_streams() -> None:
    """Two threads' tracebacks written line by line in turn are two events."""
    one, two = logged([HEAD, *TRACE], tid=1), logged([HEAD, *TRACE], tid=2, client="9.9.9.9:9")
    mixed = [line for pair in zip(one, two, strict=True) for line in pair]
    assert sizes(mixed) == [6, 6]


def test_two_in_a_row() -> None:
    """Two tracebacks of one thread, one after the other, stay two events."""
    assert sizes(logged([HEAD, *TRACE, HEAD, *TRACE, *TRACE])) == [6, 6, 5]


def test_referer_does_not_break() -> None:
    """The referer that httpd adds to each line is no part of the text."""
    lines = [f"{line}, referer: http://x/" for line in logged([HEAD, *TRACE])]
    assert sizes(lines) == [6]


def test_printed_text_stays_apart() -> None:
    """Indented text and `name: value` lines that are no traceback are events of their own."""
    assert sizes(logged(["config:", "  a: 1", "  b: 2", "ValueError: said so", ""])) == [1] * 5


def test_print_after_a_logged_traceback_stays_apart() -> None:
    """After a traceback without mod_wsgi's head the next print is not its text."""
    assert sizes(logged([*TRACE, "retrying"])) == [5, 1]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 30), max_size=6))
def test_batches_do_not_matter(cuts: list[int]) -> None:
    """However the log is cut into batches, the events are the same."""
    one = logged([HEAD, *CHAIN, "x", SIGNAL, *STACK], tid=1)
    two = logged([*TRACE, HEAD, *GROUP, "done", *DUMP], tid=2, client="9.9.9.9:9")
    longest = max(len(one), len(two))
    mixed = [line for i in range(longest) for line in (one[i : i + 1] + two[i : i + 1])]
    whole = rows("\n".join(mixed))
    edges = sorted({0, whole.height, *(min(cut, whole.height) for cut in cuts)})
    batches = [whole[a:b] for a, b in pairwise(edges)]
    parts = pl.concat(list(fold_batches(batches))).sort("row")
    assert fold(whole)["event"].to_list() == parts["event"].to_list()


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 60), max_size=6))
def test_around_gives_the_same_events(cuts: list[int]) -> None:
    """Folding only around some lines gives their events whole, each once, however it is cut."""
    one = logged([HEAD, *CHAIN, "x", SIGNAL, *STACK, *TRACE], tid=1)
    two = logged(["hello", HEAD, *GROUP, "done", *DUMP, SIGNAL, *STACK], tid=2, client="9.9.9.9:9")
    mixed = [line for pair in zip_longest(one, two) for line in pair if line]
    whole = rows("\n".join(mixed * 4)).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int64))
    edges = sorted({0, whole.height, *(min(cut * 3, whole.height) for cut in cuts)})
    batches = [whole[a:b] for a, b in pairwise(edges)]
    asked = pl.col("message").str.contains("KeyError: 'x'|Callback")
    events = fold(whole).filter(asked)["event"]
    expected = fold(whole).filter(pl.col("event").is_in(events.implode()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "_ROWS_AT_ONCE", 30)
        found = pl.concat(list(fold_around(batches, asked))).sort("row")
    assert expected.equals(found.select(expected.columns))
