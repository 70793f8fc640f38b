"""Bars: the title above the lines, the status below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from logtool.tui.model.told.bars import Bar
from logtool.tui.model.told.pieces import Piece
from logtool.tui.widgets.colours import clock_style

_STYLES = ("strong", "flag", "key", "aside")


class BarLine(Widget):
    """One line of text with something at its right end."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"bar--{name}" for name in _STYLES}
    DEFAULT_CSS = """
    BarLine {
        height: 1;
        & > .bar--strong { text-style: bold; }
        & > .bar--flag { color: $text-error; text-style: bold; }
        & > .bar--key { color: $text-accent; text-style: bold; }
        & > .bar--aside { color: $foreground-darken-2; }
    }
    """

    bar: reactive[Bar | None] = reactive(None)

    def render(self) -> Text:
        """Left and right."""
        if self.bar is None:
            return Text("")
        right = self._text(self.bar.right)
        left = self._text(self.bar.left)
        room = max(self.size.width - right.cell_len - 1, 0)
        left.truncate(room, overflow="ellipsis", pad=True)
        return Text.assemble(left, " ", right, no_wrap=True, overflow="crop", end="")

    def _text(self, pieces: Sequence[Piece]) -> Text:
        texts = [(piece.text, self._style(piece.style)) for piece in pieces]
        return Text.assemble(*texts, no_wrap=True, end="")

    def _style(self, name: str) -> Style:
        if name.startswith("clock"):
            return clock_style(self.app, name)
        if name not in _STYLES:
            return Style.null()
        return self.get_component_rich_style(f"bar--{name}", partial=True)
