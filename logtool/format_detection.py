"""Format detection: takes a log's blocks, tells the layouts of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from logtool.normalize import MANY_UNREAD
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.detect import DetectedLayout, detect

#: Blocks looked at: some tens of megabytes from the beginning.
_BLOCKS = 8
#: Lines shown of a log without any layout, and bytes of each.
_MISSES, _LONGEST = 5, 200


@dataclass(frozen=True, slots=True)
class Detection:
    """The layouts of a log.

    Attributes:
        name: the log's.
        layouts: those that read most lines first.
        empty: it has no line.
        unread: share of the lines that none of them reads, 0 … 1.
        misses: some of those lines.
    """

    name: str
    layouts: tuple[DetectedLayout, ...]
    empty: bool
    unread: float
    misses: tuple[str, ...]

    def as_data(self) -> dict[str, object]:
        """For JSON."""
        return {
            "file": self.name,
            "layouts": [
                {
                    "name": found.layout.name,
                    "format": found.layout.format.text if found.layout.format else None,
                    "lines": found.lines,
                    "share": round(found.share, 4),
                    "columns": list(found.layout.columns),
                    "misses": [_readable(line) for line in found.misses],
                }
                for found in self.layouts
            ],
            "unread": round(self.unread, 4),
            "misses": list(self.misses),
        }

    def as_text(self) -> Iterator[str]:
        """For people."""
        yield self.name
        for found in self.layouts:
            yield f"  {found.share:7.2%}  {found.layout.name}"
            if found.layout.format is not None:
                yield f"           {found.layout.format.text}"
        if self.empty:
            yield "  no line to look at: it is empty"
        elif not self.layouts:
            yield "  no line has a layout of Apache's error log"
        if self.unread:
            yield f"  {self.unread:7.2%}  no layout, such as"
            yield from (f"           {line}" for line in self.misses)
        if self.unread > MANY_UNREAD:
            yield "  If an ErrorLogFormat of yours prints them, commands that read logs take it:"
            yield "  --format 'ErrorLogFormat', or --config HTTPD.CONF"


def detection(name: str, blocks: Iterable[Block]) -> Detection:
    """The layouts of the first lines of a log."""
    sample = list(islice(blocks, _BLOCKS))
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
    ranked = tuple(sorted(layouts, key=lambda found: -found.lines))
    return Detection(
        name, ranked, not any(map(len, sample)), unread, tuple(_readable(line) for line in misses)
    )


def _readable(line: bytes) -> str:
    """A line's text, with what is not printable made visible."""
    text = line.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
