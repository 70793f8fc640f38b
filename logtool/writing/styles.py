"""Styles: takes stamps and how times shall be written, gives a writer for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from logtool.writing.stamps import StampWriter, time_pieces
from parsers.arrays import Ints
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.distinct import distinct
from parsers.lines import Stamps
from parsers.scanning import Text
from parsers.steps.told_times import told_forms
from parsers.times.timestamps import TimeForm

#: A form of time and the rows of a block that get it.
Chosen = tuple[StampWriter, Ints]


class TimeStyle(StrEnum):
    """How instants are written."""

    CUZ = "cuz"
    KEEP = "keep"
    ISO = "iso"
    EPOCH = "epoch"


def stamp_writers(
    style: TimeStyle, decoder: Decoder, block: Block, stamps: Stamps, wanted: NDArray[np.bool_]
) -> Iterator[Chosen]:
    """Say how the stamps of the lines that are `wanted` shall be written.

    Errlog's own forms get as many digits of the fraction as came in. `keep` gives each stamp the
    form that it had; one that cannot be written again (month names in another language) gets `cuz`.
    `iso` ends in `+00:00` where the format prints a `Z` behind its local time, and in JSON behind
    whole seconds, where that is a format of httpd's too: what is in UTC can be told from what is
    not, and stays as it is when it is normalised again.
    """
    rows = np.flatnonzero(wanted)
    if style == TimeStyle.KEEP:
        yield from _as_they_were(decoder, block, stamps, rows)
    elif style == TimeStyle.ISO:
        beside_z = np.isin(stamps.layout[rows], _with_z(decoder, 1))
        beside_z |= np.isin(stamps.layout[rows], _with_z(decoder, 0)) & (stamps.digits[rows] == 0)
        yield from _own_form("iso_numeric", stamps, rows[beside_z])
        yield from _own_form(style, stamps, rows[~beside_z])
    else:
        yield from _own_form(style, stamps, rows)


def only_writer(style: TimeStyle, decoder: Decoder, layout: int, digits: int) -> StampWriter | None:
    """How the stamps of all lines shall be written; None if that is not told by so little.

    Args:
        style: how times are written.
        decoder: knows the layouts.
        layout: of all lines.
        digits: of all their fractions.
    """
    if style == TimeStyle.KEEP:
        return None
    if style == TimeStyle.ISO and layout in _with_z(decoder, digits):
        return _writer("iso_numeric", digits)
    return _writer(style, digits)


def _with_z(decoder: Decoder, digits: int) -> list[int]:
    """The layouts that may print a `Z` behind a local time with so many digits of a fraction."""
    return [
        number
        for number, layout in enumerate(decoder.layouts)
        if (digits == 0 and layout.format is not None and layout.format.text.startswith("{"))
        or layout.prints_z
    ]


def _own_form(style: str, stamps: Stamps, rows: Ints) -> Iterator[Chosen]:
    digits = stamps.digits if len(rows) == len(stamps.digits) else stamps.digits[rows]
    for count in (0, 3, 6):
        mine = digits == count
        chosen = rows if mine.all() else rows[mine]
        if len(chosen):
            yield _writer(style, count), chosen


@cache
def _writer(style: str, digits: int) -> StampWriter:
    """The writer of one of errlog's own forms; many blocks need the same."""
    return StampWriter(time_pieces(style, digits))


def _as_they_were(decoder: Decoder, block: Block, stamps: Stamps, rows: Ints) -> Iterator[Chosen]:
    text = Text(block)
    for number in distinct(stamps.layout[rows]).tolist():
        left = rows[stamps.layout[rows] == number]
        for form in told_forms(decoder.layouts[number].plan.steps):
            if not len(left):
                break
            fits, end, _ = form.read(text, stamps.time_start[left])
            fits = fits & (end == stamps.time_end[left])
            yield from _in_form(form, block, stamps, left[fits])
            left = left[~fits]


def _in_form(form: TimeForm, block: Block, stamps: Stamps, rows: Ints) -> Iterator[Chosen]:
    if not len(rows):
        return
    if StampWriter.can_write(form.pieces):
        yield StampWriter(form.pieces, _day_padding(form, block, stamps, rows)), rows
    else:
        yield from _own_form(TimeStyle.CUZ, stamps, rows)


def _day_padding(form: TimeForm, block: Block, stamps: Stamps, rows: Ints) -> str:
    """What stands before a day below ten: httpd 1.3 and `%e` print a space, 2.x prints a zero."""
    place = 0
    for piece in form.pieces:
        if piece.field == "day":
            spaces = block.data[stamps.time_start[rows] + place] == ord(" ")
            return " " if spaces.any() else "0"
        place += piece.width
    return "0"
