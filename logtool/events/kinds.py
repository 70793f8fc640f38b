"""Kinds: take messages, say what each line is to a traceback. Only looks at the start of a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.frame.python_text import unscripted
from parsers.wsgi_prefix import PREFIX

#: mod_wsgi's own words before a Python traceback (apache.md B3: all versions), after its prefix.
EXCEPTION_HEADS = (
    "Exception occurred processing WSGI script",
    "Exception occurred within",
    "SystemExit exception raised",
    "Failed to exec Python script file",
    "Target WSGI script '",
    "Could not read/compile source file",
    "Failed to parse WSGI script file",
    "Failed to parse Python script file",
    "Failed to import handler via Python module reference",
    "Call to 'site.addsitedir()' failed",
)

#: The same in mod_wsgi 6: codes of lines that Python's traceback follows.
EXCEPTION_CODES = (
    *("WSGI0088", "WSGI0091", "WSGI0097", "WSGI0098", "WSGI0105", "WSGI0106", "WSGI0107"),
    *("WSGI0108", "WSGI0109", "WSGI0110", "WSGI0112", "WSGI0130", "WSGI0131", "WSGI0174"),
    *("WSGI0175", "WSGI0188", "WSGI0189", "WSGI0190", "WSGI0194"),
)

#: mod_wsgi's words before a stack without a header (`traceback.print_stack`).
STACK_HEADS = (
    "Callback registration for signal",
    "Ignoring Python signal handler registration",
)

#: Words of Python and its frameworks before a traceback.
PYTHON_HEADS = (
    "Exception in thread ",
    "Exception on ",
    "Internal Server Error: ",
    "Error in atexit._run_exitfuncs:",
    "Error in sys.excepthook:",
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "Unhandled exception",
    "--- Logging error ---",
)

#: The same where the exception may follow without a traceback.
IGNORED_HEADS = ("Exception ignored ",)

#: Lines between two stacks of one event.
LINKS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
    "Call stack:",
    "Original exception was:",
)

#: First words of lines that go on with an exception's text when nothing else says so: databases,
#: SQLAlchemy, pydantic, logging's handleError.
CONTINUATIONS = (
    *("DETAIL:", "HINT:", "CONTEXT:", "LINE ", "QUERY:", "STATEMENT:", "[SQL:", "[parameters:"),
    *("(Background on this error", "Message: ", "Arguments: ", "For further information"),
)


class Kind(IntEnum):
    """What a line is to a traceback.

    Where Python does not find its library, a FATAL line follows PATHS and SETTINGs; any other FATAL
    line begins a crash. Else a SETTING is like what is INDENTED. Of torn lines (see `torn`), VALUE
    goes on with a FINAL one, END is behind its text, any other is a PIECE.
    """

    PLAIN = 0
    EXCEPTION_HEAD = 1
    STACK_HEAD = 2
    PYTHON_HEAD = 3
    HEADER = 4
    FRAME = 5
    INDENTED = 6
    LINK = 7
    BLANK = 8
    FINAL = 9
    CONTINUATION = 10
    DUMP_HEAD = 11
    DUMPED = 12
    FATAL = 13
    THREAD = 14
    MARGIN = 15
    PATHS = 16
    SETTING = 17
    GROUP = 18
    PIECE = 19
    VALUE = 20
    END = 21


#: Lines that say nothing but that they go on.
INDENTED = (Kind.INDENTED, Kind.SETTING)
#: Lines of an exception group: GROUP is `Type: text` of the outermost one.
MARGINS = (Kind.MARGIN, Kind.GROUP)
#: Lines that may tell which exception was raised.
RAISED = (Kind.FINAL, Kind.GROUP)
#: Lines that may say anything.
TALK = (Kind.PLAIN, Kind.FINAL)
#: Lines of these kinds make no stack by themselves.
HARMLESS = (*TALK, Kind.BLANK, *INDENTED, *MARGINS)


#: To look at so many messages takes less time than to find equal ones among them.
_FEW = 500

_TYPE = r"^[A-Za-z_][A-Za-z0-9_.<>]*(?:: |:?$)"
#: What stands before the lines of the outermost exception group, and its `Type: text`.
MARGIN = "  | "
_GROUP = r"^  \| [A-Za-z_][\w.<>]*(?:Group: |: .*\(\d+ sub-exceptions?\)$)"
_SYNTAX = r"^(?:SyntaxError|IndentationError|TabError):"
_HEADERS = ("Traceback (most recent call last):", "Stack (most recent call last):")
_FAULTS = ("Fatal Python error", "Fatal error:")
#: What Python prints, before it says which error is fatal, where it does not find its library; and
#: lines of that, which may be the last one (pylifecycle.c and pathconfig.c, _Py_DumpPathConfig).
_PATHS = "Python path configuration:"
_LAST_SETTING = "  ]"
#: What stands for the frames of a thread that runs no Python (traceback.c, dump_traceback).
_NO_FRAME = "  <no Python frame>"
#: Every line of one of the kinds `joining._STACKED` holds one of these, or one before it in its
#: stream, where it is a PIECE.
STACK_TEXTS = (
    *(*EXCEPTION_HEADS, *EXCEPTION_CODES, *IGNORED_HEADS, *_HEADERS, *_FAULTS, _PATHS),
    *(_NO_FRAME, "  File ", "hread 0x", "Thread ", "called from file ", "Exception in thread "),
)
_DUMPED = r'^(?:Thread -?\d+ executing|called from) file "'
_THREAD = r"^(?:Current thread|Thread) 0x[0-9a-f]+"


#: Every line that is not PLAIN, BLANK, INDENTED or FINAL starts so. (Rust's regex compiles it into
#: one automaton that gives up at the first byte that does not fit: cheaper than any list of tests.)
_WORDS = (
    "^(?:"
    + "|".join(
        (
            r"\[script |mod_wsgi[ :(]|WSGI\d|Dumping stack|(?:Current thread|Thread) 0x",
            r'(?:Thread -?\d+ executing|called from) file "',
            *map(re.escape, (*_HEADERS, *LINKS, *CONTINUATIONS, *IGNORED_HEADS, *PYTHON_HEADS)),
            *map(re.escape, (*STACK_HEADS, *_FAULTS, _PATHS)),
        )
    )
    + ")"
)


def kinds(messages: pl.Series) -> NDArray[np.int8]:
    """What each message is to a traceback: int8[n] of `Kind`.

    FINAL only says that a line could be an exception's last line (`Type: text`): many lines could.
    """
    lines = messages.to_frame("message")
    asked_of_all, closely = _tests()
    looks = lines.select(asked_of_all)
    answer = np.where(looks["final"].to_numpy(), Kind.FINAL, Kind.PLAIN).astype(np.int8)
    answer[looks["blank"].to_numpy()] = Kind.BLANK
    for name, text, kind in closely:
        mask = looks[name].to_numpy()
        if mask.any():
            answer[mask] = _looked_at(lines.filter(looks[name]), text, kind)
    return answer


def _looked_at(lines: pl.DataFrame, text: pl.Expr, kind: pl.Expr) -> pl.Series:
    """The kind of each message; of equal ones, where they are many, it is found out once."""
    if lines.height < _FEW:
        return lines.select(text).select(kind).to_series()
    told = lines.unique().with_columns(text).with_columns(kind)
    return lines.join(told, on="message", how="left", maintain_order="left")["kind"]


@cache
def _tests() -> tuple[list[pl.Expr], list[tuple[str, pl.Expr, pl.Expr]]]:
    """What is asked of all messages; then of those for which that holds: `text`, `kind` of that.

    To put such expressions together takes longer than to ask them of a few messages.
    """
    message, text = pl.col("message"), pl.col("text")
    asked_of_all = [
        (message == "").alias("blank"),
        message.str.starts_with("  ").alias("indented"),
        message.str.contains(_WORDS).alias("words"),
        message.str.contains(_TYPE).alias("final"),
    ]
    closely = [
        (name, told.alias("text"), kind.cast(pl.Int8).alias("kind"))
        for name, told, kind in (
            ("indented", message, _indented(text)),
            ("words", unscripted(message), _worded(text)),
        )
    ]
    return asked_of_all, closely


def said(message: pl.Expr) -> pl.Expr:
    """The message without mod_wsgi's `[script …] ` and `mod_wsgi (pid=…): ` or `WSGInnnn: `."""
    prefixed = message.str.starts_with("[script ") | message.str.starts_with("mod_wsgi")
    coded = message.str.starts_with("WSGI")
    return pl.when(prefixed | coded).then(message.str.replace(f"^{PREFIX}", "")).otherwise(message)


