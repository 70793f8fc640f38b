"""Text: takes a report, gives it for a terminal or a mail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from logtool.people.instants import moment_text, span_text
from logtool.people.terminal import Painter, legible, safe
from logtool.reports.numbers import Numbers, Rate, Report
from logtool.reports.outputs.overview import overview
from logtool.reports.outputs.sections import (
    Cell,
    Kind,
    Row,
    Section,
    sections,
)
from parsers.classes import dataclass

_BARS = "▁▂▃▄▅▆▇█"
#: Words are not cut to less than that.
_LEAST = 12
_WORDS = (Kind.NAME, Kind.TEXT)
#: Lines of a sample.
_SAMPLE = 14
#: Sections that are told in full; of the others so many rows.
_FULL = ("findings", "exceptions", "clocks", "levels", "python_levels")
_ROWS = 10


def render(report: Report, *, width: int = 100, color: bool = False) -> str:
    """The report as text, no line longer than `width` but where a path cannot be cut."""
    return "".join(f"{line}\n" for line in _Writer(width, color).report(report))


def sparkline(counts: Sequence[int]) -> str:
    """A bar for each count; a blank for none."""
    most = max(counts, default=0)
    return "".join(_BARS[-(-count * 8 // most) - 1] if count else " " for count in counts)


class _Writer:
    """Writes lines of a width, with or without colours."""

    def __init__(self, width: int, color: bool) -> None:
        self._width, self._styled = width, Painter(color)

    def report(self, report: Report) -> Iterator[str]:
        yield self._styled(f"errlog {report.version}: {moment_text(report.made_utc)}", "title")
        if report.since or report.until:
            yield f"Only lines {span_text(report.since, report.until)}"
        if report.only_new:
            yield "Only what the last report did not tell; counts are of all"
        for numbers in report.hosts:
            if numbers.host:
                yield ""
                yield self._styled(f"=== {safe(numbers.host)} ===", "title")
            yield from self._host(numbers)

    def _host(self, numbers: Numbers) -> Iterator[str]:
        yield ""
        for name, text in overview(numbers):
            lines = textwrap.wrap(safe(text), self._width - 17, break_on_hyphens=False) or [""]
            yield f"{name + ':':16} {lines[0]}"
            yield from (" " * 17 + line for line in lines[1:])
        rate = numbers.rate
        if rate.by_level:
            totals = [sum(part) for part in zip(*(one.lines for one in rate.by_level), strict=True)]
            room = self._width - 20
            yield f"{'Rate:':16} {sparkline(_joined(totals, room))}"
            marks = _marks(rate, -(-len(totals) // room))
            if marks:
                yield f"{'':16} {marks}"
                yield f"{'':16} ! spike of errors, * a new problem"
        for section in sections(numbers):
            yield from self._section(section)

    def _section(self, section: Section) -> Iterator[str]:
        yield ""
        yield self._styled(section.title.upper(), "title")
        if section.note:
            yield from textwrap.wrap(safe(section.note), self._width)
        if not section.rows:
            yield section.empty
            return
        shown = section.rows if section.key in _FULL else section.rows[:_ROWS]
        table = [[_text(cell) for cell in row.cells] for row in shown]
        layout = _Layout.of(section, table, self._width)
        yield layout.line([column.title for column in section.columns])
        for row, cells in zip(shown, table, strict=True):
            yield self._styled(layout.line(cells), row.severity)
            for nth, at in enumerate(layout.below):
                name = f"{section.columns[at].title}: " if nth and cells[at] else ""
                yield from self._in_full(name + cells[at])
            yield from self._details(row, section)
        if len(shown) < len(section.rows):
            yield f"… and {len(section.rows) - len(shown)} more"

    def _in_full(self, cell: str) -> Iterator[str]:
        """A cell that has no room beside the others, in up to three lines of its own."""
        yield from textwrap.wrap(
            cell, self._width, initial_indent="    ", subsequent_indent="    ", max_lines=3
        )

    def _details(self, row: Row, section: Section) -> Iterator[str]:
        if section.key not in ("findings", "exceptions", "unread"):
            return
        for detail in row.details:
            yield from self._wrapped(f"{safe(detail.heading)}:", 4)
            if detail.is_log:
                for line in _middle_cut(detail.lines):
                    yield _cut(f"      {legible(line)}", self._width)
            else:
                for line in detail.lines:
                    yield from self._wrapped(safe(" ".join(line.split())), 6)
        if row.details:
            yield ""

    def _wrapped(self, text: str, indent: int) -> list[str]:
        """Prose; a path or an address is not cut."""
        blank = " " * indent
        return textwrap.wrap(
            text, self._width, initial_indent=blank, subsequent_indent=blank,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the columns of a section share the width.

    Attributes:
        columns: index and width of those that are shown.
        right: those that hold numbers.
        below: those that stand on lines of their own, as they have no room beside the others.
        width: of the whole.
    """

    columns: tuple[tuple[int, int], ...]
    right: frozenset[int]
    below: tuple[int, ...]
    width: int

    @classmethod
    def of(cls, section: Section, table: Sequence[Sequence[str]], width: int) -> _Layout:
        """Give up what is least, until the rest fits."""
        kinds = [column.kind for column in section.columns]
        widths = {
            at: max(len(cells[at]) for cells in [[c.title for c in section.columns], *table])
            for at in range(len(kinds))
            if any(cells[at] for cells in table)
        }
        words = [at for at in widths if kinds[at] in _WORDS]
        below = []
        if words and _sum(widths) > width:
            long_names = [at for at in words if kinds[at] == Kind.NAME and widths[at] > 2 * _LEAST]
            below.append(max(long_names or words, key=lambda at: widths[at]))
            del widths[below[0]]
        for at in [at for at in reversed(widths) if section.columns[at].is_whole]:
            if _sum(widths) > width:
                below.insert(1, at)
                del widths[at]
        for kind in (Kind.FIRST, Kind.TREND, None):
            words = [at for at in widths if kinds[at] in _WORDS]
            while words and _sum(widths) > width:
                widest = max(words, key=lambda at: widths[at])
                if widths[widest] <= _LEAST:
                    break
                widths[widest] -= 1
            if _sum(widths) > width:
                widths = {at: wide for at, wide in widths.items() if kinds[at] != kind}
        right = frozenset(at for at in widths if kinds[at] in (Kind.COUNT, Kind.NUMBER))
        return cls(tuple(widths.items()), right, tuple(below), width)

    def line(self, cells: Sequence[str]) -> str:
        """The cells in their columns."""
        shown = []
        for at, width in self.columns:
            cut = _cut(cells[at], width)
            shown.append(cut.rjust(width) if at in self.right else cut.ljust(width))
        return "  ".join(shown).rstrip()[: self.width]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _sum(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + 2 * (len(widths) - 1)


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return "-"
        case datetime():
            return moment_text(cell)
        case tuple():
            return sparkline(cell)
        case int():
            return f"{cell:,}"
        case float():
            return f"{cell:,.1f}"
        case _:
            return legible(cell)


def _middle_cut(lines: Sequence[str]) -> Sequence[str]:
    if len(lines) <= _SAMPLE:
        return lines
    return [*lines[:3], "…", *lines[3 - _SAMPLE :]]


def _marks(rate: Rate, step: int) -> str:
    """Signs beneath a row of bars, of which each stands for `step` parts."""
    signs = {part // step: "!" for part in rate.spikes}
    signs |= {part // step: "*" for part in rate.news}
    return "".join(signs.get(at, " ") for at in range(max(signs, default=-1) + 1))


def _joined(counts: Sequence[int], most: int) -> list[int]:
    """Neighbouring counts together, so that there are at most so many."""
    step = -(-len(counts) // most)
    return [sum(counts[at : at + step]) for at in range(0, len(counts), step)]
