"""Format detection: takes logs, tells the layouts of their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from logtool.layouts.of_sets import set_layouts
from logtool.normalize import MANY_UNREAD
from logtool.sources.source import Source
from parsers.classes import dataclass
from parsers.detection.detect import DetectedLayout, detect
from parsers.layouts import Layout

#: Blocks looked at: some tens of megabytes from the beginning.
_BLOCKS = 8
#: Lines shown of a log without any layout, and bytes of each.
_MISSES, _LONGEST = 5, 200
#: How a layout that no line tells is told.
_TOLD_BY = "  --format 'ErrorLogFormat', or --config HTTPD.CONF"
#: A line of `journalctl -o export`, or of its `json`, whose fields begin so (journal-fields).
_JOURNAL = re.compile(r'__(?:CURSOR|REALTIME_TIMESTAMP)=|\{.*"_[A-Z_]+"\s*:')


@dataclass(frozen=True, slots=True)
class Detection:
    """The layouts of a log.

    Attributes:
        name: the log's.
        layouts: those that read most lines first.
        empty: it has no line.
        unread: share of the lines that none of them reads, 0 … 1.
        misses: some of those lines.
        of_set: by which its lines are read together with its rotated set, before any of those.
    """

    name: str
    layouts: tuple[DetectedLayout, ...]
    empty: bool
    unread: float
    misses: tuple[str, ...]
    of_set: tuple[Layout, ...] = ()

    def as_data(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": self.name,
            "layouts": [
                {
                    **_named(found.layout),
                    "lines": found.lines,
                    "share": round(found.share, 4),
                    "columns": list(found.layout.columns),
                    "misses": [_readable(line) for line in found.misses],
                }
                for found in self.layouts
            ],
            "unread": round(self.unread, 4),
            "misses": list(self.misses),
            "of_set": [_named(layout) for layout in self.of_set],
        }

    def as_text(self) -> Iterator[str]:
        """For people."""
        yield self.name
        for found in self.layouts:
            yield f"  {found.share:7.2%}  {found.layout.name}"
            yield from _directive(found.layout)
        for layout in self.of_set:
            yield f"   in its set  {layout.name}, as lines of its other members show"
            yield from _directive(layout)
        if self.empty:
            yield "  no line to look at: it is empty"
        elif not self.layouts:
            yield "  no line has a layout of Apache's error log"
        if self.unread:
            yield f"  {self.unread:7.2%}  no layout, such as"
            yield from (f"           {line}" for line in self.misses)
        if self.unread > MANY_UNREAD and any(map(_JOURNAL.match, self.misses)):
            yield "  A journal wrote them as json or export. Commands that read logs take what"
            yield "  journalctl -o short-iso-precise or -o cat writes"
        elif self.unread > MANY_UNREAD:
            yield "  If an ErrorLogFormat of yours prints them, commands that read logs take it:"
            yield _TOLD_BY
        if lacks := next(filter(None, map(_lacks, self.layouts)), ""):
            yield f"  Messages may begin with more: a time is found, but {lacks}."
            yield "  If an ErrorLogFormat of yours prints these, say it to commands that read logs:"
            yield _TOLD_BY


def _lacks(found: DetectedLayout) -> str:
    """What is not known of much of a log, in whose layout a format of its own may say more."""
    columns = {*found.layout.columns}
    if "time" not in columns or found.share <= MANY_UNREAD:
        return ""
    if "prefix" in columns:
        return "no process"
    return "" if {"level", "pid"} & columns else "no level and no process"


def detections(sources: Sequence[Source]) -> Iterator[Detection]:
    """The layouts of the first lines of each log."""
    if len({source.sequence for source in sources}) == len(sources):
        yield from map(_ranked, map(_detection, sources))
        return
    found = [*map(_detection, sources)]
    every = set_layouts(sources, [[one.layout for one in each.layouts] for each in found])
    for each, theirs in zip(found, every, strict=True):
        of_set = tuple(theirs[: len(theirs) - len(each.layouts)])
        yield replace(_ranked(each), of_set=of_set)


def _ranked(found: Detection) -> Detection:
    """The same, layouts of most lines first."""
    return replace(found, layouts=tuple(sorted(found.layouts, key=lambda one: -one.lines)))


def _detection(source: Source) -> Detection:
    """What is found in a log by itself, best layouts first."""
    sample = list(islice(source.blocks(), _BLOCKS))
    layouts = tuple(detect(sample))
    if layouts:
        misses = layouts[-1].misses
    else:
        misses = tuple(
            block.line(row)[:_LONGEST]
            for block in sample[:1]
            for row in range(min(len(block), _MISSES))
        )
    unread = 1 - sum(found.share for found in layouts) if misses else 0.0
    told = tuple(_readable(line) for line in misses)
    return Detection(source.name, layouts, not any(map(len, sample)), unread, told)


def _named(layout: Layout) -> dict[str, object]:
    """A layout's name, and the directive that prints it, or None."""
    return {"name": layout.name, "format": layout.format.text if layout.format else None}


def _directive(layout: Layout) -> Iterator[str]:
    if layout.format is not None:
        yield f"           {layout.format.text}"


def _readable(line: bytes) -> str:
    """A line's text, with what is not printable made visible."""
    text = line.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
