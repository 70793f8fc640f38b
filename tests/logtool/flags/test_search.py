"""Search: what is found the fast way is what every rule finds when asked about every line."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.clocks.options import ClockOptions
from logtool.clocks.table import ClockTable
from logtool.events.folding import fold
from logtool.flags import search
from logtool.flags.befallen import told_of
from logtool.flags.engine import EVENT_COLUMNS, TESTED_COLUMNS, Engine
from logtool.flags.finding import Finding
from logtool.flags.findings import Flagger
from logtool.flags.not_before import with_bounds
from logtool.flags.rule import Rule, parse_rules, shipped_rules
from logtool.flags.search import find_flags
from logtool.flags.wsgi_codes import default_rules
from logtool.frame.reading import frames
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import Log
from logtool.sources.opening import open_sources
from parsers.blocks import Block, cut_blocks

RULES = tuple(rule for rule in default_rules() if not rule.clock)
HEAD = "mod_wsgi (pid=7): Exception occurred processing WSGI script '/srv/app.wsgi'."
TRACE = [
    "Traceback (most recent call last):",
    '  File "/srv/app.wsgi", line 3, in application',
    "    boom()",
]
ENDS = [
    *("ValueError: bad", "MemoryError", "OSError: sys.stdout access restricted by mod_wsgi"),
    *("EOFError: EOF when reading a line", "django.db.utils.OperationalError: x"),
    "PermissionError: [Errno 13] Permission denied: '/srv/x'",
]
JUNK = [
    *("", "hello", "  indented", "Not Found: /MemoryError", "MemoryError\xe9", "a: b: c", "WSGI"),
    *("AH00035", "AH0", "mod_wsgi", "mod_wsgi (pid=7", "[script /a] x", "  | MemoryError"),
    "[script /srv/a] MemoryError: x",
    "  + Exception Group Traceback (most recent call last):",
    "x" * 300 + "Error: y",
    "KeyError: 'No module named '",
]
MESSAGES = [line for rule in shipped_rules() for sample in (*rule.hits, *rule.misses)
            for line in sample.split("\n")]  # fmt: skip


def stamped(message: str, number: int, pid: int, module: str) -> str:
    """A line of the built-in format; a sample of a rule keeps what it is, in its process."""
    if message.startswith("["):
        return message
    time = datetime(2026, 11, 22, 10, tzinfo=UTC) + timedelta(milliseconds=7 * number)
    return (
        f"[{time:%a %b %d %H:%M:%S.%f %Y}] [{module}:error] [pid {pid}:tid {pid}] "
        f"[remote 10.0.0.{pid}:48334] {message}"
    )


TEXTS = st.one_of(
    st.sampled_from(MESSAGES).map(lambda line: [line]),
    st.sampled_from(JUNK).map(lambda line: [line]),
    st.sampled_from(ENDS).map(lambda end: [HEAD, *TRACE, end]),
    st.sampled_from(ENDS).map(lambda end: [*TRACE, end]),
)
SPEECH = st.tuples(TEXTS, st.integers(1, 3), st.sampled_from(["wsgi", "core", "ssl"]))


@st.composite
def logs(draw: st.DrawFn) -> bytes:
    """Some processes that speak at once."""
    queues: dict[int, list[tuple[str, str]]] = {}
    for texts, pid, module in draw(st.lists(SPEECH, max_size=12)):
        queues.setdefault(pid, []).extend((text, module) for text in texts)
    lines: list[str] = []
    while queues:
        pid = draw(st.sampled_from(sorted(queues)))
        message, module = queues[pid].pop(0)
        lines.append(stamped(message, len(lines), pid, module))
        if not queues[pid]:
            del queues[pid]
    return "".join(f"{line}\n" for line in lines).encode("latin-1", "replace")


#: A daemon tells of a fault, and Apache that a process of that pid has died.
_OF_A_DAEMON = (
    b"[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid 14666:tid 14697] "
    b"[remote 127.0.0.1:48334] PermissionError: [Errno 13] Permission denied: '/srv/app/data.db'\n"
    b"[Sun Nov 22 14:26:42.534839 2026] [core:notice] [pid 14606:tid 14606] AH00052: "
    b"child pid 14666 exit signal Segmentation fault (11)\n"
)


@contextmanager
def opened(text: bytes) -> Iterator[tuple[list[Log], ClockTable]]:
    """A log, and its clocks."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "error.log"
        path.write_bytes(text)
        with open_sources([str(path)], 1 << 30) as sources:
            logs = open_logs(sources)
            options = ClockOptions("UTC", (), None, (), (), neighbours=False)
            table = find_clocks(logs, options)
        with open_sources([str(path)], 1 << 30) as sources:
            yield open_logs(sources), table


