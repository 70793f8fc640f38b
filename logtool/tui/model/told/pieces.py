"""Pieces: texts with the name of a style, from which rows and bars are put together."""

from __future__ import annotations

from parsers.classes import dataclass

#: Clocks of so many numbers have a colour of their own.
CLOCK_COLOURS = 8
_LETTERS = "ABCDEFGH"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text and the name of its style."""

    text: str
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and (name, text) pairs under it; a pair without a name is a text of its own."""

    heading: str
    pairs: tuple[tuple[str, str], ...]


def clock_piece(number: int, *, letters: bool) -> Piece:
    """The sign of a clock by its number: a coloured block, or a letter where there is no colour."""
    number %= CLOCK_COLOURS
    return Piece(_LETTERS[number] if letters else "▌", f"clock{number}")
