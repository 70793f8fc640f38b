"""What a line is to a traceback follows from its start."""

from __future__ import annotations

import polars as pl

from logtool.events.joining import _STACKED
from logtool.events.kinds import (
    EXCEPTION_CODES,
    EXCEPTION_HEADS,
    IGNORED_HEADS,
    STACK_TEXTS,
    Kind,
    kinds,
    said,
)
from parsers.tracebacks import strip_prefix

SAID = {
    "": Kind.BLANK,
    "GET /shop took 3 ms": Kind.PLAIN,
    "    return deliver(order)": Kind.INDENTED,
    '  File "/srv/shop/views.py", line 31, in order': Kind.FRAME,
    "  + Exception Group Traceback (most recent call last):": Kind.HEADER,
    "  | ExceptionGroup: all (2 sub-exceptions)": Kind.GROUP,
    "  | shop.Late: no order (1 sub-exception)": Kind.GROUP,
    "  | BaseExceptionGroup: of two lines": Kind.GROUP,
    "  | ValueError: 2": Kind.MARGIN,
    "    | ExceptionGroup: inner (1 sub-exception)": Kind.MARGIN,
    "    | ValueError: 2": Kind.MARGIN,
    "Traceback (most recent call last):": Kind.HEADER,
    "During handling of the above exception, another exception occurred:": Kind.LINK,
    "ValueError: no order": Kind.FINAL,
    "shop.errors.Late": Kind.FINAL,
    "DETAIL:  Key (id)=(7) already exists.": Kind.CONTINUATION,
    "Exception ignored in: <function Shop.close>": Kind.EXCEPTION_HEAD,
    "Exception in thread Thread-1 (serve):": Kind.PYTHON_HEAD,
    "mod_wsgi (pid=7): Exception occurred processing WSGI script '/a.wsgi'.": Kind.EXCEPTION_HEAD,
    "mod_wsgi (pid=7): Callback registration for signal 15 ignored.": Kind.STACK_HEAD,
    "mod_wsgi (pid=7): Dumping stack trace for active Python threads.": Kind.DUMP_HEAD,
    "mod_wsgi (pid=7): Destroying interpreters.": Kind.PLAIN,
    "WSGI0188: Failed to do what was asked": Kind.EXCEPTION_HEAD,
    "WSGI0001: Exception occurred processing WSGI script '/a.wsgi'.": Kind.EXCEPTION_HEAD,
    "WSGI0001: [script /a.wsgi] SystemExit exception raised by it.": Kind.EXCEPTION_HEAD,
    "Thread 7 executing file \"/srv/a.py\"": Kind.DUMPED,
    "Fatal Python error: Segmentation fault": Kind.FATAL,
    "Python path configuration:": Kind.PATHS,
    "  sys.prefix = '/srv/venv'": Kind.SETTING,
    "  ]": Kind.SETTING,
    "    level = 7": Kind.INDENTED,
    "  <no Python frame>": Kind.FRAME,
    "Current thread 0x00007f0a (most recent call first):": Kind.THREAD,
    "[script /a.wsgi] ": Kind.BLANK,
    "[script /a.wsgi] Traceback (most recent call last):": Kind.HEADER,
    '[script /a.wsgi]   File "/srv/shop/views.py", line 31, in order': Kind.FRAME,
    "[script /a.wsgi]     return deliver(order)": Kind.INDENTED,
    "[script /a.wsgi] ValueError: no order": Kind.FINAL,
    "[script /a.wsgi] GET /shop took 3 ms": Kind.PLAIN,
}  # fmt: skip


def test_kinds_of_few_and_of_many() -> None:
    """Of many lines equal ones are looked at once, which changes nothing; nor does their order."""
    messages, expected = list(SAID), list(SAID.values())
    assert [Kind(kind) for kind in kinds(pl.Series("message", messages))] == expected
    for one, kind in SAID.items():
        assert kinds(pl.Series("message", [one])).tolist() == [kind]
    many = pl.Series("message", messages[::-1] * 90)
    assert kinds(many).tolist() == expected[::-1] * 90


def test_said() -> None:
    """What is said behind mod_wsgi's prefix is the same for columns as for one message."""
    heads = ("", "[script /a.wsgi] ", "[script /a.wsgi] WSGI0001: ", "WSGI0001: [script /a.wsgi] ")
    messages = [head + one for head in heads for one in SAID]
    told = pl.DataFrame({"message": messages}).select(said(pl.col("message"))).to_series()
    assert told.to_list() == [strip_prefix(one) for one in messages]


def test_texts_of_stacks() -> None:
    """Where a line must be there for an event to have several, one of a few texts is in it."""
    told = [*SAID, *(f"mod_wsgi (pid=7): {head}" for head in EXCEPTION_HEADS), *IGNORED_HEADS]
    told += [f"{code}: what" for code in EXCEPTION_CODES]
    told += ["Fatal error: 7", "Stack (most recent call last):", 'called from file "/srv/a.py"']
    told += ["mod_wsgi (pid=7): Thread 8", "Thread 0x7f (most recent call first):"]
    found = dict(zip(told, kinds(pl.Series("message", told)).tolist(), strict=True))
    stacked = [one for one, kind in found.items() if kind in _STACKED]
    assert {found[one] for one in stacked} | {Kind.PIECE} == set(_STACKED)
    assert [one for one in stacked if not any(text in one for text in STACK_TEXTS)] == []
