"""Colours of clocks, to be told apart on dark and light ground, and where there are only 16."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.style import Style

if TYPE_CHECKING:
    from textual.app import App

_HUES = (
    "#4c8dff", "#e8890c", "#2fa84f", "#c054c8", "#18a3ac", "#d9534f", "#9c8b1e", "#8a7ae6",
)  # fmt: skip
_NAMES = (
    "bright_blue", "yellow", "green", "magenta", "cyan", "red", "bright_yellow", "bright_magenta",
)  # fmt: skip
#: Terminals of so many colours get names, whose hues are the user's own.
_FEW = ("standard", "windows")


def few_colours(app: App[Any]) -> bool:
    """Whether the terminal has only 16."""
    return app.console.color_system in _FEW


def clock_style(app: App[Any], name: str) -> Style:
    """The style of `clock0` … `clock7`."""
    few = app.native_ansi_color or few_colours(app)
    return Style(color=(_NAMES if few else _HUES)[int(name.removeprefix("clock"))])
