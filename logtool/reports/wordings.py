"""Wordings: takes messages, gives what is to be known of each; found out once for equal ones."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.fingerprints import template
from logtool.events.folding import opens_text
from logtool.events.joining import among
from logtool.events.kinds import Kind, is_syntax_error, kinds
from logtool.events.lives import life_of
from logtool.flags.engine import Engine
from logtool.frame.python_text import has_level, levels_of, unscripted
from logtool.frame.texts import strings
from logtool.reports.distinct import Distinct, Names
from logtool.reports.numbering import Learned, Messages, Texts
from logtool.reports.tallies import Packing

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: So many templates are told apart; of a log with more, what comes later is not among them.
_TEMPLATES = 1 << 18

#: What is known of a message.
#:
#: - template: its number in `Wordings.templates`, 0 for none.
#: - life: which event in a server's life it tells of (`lives.KINDS`, from 1), or 0.
#: - kind: of `Kind`; PLAIN outside of Python's modules.
#: - levelled: it has a level of Python's.
#: - syntax, opens: see `event_starts`.
#: - flagged: a rule may hold on it.
#: - talks: alone, it is a message of its template.
#: - stacks: it is of a kind that makes stacks.
#: - python_level: the level that Python wrote in it, the most severe 1, or 0.
WORDING = Packing(
    template=19, life=5, kind=5, levelled=1, syntax=1, opens=1, flagged=1, talks=1, stacks=1,
    python_level=3,
)  # fmt: skip

#: A line of these kinds that stands alone is a message.
_TALK = (Kind.PLAIN, Kind.FINAL, Kind.PYTHON_HEAD)
#: Lines of these kinds make no stack by themselves.
_HARMLESS = (Kind.PLAIN, Kind.FINAL, Kind.BLANK, Kind.INDENTED, Kind.MARGIN)


class Wordings:
    """What is known of messages.

    Attributes:
        templates: the texts with all that varies masked.
    """

    def __init__(self, engine: Engine) -> None:
        """Rules of `engine` say which messages may be flagged."""
        self.templates = Names(_TEMPLATES)
        # To put expressions together takes longer than to ask them of a few messages.
        tag, message = pl.col("tag"), pl.col("message")
        self._asked = [
            template(message).alias("template"),
            life_of(tag, message).alias("life"),
            engine.may_hold().alias("flagged"),
        ]
        self._distinct = Distinct(self._learn)

    def of(self, messages: Messages) -> Ints:
        """Packed by WORDING, for each of some messages."""
        return self._distinct.numbers(messages.hash, messages)

    def learned(self, messages: Messages) -> Learned:
        """The same for another process."""
        return Learned(self.of(messages), self.templates.news())

    def _learn(self, rows: Ints, messages: Messages) -> Ints:
        some = messages.at(rows)
        frame = pl.DataFrame({"tag": _strings(some.tag), "message": _strings(some.text)})
        return self._known(frame, some.python)

    def _known(self, frame: pl.DataFrame, python: Mask) -> Ints:
        told = frame.select(self._asked)
        kind, levelled, syntax, opens = _looks(frame["message"], python)
        number = self._numbers(told["template"])
        return WORDING.pack(
            template=number,
            life=told["life"].to_numpy(),
            kind=kind,
            levelled=levelled,
            syntax=syntax,
            opens=opens,
            flagged=told["flagged"].to_numpy(),
            talks=among(kind, *_TALK) & (number > 0),
            stacks=~among(kind, *_HARMLESS),
            python_level=_python_levels(frame["message"], python),
        )

    def _numbers(self, texts: pl.Series) -> Ints:
        """The numbers of templates, each asked for once."""
        some = texts.unique(maintain_order=True)
        numbers = pl.DataFrame(
            {"text": some, "number": [self.templates.number(text) for text in some]},
            {"text": pl.String, "number": pl.Int64},
        )
        found = texts.to_frame("text").join(
            numbers, on="text", how="left", maintain_order="left", nulls_equal=True
        )
        return found["number"].to_numpy()


def _strings(texts: Texts) -> pl.Series:
    return strings(texts.data, texts.start, texts.end)


def _python_levels(messages: pl.Series, python: Mask) -> Ints:
    """The number of the level that Python wrote in each of its messages, from 1; 0 for none."""
    places = np.flatnonzero(python & messages.is_not_null().to_numpy())
    answer = np.zeros(len(messages), np.int64)
    number = levels_of(messages.gather(places)).to_physical().cast(pl.Int64) + 1
    answer[places] = number.fill_null(0).to_numpy()
    return answer


def _looks(messages: pl.Series, python: Mask) -> tuple[NDArray[np.int8], Ints, Ints, Ints]:
    """What folding wants to know of Python's messages; of others nothing."""
    places = np.flatnonzero(python & messages.is_not_null().to_numpy())
    kind = np.zeros(len(messages), np.int8)
    levelled, syntax, opens = (np.zeros(len(messages), np.int64) for _ in range(3))
    asked = messages.gather(places)
    kind[places] = found = kinds(asked)
    talks, final = among(found, Kind.PLAIN, Kind.FINAL), found == Kind.FINAL
    for answer, some, test in zip(
        (levelled, syntax, opens), (talks, final, final), _looked(), strict=True
    ):
        chosen = np.flatnonzero(some)
        if len(chosen):
            frame = asked.gather(chosen).to_frame("message")
            answer[places[chosen]] = frame.select(test).to_series().to_numpy()
    return kind, levelled, syntax, opens


@cache
def _looked() -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Whether a message has a level of Python's; ends a SyntaxError; says that more follows."""
    text = pl.col("message")
    return has_level(unscripted(text)), is_syntax_error(text), opens_text(text)
