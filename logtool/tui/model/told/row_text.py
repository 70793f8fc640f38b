"""Row text: takes a line of a view, gives the pieces of its row on the screen and what they are."""

from __future__ import annotations

from logtool.people.instants import date_and_time
from logtool.tui.model.chosen.times import TimeMode, elapsed
from logtool.tui.model.chosen.view import COLUMNS, LogView
from logtool.tui.model.reading.lines import Line
from logtool.tui.model.told.pieces import Piece, clock_piece
from parsers.error_log_format.items import LEVELS
from parsers.lines import NO_TIME

#: From this width on the module and the date have room.
ROOMY, WIDE = 100, 110
_WIDTHS = {"level": 6, "module": 9, "process": 8}
#: Python's levels that have no room.
_SHORTER = {"WARNING": "WARN", "CRITICAL": "CRIT"}
_CRIT = LEVELS.index("crit")


def style_of_level(level: int) -> str:
    """The style's name of a level's number."""
    if level < 0:
        return "plain"
    name = LEVELS[level]
    if level <= _CRIT:
        return "crit"
    return name if name in ("error", "warn", "notice", "info") else "debug"


def columns_at(number: int, width: int) -> tuple[str, ...]:
    """The names of the columns of COLUMNS[number] that have room on a screen so wide."""
    return tuple(name for name in COLUMNS[number] if name != "module" or width >= ROOMY)


def row_head(view: LogView, place: int, width: int, *, letters: bool) -> list[Piece]:
    """The pieces of a row that stand before its message.

    Args:
        view: what is shown.
        place: which line.
        width: of the screen, in characters.
        letters: tell clocks by letters, for screens without colour.
    """
    line = view.line_at(place)
    style = style_of_level(line.meant)
    pieces = [
        Piece(_time_text(view, place, line, width), "time"),
        _gutter(view, line, letters=letters),
        _sign(view, line.row),
    ]
    who = view.clocks.who(line).name if "process" in COLUMNS[view.columns] else ""
    texts = {
        "level": _SHORTER.get(line.python, line.python)
        or (LEVELS[line.level] if line.level >= 0 else ""),
        "module": line.module,
        "process": who,
    }
    for name in columns_at(view.columns, width):
        room = _WIDTHS[name]
        text = texts[name]
        text = text if len(text) <= room else text[: room - 1] + "…"
        pieces.append(Piece(text.ljust(room + 1), style if name == "level" else "column"))
    return pieces


def row_message(view: LogView, place: int, left: int) -> list[Piece]:
    """The pieces of its message; `left` characters of it are scrolled out."""
    line = view.line_at(place)
    return _message(view, line, left, "column" if line.gone else style_of_level(line.meant))


def time_width(view: LogView, width: int) -> int:
    """How wide the time column is."""
    if view.elapsed:
        return 10
    return 23 if width >= WIDE else 12


def _time_text(view: LogView, place: int, line: Line, width: int) -> str:
    room = time_width(view, width)
    if line.local_us is None:
        return " " * (room + 1)
    if view.elapsed:
        here, before = view.time_at(place), view.time_at(max(place - 1, 0))
        known = NO_TIME not in (here, before)
        return (elapsed(here - before) if known else "").rjust(room) + " "
    digits = min(line.digits, 3)
    time = view.time
    if not view.clocks.table and time.mode is not TimeMode.LOGGED:
        text = date_and_time(line.local_us, digits)
    else:
        text = time.text(line.local_us, view.offset_of(line.row), digits)
    text = text if room > 12 else text[11:]
    return text[: room + 1].ljust(room + 1)


def _gutter(view: LogView, line: Line, *, letters: bool) -> Piece:
    offset = view.offset_of(line.row)
    number = None if offset is None or not view.clocks.table else view.clocks.number(offset)
    if number is None or line.local_us is None:
        return Piece("?" if letters and line.local_us is not None else " ", "column")
    return clock_piece(number, letters=letters)


def _sign(view: LogView, row: int) -> Piece:
    if row in view.marks:
        return Piece("◆", "mark")
    if row in view.flagged:
        return Piece("!", "flag")
    return Piece("•", "mark") if row in view.request else Piece(" ", "column")


def _message(view: LogView, line: Line, left: int, style: str) -> list[Piece]:
    pieces: list[Piece] = []
    head = view.is_head(line.row)
    folded = len(view.event_of(line.row)) if head else 1
    if folded > 1:
        sign = "▾" if line.row in view.opened else "▸"
        pieces.append(Piece(f"{sign}{folded} ", "fold"))
        if line.row in view.raised and line.row not in view.opened:
            pieces.append(Piece(f"{view.raised[line.row]}  ", "raised"))
    elif not head:
        pieces.append(Piece("  ", "column"))
    message = line.message
    at = left
    if view.found is not None:
        for begin, end in view.found.pattern.spans(message):
            if end > at:
                pieces.append(Piece(message[at : max(begin, at)], style))
                pieces.append(Piece(message[max(begin, at) : end], "hit"))
                at = end
    pieces.append(Piece(message[at:], style))
    return [piece for piece in pieces if piece.text]
