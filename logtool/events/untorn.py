"""Untorn: takes the messages of a torn traceback, gives its lines as Python wrote them.

What is torn and by whom: see `torn`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from logtool.events.kinds import Kind, kinds
from logtool.events.torn import PIECES, mended, pieces
from logtool.frame.python_text import unscripted

#: A torn event has one of these, or spaces alone; to ask so costs little.
_BETWEEN = (":", ": ", ".")
#: Those that the line goes on behind: between type and text, module and type.
_GO_ON = (": ", ".")
_LETTERS = ("", *(letter for letter, _ in PIECES))
#: A caret, a space or a margin; what is longer is a whole line between two members of a group.
_MARK = 2


def untorn(messages: Sequence[str]) -> list[str]:
    """The lines of an event, put together where they are torn."""
    if not any(text in _BETWEEN or text.isspace() for text in messages):
        return list(messages)
    column = pl.Series("message", messages, pl.String)
    piece = pieces(column)
    together = np.zeros(len(column), np.int64)
    kind = mended(kinds(column), piece, together.view(np.uint64), together)
    if not (kind == Kind.PIECE).any():
        return list(messages)
    texts = column.to_frame().select(unscripted(pl.col("message"))).to_series().to_list()
    return _joined(texts, [_LETTERS[number] for number in piece.tolist()])


def _joined(texts: Sequence[str], letters: Sequence[str]) -> list[str]:
    """Pieces are joined but where one ended with a line break, or was one (an empty text)."""
    lines: list[str] = []
    goes_on = False
    for text, letter in zip(texts, letters, strict=True):
        if lines and (goes_on or (letter == "C" and text)):
            lines[-1] += text
        elif text:
            lines.append(text)
        goes_on = letter in ("P", "t") or text in _GO_ON or (letter == "M" and len(text) <= _MARK)
    return lines
