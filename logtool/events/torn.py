"""Torn: takes lines of which each may be a piece of one, tells which are one traceback.

mod_wsgi's sys.stderr holds a line back until its end, or until it is flushed. colorama's wrapper,
which Django 3.2 to 4.2 puts around it where colorama is installed, flushes after each write. What
CPython's own code writes of an exception (`_threadmodule.c`, `pythonrun.c`, `traceback.c`, where a
thread, `__del__`, atexit or `sys.excepthook` ends with it) are pieces: "Exception in thread ", the
name, a colon and a line break; below a frame its four spaces, the source, a line break, each space
and each caret under it; at last the type, ": ", the text, a line break. Each becomes a line, empty
where there was nothing but the line break. From Python 3.13 on only the first three are.
"""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.kinds import Kind
from logtool.frame.python_text import unscripted
from parsers.units import SECOND

Kinds = NDArray[np.int8]

#: What a message is as a piece, by its number from 1: a letter, and how such messages are.
#:
#: - P: the spaces before a line; more than a single one, which is M.
#: - M: what stands under a line, or in the margin of an exception group.
#: - C: what stands between the words of a line.
#: - t: the first words of a line.
#: - h: the header of an exception group, behind its margin.
PIECES = (
    ("P", r"^ {2,40}$"),
    ("M", r"^(?: |[~^|+] ?|\+-[+-]-*(?: \d+ -+)?)$"),
    ("C", r"^(?::|: |\.)$"),
    ("t", r"^Exception (?:in thread |ignored in: )$"),
    ("h", r"^Exception Group Traceback \(most recent call last\):$"),
)
#: No piece that is told by itself is longer.
_LONGEST = 60
#: Pieces further apart were not written at once.
_GAP_US = SECOND

_LETTERS = {
    Kind.HEADER: "H",
    Kind.FRAME: "F",
    Kind.INDENTED: "I",
    Kind.LINK: "L",
    Kind.BLANK: "B",
    Kind.FINAL: "T",
    Kind.EXCEPTION_HEAD: "E",
    Kind.PYTHON_HEAD: "E",
    Kind.MARGIN: "G",
}
_MARGIN = "(?:P++[MG])*+"
_FRAME = f"{_MARGIN}(?P<frame>F)(?:{_MARGIN}P++.?B?(?:[PMG]+B)?)?"
_FINAL = rf"{_MARGIN}(?P<type>T)(?:(?P<value>C.?(?:C.?)?)[^BPFHhtEL\n]*B?|B)?"
#: The lines of a traceback that say something, and what else is in it.
_LINES = re.compile(rf"{_FRAME}|{_FINAL}|(?P<group>h)|.")


def _unnamed(pattern: str) -> str:
    return re.sub(r"\?P<\w+>", "?:", pattern)


def _torn() -> re.Pattern[str]:
    """A traceback as letters: whole, or without its end where there is no more."""
    final = _unnamed(_FINAL)
    stack = f"[Hh](?:{_unnamed(_FRAME)}|I)*"
    chained = f"{_MARGIN}B{_MARGIN}L{_MARGIN}B?(?:{_MARGIN}{stack}(?:{final})?)?"
    member = f"(?:P++[MG])++(?:{stack})?(?:{final})?"
    cut = "[PMG]*$"
    body = f"{stack}(?:{final}(?:{chained}|B$)*(?:{member})*(?:{cut})?|{cut})"
    head = r"(?P<head>(?:t|EC)[^HhFP\n]{0,3}(?=[PHh]|$))"
    return re.compile(f"{head}(?:{_MARGIN}{body}|{cut})?|{body}", re.MULTILINE)


_TORN = _torn()
#: What is in one only where it is torn.
_EVIDENCE = re.compile("FP|TC")


