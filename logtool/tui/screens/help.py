"""HelpScreen: all keys and commands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from logtool.tui.model import keys
from logtool.tui.model.chosen.filters import __doc__ as filter_help
from logtool.tui.model.commands import COMMANDS

#: Groups of keys beside each other where the screen is so wide.
_LEFT, _RIGHT = ("Move", "Find", "Screens"), ("Show", "Keep")
_WIDE = 118


class HelpScreen(ModalScreen[None]):
    """One long text to scroll."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "close"),
        Binding(keys.DOWN, "scroll('down')", "down", show=False),
        Binding(keys.UP, "scroll('up')", "up", show=False),
        Binding(keys.PAGE_DOWN, "scroll('page_down')", "page down", show=False),
        Binding(keys.PAGE_UP, "scroll('page_up')", "page up", show=False),
        Binding(keys.TOP, "scroll('home')", "top", show=False),
        Binding(keys.BOTTOM, "scroll('end')", "end", show=False),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 76; max-width: 100%; height: 90%; border: round $primary; background: $surface;
        padding: 0 1; scrollbar-size-vertical: 1;
    }
    HelpScreen Horizontal { height: auto; }
    HelpScreen Horizontal Static { width: 1fr; padding: 0 1 0 0; }
    """

    def compose(self) -> ComposeResult:
        """One text in a box, or two beside each other where there is room."""
        left = Text("\n").join([*_keys(_LEFT), *_filters()])
        right = Text("\n").join([*_keys(_RIGHT), *_commands()])
        if self.app.size.width < _WIDE:
            box = VerticalScroll(Static(Text("\n").join([left, right])))
        else:
            box = VerticalScroll(Horizontal(Static(left), Static(right)))
            box.styles.width = _WIDE
        box.border_title = "errlog view"
        box.border_subtitle = "Esc closes"
        yield box

    def action_scroll(self, where: str) -> None:
        """Scroll the text."""
        getattr(self.query_one(VerticalScroll), f"scroll_{where}")(animate=False)


def _keys(headings: Sequence[str]) -> Iterator[Text]:
    for heading in headings:
        yield Text(heading, "bold")
        for key in keys.groups()[heading]:
            yield _line(key.shown, key.text)
        yield Text()


def _commands() -> Iterator[Text]:
    yield Text("Commands, after a colon", "bold")
    for known in COMMANDS:
        yield _line(f"{known.word} {known.argument}".strip(), known.text)
    yield _line("42", "line 42 of the log under the cursor")
    yield _line("error.log:42", "the line that is cited so")
    yield _line("08:42", "go to this time, in UTC")
    yield Text()


def _filters() -> Iterator[Text]:
    yield Text("Filters", "bold")
    words = (filter_help or "").partition("\n\n")[2]
    yield Text(" ".join(words.replace("`", "").split()))
    yield Text()
    yield Text("A number before a key repeats it. Expressions without capitals match either case.")
    yield Text()


def _line(name: str, text: str) -> Text:
    return Text.assemble("  ", (f"{name:<14}", "bold cyan"), text)