def _worded(text: pl.Expr) -> pl.Expr:
    own = text.str.starts_with("mod_wsgi") | text.str.starts_with("WSGI")
    return (
        pl.when(text.str.starts_with("  "))
        .then(_indented(text))
        .when(text == "")
        .then(Kind.BLANK)
        .when(own)
        .then(_own(text))
        .otherwise(_other(text))
    )


def _indented(text: pl.Expr) -> pl.Expr:
    return (
        pl.when(text.str.starts_with('  File "') | (text == _NO_FRAME))
        .then(Kind.FRAME)
        .when(text.str.starts_with("  + Exception Group Traceback (most recent call last):"))
        .then(Kind.HEADER)
        .when(text.str.contains(_GROUP))
        .then(Kind.GROUP)
        .when(text.str.contains(r"^ {2,40}(?:\| |\+-[+-])"))
        .then(Kind.MARGIN)
        .when(
            (text == _LAST_SETTING)
            | (~text.str.starts_with("   ") & text.str.contains(" = ", literal=True))
        )
        .then(Kind.SETTING)
        .otherwise(Kind.INDENTED)
    )


def _own(text: pl.Expr) -> pl.Expr:
    words = said(text)
    code = text.str.slice(0, 8)
    return (
        pl.when(code.is_in(EXCEPTION_CODES))
        .then(Kind.EXCEPTION_HEAD)
        .otherwise(_begun(words, _OWN_WORDS).fill_null(Kind.PLAIN))
    )


