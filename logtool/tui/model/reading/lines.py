"""Lines: takes rows, gives the lines that stand there, read and cut into their fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from logtool.people.terminal import safe
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.builder import ShownLog
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.error_log_format.items import LEVELS
from parsers.escapes import unescape
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_TIME
from parsers.python_levels import IN_HTTPD, level_of
from parsers.units import SECOND
from parsers.wsgi_prefix import SCRIPT

#: The level and the module of mod_wsgi's lines; a layout without modules may be of its lines too.
AS_LEVEL, AS_MODULE = "error", "wsgi"
#: More of a line is never shown.
LONGEST = 1 << 16
_HEAD = 4096
_REMEMBERED = 4096
_DIGITS = 6
_SCRIPT = re.compile(f"^{SCRIPT}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line, ready to be shown; its texts hold no control characters.

    Attributes:
        row: its row in the index.
        log: number of its log.
        number: its line number there, from 1.
        raw: the bytes as they stand, at most LONGEST.
        read: some layout reads it.
        local_us: its local time, microseconds, or None.
        digits: of the fraction, as written.
        offset_s: as the line itself writes it, or None.
        pid: or NO_PID.
        level: index into LEVELS, or -1.
        python: the level that Python's logging wrote inside a text of mod_wsgi, or empty.
        fields: what its layout names, as text, in the order of the line.
        gone: why it cannot be read any more; only what the index knows is told of it then.
    """

    row: int
    log: int
    number: int
    raw: bytes
    read: bool
    local_us: int | None
    digits: int
    offset_s: int | None
    pid: int
    level: int
    python: str
    fields: dict[str, str]
    gone: str = ""

    @property
    def meant(self) -> int:
        """The level that was meant: Python's where it is written, else httpd's."""
        return LEVELS.index(IN_HTTPD[self.python]) if self.python else self.level

    @property
    def message(self) -> str:
        """The message, or the whole line where no layout reads it; of a line that is gone, why."""
        if self.gone:
            return f"gone: {self.gone}"
        return self.fields["message"] if "message" in self.fields else safe(_text(self.raw))

    @property
    def module(self) -> str:
        """The module's name, or empty."""
        return self.fields.get("module", "")

    @property
    def unescaped(self) -> str:
        """The message as the program wrote it, before httpd escaped it."""
        return "\n".join(safe(part) for part in unescape(self.message).split("\n"))


class LineReader:
    """Reads lines and remembers those it read last."""

    def __init__(self, index: LineIndex, logs: Sequence[ShownLog]) -> None:
        """Read lines of an index from the logs that it counts."""
        self.index = index
        self.logs = logs
        self._lines: dict[int, Line] = {}
        self._read_so = self._ways()

    def forget(self) -> None:
        """Read all lines anew: another layout reads them now."""
        self._lines.clear()

    def looks_binary(self) -> bool:
        """Whether a log has a NUL near its beginning, as texts do not."""
        return any(b"\0" in log.bytes.read(0, _HEAD) for log in self.logs)

    def line(self, row: int) -> Line:
        """One line."""
        return self.lines([row])[0]

    def lines(self, rows: Iterable[int]) -> list[Line]:
        """Some lines, in the order asked for."""
        asked = list(rows)
        ways = self._ways()
        if ways != self._read_so:  # more is known of the layouts, or a log was rotated
            self._read_so = ways
            self.forget()
        missing: dict[int, list[int]] = {}
        for row in asked:
            if row not in self._lines:
                missing.setdefault(self.index.stretch_of(row).log, []).append(row)
        if len(self._lines) + len(asked) > _REMEMBERED:
            kept = {row: self._lines[row] for row in asked if row in self._lines}
            self._lines = kept
        for log, some in missing.items():
            for line in self._read(log, some):
                self._lines[line.row] = line
        return [self._lines[row] for row in asked]

    def _ways(self) -> list[tuple[Decoder, int]]:
        """How lines are read: by what, and how often their bytes began to be elsewhere."""
        return [(log.decoder, log.bytes.turned) for log in self.logs]

    def raw(self, row: int, longest: int = LONGEST) -> bytes:
        """A line as it stands, without its newline; empty where it is not there any more."""
        if row >= len(self.index):
            return b""
        stretch = self.index.stretch_of(row)
        place = self.index.place.at(row)
        size = longest
        if row + 1 < len(self.index) and self.index.stretch_of(row + 1) == stretch:
            size = min(self.index.place.at(row + 1) - place, longest)
        return self.logs[stretch.log].bytes.read(place, size).partition(b"\n")[0]

    def _gone(self, row: int, why: str) -> Line:
        """What the index knows of a line that cannot be read any more."""
        index = self.index
        log, number = index.line_of(row)
        offset, level = index.offset_of(row), int(index.level.values[row])
        module = int(index.module.values[row])
        return Line(
            row=row,
            log=log,
            number=number,
            raw=b"",
            read=True,
            local_us=None if offset is None else int(index.time_us.values[row]) + offset * SECOND,
            digits=_DIGITS,
            offset_s=None,
            pid=int(index.pid.values[row]),
            level=level,
            python="",
            fields={"module": index.modules[module]} if module >= 0 else {},
            gone=why,
        )

    def _read(self, log: int, rows: list[int]) -> list[Line]:
        why_gone = self.logs[log].bytes.why_gone
        why = {row: why_gone(self.index.place.at(row)) for row in rows}
        lines = [self._gone(row, why[row]) for row in rows if why[row]]
        rows = [row for row in rows if not why[row]]
        if not rows:
            return lines
        raws = [self.raw(row) for row in rows]
        block = Block.of(b"\n".join(raws) + b"\n")
        decoder = self.logs[log].decoder
        stamps = decoder.stamps(block)
        every = np.arange(len(rows))
        names = {name for layout in decoder.layouts for name in layout.columns} - {"time", "pid"}
        spans = decoder.fields(block, stamps, every, {*names, "tag"})
        for at, (row, raw) in enumerate(zip(rows, raws, strict=True)):
            found = sorted(
                (int(span.start[at]), int(span.end[at]), name)
                for name, span in spans.items()
                if span.start[at] >= 0
            )
            fields = {name: safe(_text(block.data[a:b].tobytes())) for a, b, name in found}
            local_us = int(stamps.local_us[at])
            written = int(stamps.offset_s[at])
            level = fields.get("level", "")
            lines.append(
                Line(
                    row=row,
                    log=log,
                    number=self.index.line_of(row)[1],
                    raw=raw,
                    read=bool(stamps.layout[at] != NO_LAYOUT),
                    local_us=None if local_us == NO_TIME else local_us,
                    digits=int(stamps.digits[at]),
                    offset_s=None if written == NO_OFFSET else written,
                    pid=int(stamps.pid[at]),
                    level=LEVELS.index(level) if level in LEVELS else -1,
                    python=_python_level(fields),
                    fields=fields,
                )
            )
        return lines


def _python_level(fields: dict[str, str]) -> str:
    """mod_wsgi logs all that Python writes as `error`; what was meant stands in the text."""
    if fields.get("module", AS_MODULE) != AS_MODULE or fields.get("level") != AS_LEVEL:
        return ""
    return level_of(_SCRIPT.sub("", fields.get("message", "")))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