def pieces(messages: pl.Series) -> NDArray[np.int8]:
    """What each message is as a piece: int8[n], a number of PIECES from 1, or 0 for none."""
    text = pl.col("text")
    told = messages.to_frame("message").select(unscripted(pl.col("message")).alias("text"))
    short = told.select((text.str.len_bytes() <= _LONGEST).fill_null(value=False)).to_series()
    found = told.filter(short).select(
        sum(text.str.contains(pattern) * number for number, (_, pattern) in enumerate(PIECES, 1))
    )
    answer = np.zeros(len(messages), np.int8)
    answer[short.to_numpy()] = found.to_series().to_numpy()
    return answer


def mended(
    kind: Kinds, piece: NDArray[np.int8], stream: NDArray[np.uint64], us: NDArray[np.int64]
) -> Kinds:
    """The kinds of lines, PIECE, VALUE or END where they are pieces of a torn traceback.

    Its first line, its frames and the types of its exceptions are of the kinds they would be if it
    were whole, so that the same lines make an event.

    Args:
        kind: int8[n] of `Kind`, in file order.
        piece: what `pieces` tells.
        stream: uint64[n], one number for each file, pid, tid and client.
        us: int64[n], the instant, microseconds UTC.
    """
    if not piece.any():
        return kind
    some = np.flatnonzero(np.isin(stream, np.unique(stream[piece > 0])))
    order = some[np.argsort(stream[some], kind="stable")]
    text, at = _as_letters(kind[order], piece[order], stream[order], us[order])
    answer = kind.copy()
    for found in _TORN.finditer(text):
        if found["head"] or _EVIDENCE.search(text, *found.span()):
            rows = order[at[slice(*found.span())]]
            answer[rows] = _kinds_of(found[0], kind[rows])
    return answer


def _as_letters(
    kind: Kinds, piece: NDArray[np.int8], stream: NDArray[np.uint64], us: NDArray[np.int64]
) -> tuple[str, NDArray[np.int64]]:
    """Sorted rows as letters, with a break wherever none goes on; and the row of each letter."""
    letters = np.full(256, ord("x"), np.uint8)
    letters[list(_LETTERS)] = [ord(letter) for letter in _LETTERS.values()]
    as_pieces = np.array([0, *(ord(letter) for letter, _ in PIECES)], np.uint8)
    letter = np.where(piece > 0, as_pieces[piece], letters[kind.view(np.uint8)])
    new = (stream[1:] != stream[:-1]) | (np.abs(us[1:] - us[:-1]) > _GAP_US)
    breaks = np.flatnonzero(new) + 1
    text = np.insert(letter, breaks, ord("\n")).tobytes().decode("ascii")
    return text, np.insert(np.arange(len(kind)), breaks, -1)


def _kinds_of(text: str, kind: Kinds) -> Kinds:
    """The kinds of the rows of one torn traceback."""
    answer = np.full(len(kind), Kind.PIECE, np.int8)
    answer[0] = kind[0] if text[0] in "tE" else Kind.HEADER
    group = told = False
    header = re.search("[Hh]", text)
    for line in _LINES.finditer(text, header.start() if header else len(text)):
        group |= line["group"] is not None
        if line["frame"]:
            answer[line.start("frame")] = Kind.FRAME
        elif line["type"] and not (group and told):  # that of a group is told before its members
            answer[line.start("type")] = Kind.FINAL
            answer[max(line.start("value"), 0) : max(line.end("value"), 0)] = Kind.VALUE
            told = group
            if line[0].endswith("B"):
                answer[line.end() - 1] = Kind.END
    return answer


def with_values(folded: pl.DataFrame) -> pl.DataFrame:
    """Folded rows in which FINAL messages are as they were before they were torn, and `asked`."""
    value = pl.col("kind") == Kind.VALUE
    if not folded.select(value.any()).item():
        return folded
    part = (~value).cum_sum().over("event")
    final = pl.col("kind") == Kind.FINAL
    own = pl.when(final).then(pl.col("message")).otherwise(unscripted(pl.col("message")))
    said = own.filter(value | final).str.join("").over("event", part)
    torn = final & value.any().over("event", part)
    asked = [pl.col("asked") | torn] if "asked" in folded.columns else []
    return folded.with_columns(pl.when(final).then(said).otherwise(pl.col("message")), *asked)