def _other(text: pl.Expr) -> pl.Expr:
    unbegun = (
        pl.when(text.str.contains(_DUMPED))
        .then(Kind.DUMPED)
        .when(text.str.contains(_THREAD))
        .then(Kind.THREAD)
        .when(text.str.contains(_TYPE))
        .then(Kind.FINAL)
        .otherwise(Kind.PLAIN)
    )
    return pl.coalesce(_begun(text, _OTHER_WORDS), unbegun)


#: What kind words at the start make a line: of mod_wsgi's own, and of all others.
_OWN_WORDS = {
    **dict.fromkeys(EXCEPTION_HEADS, Kind.EXCEPTION_HEAD),
    **dict.fromkeys(STACK_HEADS, Kind.STACK_HEAD),
    **dict.fromkeys(("Thread ", "called from file "), Kind.DUMPED),
    "Dumping stack trace": Kind.DUMP_HEAD,
}
_OTHER_WORDS = {
    **dict.fromkeys(_HEADERS, Kind.HEADER),
    **dict.fromkeys(LINKS, Kind.LINK),
    **dict.fromkeys(CONTINUATIONS, Kind.CONTINUATION),
    **dict.fromkeys(IGNORED_HEADS, Kind.EXCEPTION_HEAD),
    **dict.fromkeys(PYTHON_HEADS, Kind.PYTHON_HEAD),
    **dict.fromkeys(STACK_HEADS, Kind.STACK_HEAD),
    "Dumping stack trace": Kind.DUMP_HEAD,
    **dict.fromkeys(_FAULTS, Kind.FATAL),
    _PATHS: Kind.PATHS,
}


def _begun(text: pl.Expr, words: Mapping[str, Kind]) -> pl.Expr:
    """The kind that words at the start make it, or null.

    One expression for all: polars keeps no more than 32 compiled.
    """
    begin = text.str.extract(f"^({'|'.join(map(re.escape, words))})", 1)
    each = pl.Series(map(int, words.values()), dtype=pl.Int32)
    return pl.lit(each).gather(begin.cast(pl.Enum(list(words))).to_physical())


def is_syntax_error(message: pl.Expr) -> pl.Expr:
    """Whether the line ends a SyntaxError, which CPython prints without a header."""
    return unscripted(message).str.contains(_SYNTAX)
