"""Keys: one table that the bindings and the help are made of."""

from __future__ import annotations

from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """What some keys do.

    Attributes:
        keys: as Textual names them.
        shown: as people write them.
        action: name of the action.
        text: what it does.
        group: heading in the help.
    """

    keys: tuple[str, ...]
    shown: str
    action: str
    text: str
    group: str


_MOVE, _FIND, _SHOW, _MARK, _GO = "Move", "Find", "Show", "Keep", "Screens"

KEYS = (
    Key(("j", "down", "ctrl+e"), "j ↓", "down", "next line", _MOVE),
    Key(("k", "up", "ctrl+y"), "k ↑", "up", "line before", _MOVE),
    Key(("space", "pagedown", "ctrl+f"), "Space PgDn", "page_down", "next page", _MOVE),
    Key(("b", "pageup", "ctrl+b"), "b PgUp", "page_up", "page before", _MOVE),
    Key(("ctrl+d", "d"), "d Ctrl-d", "half_down", "half a page down", _MOVE),
    Key(("ctrl+u",), "Ctrl-u", "half_up", "half a page up", _MOVE),
    Key(("g", "home", "less_than_sign"), "g Home", "top", "first line; 30g: line 30 of the log",
        _MOVE),
    Key(("G", "end", "greater_than_sign"), "G End", "bottom", "last line; 30G: line 30 of the log",
        _MOVE),
    Key(("left",), "←", "left", "half a screen to the left", _MOVE),
    Key(("right",), "→", "right", "half a screen to the right", _MOVE),
    Key(("e",), "e", "next_error", "next error or worse", _MOVE),
    Key(("E",), "E", "previous_error", "error or worse before", _MOVE),
    Key(("w",), "w", "next_warning", "next warning", _MOVE),
    Key(("W",), "W", "previous_warning", "warning before", _MOVE),
    Key(("o",), "o", "next_request", "next line of the same request", _MOVE),
    Key(("O",), "O", "previous_request", "line of the same request before", _MOVE),
    Key(("s",), "s", "next_gap", "next silence of a minute; 5s of five", _MOVE),
    Key(("S",), "S", "previous_gap", "silence before", _MOVE),
    Key(("percent_sign",), "%", "percent", "50% goes to the middle", _MOVE),
    Key(("f",), "f", "next_log", "first line of the next log", _MOVE),
    Key(("F",), "F", "follow", "follow the end; moving up pauses", _MOVE),
    Key(("slash",), "/", "search", "search; a regular expression", _FIND),
    Key(("n",), "n", "next_hit", "next hit", _FIND),
    Key(("N",), "N", "previous_hit", "hit before", _FIND),
    Key(("ampersand",), "&", "filter", "filter: level>=warn module=wsgi !text", _FIND),
    Key(("colon",), ":", "command", "command, line number, or time", _FIND),
    Key(("t",), "t", "time", "times in UTC, as logged, local", _SHOW),
    Key(("T",), "T", "elapsed", "time since the line before", _SHOW),
    Key(("x",), "x", "columns", "fewer columns", _SHOW),
    Key(("enter", "p"), "Enter p", "detail", "why this time; all of the line", _SHOW),
    Key(("plus", "equals_sign"), "+", "unfold", "open or close a folded event", _SHOW),
    Key(("ctrl+g",), "Ctrl-g", "where", "where am I: file, line, process, clock", _SHOW),
    Key(("i",), "i", "histogram", "histogram, by level or clock", _SHOW),
    Key(("z",), "z", "zoom_in", "zoom the histogram in", _SHOW),
    Key(("Z",), "Z", "zoom_out", "zoom the histogram out", _SHOW),
    Key(("ctrl+w",), "Ctrl-w", "wrap", "wrap long lines, or cut them", _SHOW),
    Key(("ctrl+l",), "Ctrl-l", "repaint", "draw the screen anew", _SHOW),
    Key(("f5", "ctrl+r"), "F5 Ctrl-r", "reload", "read the logs anew", _SHOW),
    Key(("tab",), "Tab", "pane", "other pane", _SHOW),
    Key(("m",), "m", "mark", "bookmark this line", _MARK),
    Key(("u",), "u", "next_mark", "next bookmark", _MARK),
    Key(("U",), "U", "previous_mark", "bookmark before", _MARK),
    Key(("V",), "V", "select", "begin or end a selection", _MARK),
    Key(("J",), "J", "select_down", "select the next line too", _MARK),
    Key(("K",), "K", "select_up", "select the line before too", _MARK),
    Key(("c",), "c", "copy", "copy selection or line; 5c copies five", _MARK),
    Key(("ctrl+s",), "Ctrl-s", "save", "save selection or all that is shown", _MARK),
    Key(("v",), "v", "editor", "open in $EDITOR at this line", _MARK),
    Key(("C",), "C", "clocks", "clocks and their evidence", _GO),
    Key(("P",), "P", "findings", "known problems, cause and cure", _GO),
    Key(("X",), "X", "exceptions", "exceptions, alike ones together", _GO),
    Key(("R",), "R", "requests", "requests across processes", _GO),
    Key(("question_mark", "f1"), "? F1", "help", "this help", _GO),
    Key(("ctrl+p",), "Ctrl-p", "app.command_palette", "all of this by name", _GO),
    Key(("escape",), "Esc", "back", "close, stop searching", _GO),
    Key(("q", "Q"), "q", "quit_view", "close, then quit", _GO),
    Key(("ctrl+c",), "Ctrl-c", "interrupt", "stop searching, else quit", _GO),
    Key(("ctrl+z",), "Ctrl-z", "app.suspend_process", "to the shell; its fg brings it back", _GO),
)  # fmt: skip


def keys_of(*actions: str) -> str:
    """All keys of some actions, as a binding takes them."""
    return ",".join(name for key in KEYS if key.action in actions for name in key.keys)


#: The keys that scroll whatever has lines and pages, as over a log; half a page is a whole one.
DOWN, UP = keys_of("down"), keys_of("up")
PAGE_DOWN, PAGE_UP = keys_of("page_down", "half_down"), keys_of("page_up", "half_up")
TOP, BOTTOM = keys_of("top"), keys_of("bottom")


def groups() -> dict[str, list[Key]]:
    """The keys under their headings."""
    answer: dict[str, list[Key]] = {}
    for key in KEYS:
        answer.setdefault(key.group, []).append(key)
    return answer
