"""Wrapping: takes a text and a width, gives where its rows begin and end."""

from __future__ import annotations

from rich.cells import cell_len


def wrapped(text: str, room: int, most: int) -> list[tuple[int, int]]:
    """The rows of a text, broken at a space where a row has one.

    Args:
        text: in one line.
        room: columns of a row.
        most: rows beyond are not told.

    Returns:
        For each row, at least one, its first column of the text and the one after its last. A text
        with wide characters is cut where the room ends.
    """
    size = cell_len(text)
    narrow = size == len(text)
    rows: list[tuple[int, int]] = []
    at = 0
    while size - at > room and len(rows) < most:
        space = text.rfind(" ", at + 1, at + room + 1) if narrow else -1
        end = space if space > 0 else at + room
        rows.append((at, end))
        at = end + (space > 0)
    return rows if rows and (len(rows) == most or at == size) else [*rows, (at, size)]
