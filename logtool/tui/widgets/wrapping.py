"""Wrapping: takes a text and a width, gives where its rows begin and end."""

from __future__ import annotations

from itertools import accumulate, pairwise

from rich.cells import chop_cells, get_character_cell_size

#: Of a text with wide characters no more than so many for each column that is told are looked at.
_MOST_OF_COLUMN = 4


def wrapped(text: str, room: int, most: int) -> list[tuple[int, int]]:
    """The rows of a text, broken at a space where a row has one.

    Args:
        text: in one line.
        room: columns of a row, two or more where the text has wide characters.
        most: rows beyond are not told.

    Returns:
        For each row, at least one, where its characters begin in the text and where they end. A
        text with wide characters is cut before the first one that has no room.
    """
    size = len(text)
    if not text.isascii() and any(get_character_cell_size(one) != 1 for one in set(text)):
        rows = chop_cells(text[: _MOST_OF_COLUMN * room * most], room)
        ends = accumulate(map(len, rows), initial=0)
        return [*pairwise(ends)][:most] or [(0, size)]
    found: list[tuple[int, int]] = []
    at = 0
    while size - at > room and len(found) < most:
        space = text.rfind(" ", at + 1, at + room + 1)
        end = space if space > 0 else at + room
        found.append((at, end))
        at = end + (space > 0)
    return found if found and (len(found) == most or at == size) else [*found, (at, size)]
