"""Time pieces: which bytes a piece may have."""

from __future__ import annotations

import numpy as np
import pytest

from parsers.times.time_pieces import Parts, Piece, allowed_bytes, literal, read_piece

#: Pieces, and a text of each.
PIECES = [
    (Piece("day", 2, spaced=True), b" 3"), (Piece("day", 2), b"03"), (Piece("year", 4), b"2026"),
    (Piece("fraction", 6), b"240113"), (Piece("month_name", 3), b"Nov"), (Piece("ampm", 2), b"PM"),
    (Piece("weekday_name", 3), b"Mon"), (Piece("offset", 5), b"+0130"),
    (Piece("offset_colon", 6), b"-01:30"), (literal(b" T"), b" T"),
]  # fmt: skip


@pytest.mark.parametrize(("piece", "text"), PIECES, ids=lambda one: getattr(one, "field", ""))
def test_every_byte_that_is_read_is_allowed(piece: Piece, text: bytes) -> None:
    """Whatever one byte of a text is put in its place; and not all bytes are allowed."""
    allowed = allowed_bytes(piece)
    assert len(allowed) == piece.width == len(text)
    for place, bits in enumerate(allowed):
        columns = np.tile(np.frombuffer(text, np.uint8)[:, None], 256)
        columns[place] = np.arange(256)
        fine, parts = np.ones(256, np.bool_), Parts()
        read_piece(piece, columns, fine, parts)
        assert fine[text[place]]
        assert all(bits >> byte & 1 for byte in np.flatnonzero(fine).tolist())
        assert not bits >> 0 & 1
