"""Bars: takes a view, gives the title above, the status below the lines, and the hints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from logtool.clocks.table import BACKWARDS, DISORDER, Confidence
from logtool.people.instants import date_and_time
from logtool.people.terminal import safe
from logtool.tui.model.chosen.filters import Filter
from logtool.tui.model.chosen.times import TimeMode, utc_offset
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.told.pieces import Piece, clock_piece
from parsers.classes import dataclass
from parsers.lines import NO_TIME
from parsers.units import SECOND

#: What the last line teaches: a key, what it does; as many as there is room for.
HINTS = (
    ("/", "search"), ("&", "filter"), ("Enter", "why"), ("e", "error"), ("t", "time"),
    ("C", "clocks"), ("P", "problems"), ("X", "exceptions"), ("R", "requests"),
    ("i", "histogram"), ("+", "unfold"), ("o", "same request"), ("m", "bookmark"),
    ("F", "follow"), ("s", "silence"), ("^w", "wrap"),
)  # fmt: skip
#: What it teaches after a search.
SEARCH_HINTS = (("n", "next hit"), ("N", "hit before"), ("Esc", "end search"))
#: What it always teaches.
LAST_HINTS = (("?", "help"), ("q", "quit"))
_BAR_WIDTH = 10
_GAP = "   "
_MOST_CLOCKS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """The left and the right part of a line; the right part is the one that is never cut."""

    left: tuple[Piece, ...]
    right: tuple[Piece, ...] = ()

    @classmethod
    def of(cls, left: str, right: str = "") -> Bar:
        """Plain texts."""
        return cls((Piece(left),), (Piece(right),))


def title(view: LogView, names: Sequence[str], *, letters: bool) -> Bar:
    """What is shown: logs, lines, clocks, whose time."""
    left = [Piece(_names(names), "strong"), Piece(f"{_GAP}{view.total:,} lines")]
    left += _clocks(view, letters=letters)
    if view.flagged:
        left.append(Piece(f"{_GAP}! {len(view.flagged):,} flagged", "flag"))
    doubt = [Piece(f"{what}: C tells{_GAP}", "flag") for what in _doubts(view)[:1]]
    return Bar(tuple(left), (*doubt, Piece(_whose_time(view), "strong")))


def _names(names: Sequence[str]) -> str:
    if not names:
        return ""
    last = safe(PurePath(names[-1]).name)
    more = len(names) - 1
    return f"{last} +{more} log{'s' * (more > 1)}" if more else last


def _clocks(view: LogView, *, letters: bool) -> Iterator[Piece]:
    offsets = view.clocks.offsets
    if view.clocks.table is None:
        if view.progress.doing:
            yield Piece(f"{_GAP}{view.progress.doing} {_progress_bar(view.progress.share)}")
    elif not offsets:
        why = "looks binary" if view.reader.looks_binary() else "no clock"
        yield Piece(f"{_GAP}{why}: no line has a time")
    else:
        yield Piece(f"{_GAP}{len(offsets)} clock{'s' * (len(offsets) > 1)} ")
        for number, offset in enumerate(offsets[:_MOST_CLOCKS]):
            yield Piece(" ")
            yield clock_piece(number, letters=letters)
            yield Piece(f"{' ' * letters}{utc_offset(offset)}")
        if len(offsets) > _MOST_CLOCKS:
            yield Piece(" …")


def _doubts(view: LogView) -> list[str]:
    """Why not to trust the times, the worst first."""
    table = view.clocks.table
    if table is None:
        return []
    kinds = {note.kind for note in table.notes}
    disorder = {BACKWARDS: "runs backwards", DISORDER: "out of order"}
    assumed = any(clock.confidence is Confidence.ASSUMED for clock in table.clocks)
    told = [words for kind, words in disorder.items() if kind in kinds]
    return told + ["clocks assumed"] * assumed


def _progress_bar(share: float) -> str:
    full = round(share * _BAR_WIDTH)
    return f"{'█' * full}{'░' * (_BAR_WIDTH - full)} {share:.0%}"


def _whose_time(view: LogView) -> str:
    if view.clocks.table is None and view.time.mode is not TimeMode.LOGGED:
        lost = view.progress.clockless
        return f"as logged: {'the clocks could not be found' if lost else 'clocks not known yet'}"
    return "elapsed" if view.elapsed else view.time.label


def status(view: LogView, place: int, count: str = "", selected: int = 0, gone: int = 0) -> Bar:
    """What is hidden, what is searched, what is selected, and where the cursor is.

    Of `gone` characters to the left it is told, for what is short is empty then.
    """
    left = [piece for part in _parts(view, selected) for piece in (Piece(_GAP), *part)][1:]
    scrolled = f"{gone:,} to the left" if gone else ""
    right = (count, scrolled, _day(view, place), _where(view, place))
    return Bar(tuple(left), (Piece(_GAP.join(filter(None, right))),))


def _parts(view: LogView, selected: int) -> Iterator[list[Piece]]:
    if view.progress.clockless:  # worse than all else, so never cut off
        yield [Piece(safe(view.progress.fault), "flag")]
    if view.following:
        yield [Piece("following", "strong")]
    if view.filter.text:
        share = "" if view.choosing >= 1 else f" so far ({view.choosing:.0%} looked at)"
        if view.choosing < 1 and view.clocks.table is None and view.filter.needs_clocks:
            share = " (this filter waits for the clocks)"
        elif view.choosing < 1 and view.folds is None and view.filter.needs_events:
            share = " (this filter waits until events are known)"
        which = "filter of last time" if view.restored else "filter"
        shown = f"{shown_lines(view):,} of {view.total:,} shown{share}, {which}: "
        aside = "; ".join(_asides(view.filter))
        told = [Piece(f" ({aside})")] if aside else []
        yield [Piece(shown), Piece(safe(view.filter.text), "strong"), *told]
    if view.found is not None:
        share = "" if view.found.share >= 1 else f" so far ({view.found.share:.0%})"
        hits = f"{view.found.count:,} hit{'s' * (view.found.count != 1)}{share}: "
        yield [Piece(hits), Piece(f"/{safe(view.found.pattern.text)}", "strong")]
    if selected:
        yield [Piece(f"{selected:,} selected", "strong"), Piece("  c copies, :save FILE writes")]
    if view.progress.fault and not view.progress.clockless:
        yield [Piece(safe(view.progress.fault), "flag")]
    if not (view.filter.text or view.found or selected):
        yield [Piece(f"all {view.total:,} shown")]


def _asides(chosen: Filter) -> Iterator[str]:
    """What may be misread of a filter: whose levels are meant, and which way they are compared."""
    levels = [term for term in chosen.terms if term.name in ("level", "meant")]
    if any(term.name == "level" for term in levels):
        yield "httpd's level"
    if any(term.sign.startswith("<") for term in levels):
        yield "< is milder"


def shown_lines(view: LogView) -> int:
    """How many lines pass the filter, the insides of folded events too."""
    return len(view) if view.passed is None else view.passed


def _day(view: LogView, place: int) -> str:
    if not len(view) or not view.index.settled or not view.clocks.offsets:
        return ""
    utc_us = view.time_at(place)
    if utc_us == NO_TIME:
        return ""
    if view.time.mode is TimeMode.ZONE:
        utc_us += view.time.zone_offset_s(utc_us) * SECOND
    elif view.time.mode is TimeMode.LOGGED:
        utc_us += (view.offset_of(view.row_at(place)) or 0) * SECOND
    return date_and_time(utc_us)[:10]


def _where(view: LogView, place: int) -> str:
    if not len(view):
        return ""
    events = "" if view.folds is None else "event "
    return f"{events}{place + 1:,}/{len(view):,} {(place + 1) / len(view):.0%}"


def hints(width: int, *, searching: bool = False) -> Bar:
    """As many hints as there is room for, the way out always."""
    right = hint_pieces(LAST_HINTS)
    room = width - sum(len(piece.text) for piece in right) - 1
    left: list[Piece] = []
    for hint in (*(SEARCH_HINTS if searching else ()), *HINTS):
        pieces = hint_pieces([hint])
        if sum(len(piece.text) for piece in (*left, *pieces)) > room:
            break
        left += pieces
    return Bar(tuple(left), tuple(right))


def hint_pieces(some: Sequence[tuple[str, str]]) -> list[Piece]:
    """Keys and what they do."""
    return [
        piece for key, text in some for piece in (Piece(key, "key"), Piece(f" {text}  ", "aside"))
    ]
