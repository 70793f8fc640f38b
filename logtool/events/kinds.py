"""Kinds: take messages, say what each line is to a traceback. Only looks at the start of a line."""

from __future__ import annotations

from enum import IntEnum

import polars as pl

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
    """What a line is to a traceback."""

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


_OWN = r"^(?:\[script [^\]]*\] )?(?:WSGI\d{4}: |mod_wsgi(?: \(pid=\d+[^)]*\))?: )?"
_NAME = r"(?:[A-Za-z_][\w.<>]*)"
_TYPE = rf"^{_NAME}(?:: |:?$)"
_SYNTAX = r"^(?:SyntaxError|IndentationError|TabError):"


def said(message: pl.Expr) -> pl.Expr:
    """The message without mod_wsgi's `[script …] ` and `mod_wsgi (pid=…): ` or `WSGInnnn: `."""
    prefixed = message.str.starts_with("[script ") | message.str.starts_with("mod_wsgi")
    coded = message.str.starts_with("WSGI")
    return pl.when(prefixed | coded).then(message.str.replace(_OWN, "")).otherwise(message)


def unscripted(message: pl.Expr) -> pl.Expr:
    """The message without mod_wsgi 6's `[script …] `, which Python's lines carry there."""
    return (
        pl.when(message.str.starts_with("[script "))
        .then(message.str.replace(r"^\[script [^\]]*\] ", ""))
        .otherwise(message)
    )


def starts(text: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    """Whether the text starts with one of these words."""
    return pl.any_horizontal([text.str.starts_with(word) for word in words])


def kind(message: pl.Expr) -> pl.Expr:
    """What each line is to a traceback, as Int8 of `Kind`.

    FINAL only says that a line could be an exception's last line (`Type: text`): many lines could.
    """
    text = unscripted(message)
    own = text.str.starts_with("mod_wsgi (") | text.str.starts_with("WSGI")
    indented = text.str.starts_with("  ")
    answer = (
        pl.when(message == "")
        .then(Kind.BLANK)
        .when(indented)
        .then(_indented(text))
        .when(own)
        .then(_own(text))
        .otherwise(_other(text))
    )
    return answer.cast(pl.Int8)


def _indented(text: pl.Expr) -> pl.Expr:
    return (
        pl.when(text.str.starts_with('  File "'))
        .then(Kind.FRAME)
        .when(text.str.starts_with("  + Exception Group Traceback (most recent call last):"))
        .then(Kind.HEADER)
        .when(text.str.contains(r"^ {2,40}(?:\| |\+-[+-])"))
        .then(Kind.MARGIN)
        .otherwise(Kind.INDENTED)
    )


def _own(text: pl.Expr) -> pl.Expr:
    words = said(text)
    code = text.str.slice(0, 8)
    return (
        pl.when(code.is_in(EXCEPTION_CODES))
        .then(Kind.EXCEPTION_HEAD)
        .when(starts(words, EXCEPTION_HEADS))
        .then(Kind.EXCEPTION_HEAD)
        .when(starts(words, STACK_HEADS))
        .then(Kind.STACK_HEAD)
        .when(starts(words, ("Thread ", "called from file ")))
        .then(Kind.DUMPED)
        .when(words.str.starts_with("Dumping stack trace"))
        .then(Kind.DUMP_HEAD)
        .otherwise(Kind.PLAIN)
    )


def _other(text: pl.Expr) -> pl.Expr:
    return (
        pl.when(
            starts(text, ("Traceback (most recent call last):", "Stack (most recent call last):"))
        )
        .then(Kind.HEADER)
        .when(starts(text, LINKS))
        .then(Kind.LINK)
        .when(starts(text, CONTINUATIONS))
        .then(Kind.CONTINUATION)
        .when(starts(text, IGNORED_HEADS))
        .then(Kind.EXCEPTION_HEAD)
        .when(starts(text, PYTHON_HEADS))
        .then(Kind.PYTHON_HEAD)
        .when(starts(text, STACK_HEADS))
        .then(Kind.STACK_HEAD)
        .when(text.str.starts_with("Dumping stack trace"))
        .then(Kind.DUMP_HEAD)
        .when(text.str.contains(r'^(?:Thread -?\d+ executing|called from) file "'))
        .then(Kind.DUMPED)
        .when(starts(text, ("Fatal Python error", "Fatal error:")))
        .then(Kind.FATAL)
        .when(text.str.contains(r"^(?:Current thread|Thread) 0x[0-9a-f]+"))
        .then(Kind.THREAD)
        .when(text.str.contains(_SYNTAX))
        .then(Kind.FINAL)
        .when(text.str.contains(_TYPE))
        .then(Kind.FINAL)
        .otherwise(Kind.PLAIN)
    )


def is_syntax_error(message: pl.Expr) -> pl.Expr:
    """Whether the line ends a SyntaxError, which CPython prints without a header."""
    return unscripted(message).str.contains(_SYNTAX)
