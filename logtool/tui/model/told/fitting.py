"""Fitting: takes a listing and a width, gives the columns that there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from logtool.tui.model.told.listings import Entry, Listing
from parsers.classes import dataclass

#: What a table puts around each cell, and what its scroll bar and the sign of a clock take.
_AROUND, _BESIDE = 2, 4
#: A text is not cut below so many columns of the screen while another column can go.
_LEAST = 24


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is shown of a listing.

    Attributes:
        columns: heading and width of each column.
        rows: the cells of each entry.
    """

    columns: tuple[tuple[str, int], ...]
    rows: list[tuple[str, ...]]


def fitted(listing: Listing, width: int) -> Fitted:
    """The columns of a listing for which `width` columns of the screen have room.

    The columns `listing.long` are cut down to a length that can still be read; then the columns
    `listing.spare` go, in this order; what is too wide then is cut off by the table.
    """
    names = list(listing.columns)
    needed = {name: _width(name, at, listing.entries) for at, name in enumerate(names)}
    spare = list(listing.spare)
    while spare and _excess(needed, listing.long, width) > 0:
        needed.pop(spare.pop(0))
    for name in listing.long:
        over = sum(needed.values()) + _BESIDE - width
        needed[name] -= min(max(over, 0), max(needed[name] - _LEAST, 0))
    kept = [at for at, name in enumerate(names) if name in needed]
    rows = [
        tuple(_cut(entry.cells[at], needed[names[at]] - _AROUND) for at in kept)
        for entry in listing.entries
    ]
    return Fitted(tuple((names[at], needed[names[at]] - _AROUND) for at in kept), rows)


def _width(name: str, column: int, entries: Sequence[Entry]) -> int:
    return _AROUND + max([cell_len(name), *(cell_len(entry.cells[column]) for entry in entries)])


def _excess(needed: dict[str, int], long: Sequence[str], width: int) -> int:
    """How much is too wide, were the long columns cut as far as can be."""
    saved = sum(max(needed[name] - _LEAST, 0) for name in long)
    return sum(needed.values()) + _BESIDE - saved - width


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"
