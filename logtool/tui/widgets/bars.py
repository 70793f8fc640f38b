"""Bars: the title above the lines, the status below."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive
from textual.widgets import Static

from logtool.tui.model.bars import Bar


class BarLine(Static):
    """One line of text with something at its right end."""

    bar: reactive[Bar | None] = reactive(None)

    def render(self) -> Text:
        """Left and right."""
        if self.bar is None:
            return Text("")
        room = max(self.size.width, 1)
        right = Text(self.bar.right, no_wrap=True, end="")
        left = Text(self.bar.left, no_wrap=True, overflow="ellipsis", end="")
        left.truncate(max(room - len(right) - 1, 0), overflow="ellipsis", pad=True)
        return Text.assemble(left, " ", right, no_wrap=True)
