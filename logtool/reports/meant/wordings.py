"""Wordings: takes messages, gives what is to be known of each; found out once for equal ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl

from logtool.events.fingerprints import template
from logtool.events.folding import opens_text
from logtool.events.joining import among
from logtool.events.kinds import HARMLESS, Kind, is_syntax_error, kinds
from logtool.events.lives import life_of
from logtool.events.torn import pieces
from logtool.flags.engine import Engine
from logtool.frame.python_text import PYTHON_LEVEL, has_level, python_level, unscripted
from logtool.frame.texts import strings
from logtool.reports.meant.but_for_numbers import keys
from logtool.reports.said.distinct import Distinct
from logtool.reports.said.names import Names
from logtool.reports.said.numbered import Learned, Messages
from logtool.reports.tallies.keys import TEMPLATE_BITS
from logtool.reports.tallies.packing import Packing
from parsers.arrays import Ints

#: What is known of a message.
#:
#: - template: its number in `Wordings.templates`, 0 for none.
#: - life: which event in a server's life it tells of (`lives.LIVES`, from 1), or 0.
#: - kind: of `Kind`; PLAIN outside of Python's modules.
#: - levelled: it has a level of Python's.
#: - syntax, opens: see `event_starts`.
#: - flagged: a rule may hold on it.
#: - talks: alone, it is a message of its template.
#: - stacks: it is of a kind that makes stacks.
#: - piece: what it is as a piece of a torn line; see `torn.pieces`.
#: - python_level: the level that Python wrote in it, the most severe 1, or 0.
WORDING = Packing(
    template=TEMPLATE_BITS, life=5, kind=5, levelled=1, syntax=1, opens=1, flagged=1, talks=1,
    stacks=1, python_level=3, piece=3,
)  # fmt: skip

#: What is known of messages of Python's alone.
_LOOKS = ("kind", "levelled", "syntax", "opens", "python_level", "piece")

#: So many templates are known at once, of which each takes some 300 bytes.
_TEMPLATES = 1 << 18

#: A line of these kinds that stands alone is a message.
_TALK = (Kind.PLAIN, Kind.FINAL, Kind.PYTHON_HEAD)


class Wordings:
    """What is known of messages.

    Attributes:
        templates: the texts with all that varies masked.
    """

    def __init__(self, engine: Engine, limit: int = _TEMPLATES) -> None:
        """Rules of `engine` say which messages may be flagged; so many templates are known."""
        self._limit = limit
        self.templates = Names(limit)
        # To put expressions together takes longer than to ask them of a few messages.
        tag, message = pl.col("tag"), pl.col("message")
        self._asked = [
            template(message).alias("template"),
            life_of(tag, message).alias("life"),
        ]
        self._flagged = engine.may_hold()
        self._forget()

    def _forget(self) -> None:
        self._but_for_numbers = Distinct(self._known)
        self._distinct = Distinct(self._learn)

    def keep_frequent(self, number: Ints, lines: Ints) -> None:
        """Give up rare templates; those that come again get other numbers."""
        self.templates.keep_frequent(number, lines)
        self._forget()

    def of(self, messages: Messages) -> Ints:
        """Packed by WORDING, for each of some messages."""
        return self._distinct.numbers(messages.hash, messages)

    def learned(self, messages: Messages) -> Learned:
        """The same for another process; the messages are remembered there, not here."""
        if anew := self.templates.is_full:
            self.templates = Names(self._limit)
            self._forget()
        wording = self._learn(np.arange(len(messages.hash)), messages)
        return Learned(wording, anew, self.templates.news(), messages.said, messages.python)

    def _learn(self, rows: Ints, messages: Messages) -> Ints:
        some = messages.at(rows)
        some = replace(some, text=some.text.close())
        # Rules may be the user's: they are asked about the very text.
        flagged = _frame(some).select(self._flagged).to_series().to_numpy().astype(np.int64)
        known = self._but_for_numbers.numbers(keys(some), some)
        return known | flagged << WORDING.place("flagged")

    def _known(self, rows: Ints, messages: Messages) -> Ints:
        """The same but for what rules say: found out once for texts that differ in numbers only."""
        some = messages.at(rows)
        frame, python = _frame(some), some.python
        told = frame.select(self._asked)
        number = np.array([self.templates.number(text) for text in told["template"]], np.int64)
        spoken = np.flatnonzero(python & frame["message"].is_not_null().to_numpy())
        looks = {name: np.zeros(frame.height, np.int64) for name in _LOOKS}
        for name, found in _looks(frame["message"].gather(spoken)).items():
            looks[name][spoken] = found
        kind = looks["kind"].astype(np.int8)
        return WORDING.pack(
            template=number,
            life=told["life"].to_numpy(),
            flagged=0,
            talks=among(kind, *_TALK) & (number > 0),
            stacks=~among(kind, *HARMLESS),
            **looks,
        )


def _frame(messages: Messages) -> pl.DataFrame:
    tag, text = messages.tag, messages.text
    return pl.DataFrame(
        {
            "tag": strings(tag.data, tag.start, tag.end),
            "message": strings(text.data, text.start, text.end),
        }
    )


def _looks(messages: pl.Series) -> dict[str, Ints]:
    """What is to be known of messages of Python's: _LOOKS."""
    kind = kinds(messages)
    talks, final = among(kind, Kind.PLAIN, Kind.FINAL), kind == Kind.FINAL
    levelled, syntax, opens = (one.to_numpy() for one in messages.to_frame().select_seq(_tests()))
    level = np.zeros(len(messages), np.int64)
    some = np.flatnonzero(levelled)
    if len(some):
        told = messages.gather(some).to_frame("message").select_seq(_level())
        level[some] = told.to_series().to_numpy()
    found = (kind, levelled & talks, syntax & final, opens & final, level, pieces(messages))
    return dict(zip(_LOOKS, found, strict=True))


@cache
def _level() -> pl.Expr:
    """The number of the level in a message that has one, the most severe 1; 0 for none."""
    level = python_level(unscripted(pl.col("message"))).cast(PYTHON_LEVEL)
    return (level.to_physical().cast(pl.Int64) + 1).fill_null(0)


@cache
def _tests() -> list[pl.Expr]:
    """Whether a message has a level of Python's; ends a SyntaxError; says that more follows."""
    text = pl.col("message")
    tests = has_level(unscripted(text)), is_syntax_error(text), opens_text(text)
    return [test.alias(f"test{number}") for number, test in enumerate(tests)]
