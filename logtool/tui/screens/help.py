"""HelpScreen: all keys and commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from logtool.tui.model.commands import COMMANDS
from logtool.tui.model.filters import __doc__ as filter_help
from logtool.tui.model.keys import groups


class HelpScreen(ModalScreen[None]):
    """One long text to scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "close"),
        Binding("j,down", "scroll('down')", "down", show=False),
        Binding("k,up", "scroll('up')", "up", show=False),
        Binding("space,pagedown,ctrl+d", "scroll('page_down')", "page down", show=False),
        Binding("b,pageup,ctrl+u", "scroll('page_up')", "page up", show=False),
        Binding("g,home", "scroll('home')", "top", show=False),
        Binding("G,end", "scroll('end')", "end", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 76; max-width: 100%; height: 90%; border: round $primary; background: $surface;
        padding: 0 1; scrollbar-size-vertical: 1;
    }
    """

    def compose(self) -> ComposeResult:
        """One text in a box."""
        box = VerticalScroll(Static(Text("\n").join(_lines())))
        box.border_title = "errlog view"
        box.border_subtitle = "Esc closes"
        yield box

    def action_scroll(self, where: str) -> None:
        """Scroll the text."""
        getattr(self.query_one(VerticalScroll), f"scroll_{where}")(animate=False)


def _lines() -> Iterator[Text]:
    for heading, keys in groups().items():
        yield Text(heading, "bold")
        for key in keys:
            yield Text.assemble("  ", (f"{key.shown:<14}", "bold cyan"), key.text)
        yield Text()
    yield Text("Commands, after a colon", "bold")
    for known in COMMANDS:
        head = f"{known.word} {known.argument}".strip()
        yield Text.assemble("  ", (f"{head:<14}", "bold cyan"), known.text)
    yield Text.assemble("  ", (f"{'42':<14}", "bold cyan"), "line 42")
    yield Text.assemble("  ", (f"{'08:42':<14}", "bold cyan"), "go to this time, in UTC")
    yield Text()
    yield Text("Filters", "bold")
    words = (filter_help or "").partition("\n\n")[2]
    yield Text("  " + " ".join(words.replace("`", "").split()))
    yield Text()
    yield Text("A number before a key repeats it. Expressions without capitals match either case.")
