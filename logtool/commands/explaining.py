"""Explaining: takes logs, gives what is told under lines of known problems, as journalctl -x."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click
import numpy as np

from logtool.normalize import Written
from parsers.lines import NO_TIME

if TYPE_CHECKING:
    from logtool.clocks.table import ClockTable
    from logtool.flags.rule import Rule
    from logtool.passes.logs import Log

_MARK = "-- "

#: Asks for it.
explain_option = click.option(
    "-x", "--explain", "explain", is_flag=True,
    help="Tell cause and cure under each line of a known problem.",
)  # fmt: skip


class Explainer:
    """The rules that hold on single lines of some logs, by file and line number."""

    def __init__(self, logs: Sequence[Log], table: ClockTable) -> None:
        """Read the logs for it."""
        from logtool.flags.search import rules_by_line
        from logtool.flags.wsgi_codes import default_rules

        self._rules = rules_by_line(logs, table, default_rules())
        self._told: set[str] = set()

    def rules(self, file: str, line: int) -> Sequence[Rule]:
        """Those of a line."""
        return self._rules.get((file, line), ())

    def told(self, file: str, line: int) -> Iterator[str]:
        """What to say under a line: cause and cure only where a rule is met first."""
        from logtool.flags.explanations import in_short

        for rule in self.rules(file, line):
            short = list(in_short(rule))
            yield from (f"{_MARK}{text}" for text in (short[:1] if self._is_known(rule) else short))
            self._told.add(rule.id)

    def under_lines(self, blocks: Iterable[Written]) -> Iterator[Written]:
        """The same blocks, explanations between their lines; all other bytes as they are."""
        lines: Mapping[str, list[int]] = self._lines_by_file()
        for written in blocks:
            first = written.block.first_line
            asked = lines.get(written.log.source.name, [])
            begin, end = np.searchsorted(asked, [first, first + len(written.block)])
            yield self._with_told(written, asked[begin:end]) if begin < end else written

    def _is_known(self, rule: Rule) -> bool:
        return rule.id in self._told

    def _lines_by_file(self) -> dict[str, list[int]]:
        lines: dict[str, list[int]] = {}
        for file, line in sorted(self._rules):
            lines.setdefault(file, []).append(line)
        return lines

    def _with_told(self, written: Written, lines: Sequence[int]) -> Written:
        ends = np.flatnonzero(written.text == ord("\n")) + 1
        pieces: list[bytes] = []
        rows: list[int] = []
        done = 0
        for line in lines:
            row = line - written.block.first_line
            texts = list(self.told(written.log.source.name, line))
            # The last line of a log may lack its newline.
            end = int(ends[row]) if row < len(ends) else len(written.text)
            pieces.append(written.text[done:end].tobytes())
            told = "".join(f"{text}\n" for text in texts).encode()
            pieces.append(told if row < len(ends) else b"\n" + told[:-1])
            rows += [row + 1] * len(texts)
            done = end
        pieces.append(written.text[done:].tobytes())
        return replace(
            written,
            text=np.frombuffer(b"".join(pieces), np.uint8),
            utc_us=np.insert(written.utc_us, rows, NO_TIME),
        )