def found_slowly(logs: list[Log], table: ClockTable, rules: tuple[Rule, ...]) -> list[Finding]:
    """Fold all lines, ask every rule about each."""
    parts = list(frames(logs, table, (*EVENT_COLUMNS, *TESTED_COLUMNS)))
    if not parts:
        return []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "candidates", lambda _, folded: folded)
        patch.setattr(Engine, "may_hold", lambda _: pl.lit(value=True))
        flagger = Flagger(rules)
        flagger.add(fold(pl.concat(parts)))
        return told_of(with_bounds(flagger.findings(), logs, table), table, rules)


def small_blocks(size: int, logs: list[Log]) -> Iterator[tuple[Log, Block]]:
    """The blocks of logs, cut smaller."""
    for log in logs:
        whole = b"".join(block.data[: block.size].tobytes() for block in log.source.blocks())
        for block in cut_blocks([whole[at : at + size] for at in range(0, len(whole), size)], size):
            yield log, block


@settings(deadline=None, max_examples=40)
@example(_OF_A_DAEMON, 1000)
@given(logs(), st.sampled_from([1000, 3000, 4 << 20]))
def test_nothing_is_missed(text: bytes, size: int) -> None:
    """The sieve, the neighbourhoods and the borders of blocks change no finding."""
    with opened(text) as (logs, table), pytest.MonkeyPatch.context() as patch:
        expected = found_slowly(logs, table, RULES)
        patch.setattr(search, "blocks_of", partial(small_blocks, size))
        assert find_flags(logs, table, RULES) == expected


OWN = """
[[rule]]
id = "own"
title = "Own"
severity = "notice"
when = {when}
cause = "?"
cure = "?"
see = "?"
hits = []
misses = []
"""


@pytest.mark.parametrize(
    "when",
    [
        "{ regex = 'l+o$' }",
        "{ regex = '^x|llo' }",
        "{ regex = '(?:^|: )hello' }",
        "{ regex = '(?i)HELLO' }",
        "{ regex = '.' }",
        "{ contains = ['ell', 'zz'] }",
        "{ message = ['hell'] }",
        "{ says = ['hello'] }",
        "{ exception = ['Fehler'], exception_text = '(?:^|x)hello' }",
    ],
)
def test_own_rules(when: str) -> None:
    """Rules of users find the fast way what they say, however wide they are."""
    rules = parse_rules(OWN.replace("{when}", when), "own.toml")
    said = [
        *("hello", "mod_wsgi (pid=7): hello", "[script /srv/a] hello", "  | hello"),
        *("app.Fehler: hello", "\xe4 hello", "nothing"),
    ]
    lines = [stamped(message, number, 7, "wsgi") for number, message in enumerate(said)]
    text = "\n".join(lines).encode("latin-1")
    with opened(text) as (logs, table):
        found = find_flags(logs, table, rules)
        assert found
        assert found == found_slowly(logs, table, rules)


def test_a_column_that_no_rule_asks_for_may_be_missing() -> None:
    """`errlog view` reads fewer columns than `errlog flags`."""
    text = "".join(f"{stamped(one, at, 1, 'wsgi')}\n" for at, one in enumerate([*TRACE, ENDS[1]]))
    engine = Engine(shipped_rules())
    with opened(text.encode()) as (logs, table):
        (part,) = frames(logs, table, (*EVENT_COLUMNS, *TESTED_COLUMNS))
    folded = fold(part)

    assert engine.hits(folded.drop("client_marker")).equals(engine.hits(folded))
    assert engine.hits(folded).height
