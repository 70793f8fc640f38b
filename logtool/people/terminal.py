"""Terminal: takes text that anyone may have written into a log, gives text safe to show."""

from __future__ import annotations

import os
import re
import sys
from functools import cache

from parsers.classes import dataclass
from parsers.escapes import unescape

#: Controls (C0, DEL, C1), what reorders text, what hides it, and separators that break lines: none
#: is printable, of which Python is asked first, for that takes less time.
_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f"
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
    "\ud800-\udfff]"
)
#: The same in lines of a log, but for their ends and what indents them.
_UNSAFE_IN_LINES = rf"(?!\r?\n|\t){_UNSAFE}"
#: Compiled when there is something to show: most runs write nothing to a terminal.
_compiled = cache(re.compile)

#: Controls that httpd writes by a letter (see `parsers.escapes`).
_NAMED = {"\b": "\\b", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
#: What a word looks like where colours are wanted: parameters of SGR (ECMA-48).
_STYLES = {
    "critical": "1;31", "error": "31", "warning": "33", "notice": "36",
    "emerg": "1;31", "alert": "1;31", "crit": "1;31", "warn": "33",
    "certain": "32", "written": "32", "likely": "33", "assumed": "31",
    "title": "1", "aside": "2",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Painter:
    """Puts text in colours, or leaves it as it is.

    Attributes:
        on: colours are wanted.
    """

    on: bool

    @classmethod
    def of(cls, color: str) -> Painter:
        """What `--color auto|always|never` means for standard output.

        `auto` heeds https://no-color.org and terminals that are dumb.
        """
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return cls(color == "always" or (color == "auto" and sys.stdout.isatty() and not plain))

    def __call__(self, text: str, style: str) -> str:
        """The text in a style: a severity, a level, a confidence, `title`, `aside` or another."""
        code = _STYLES.get(style) if self.on else None
        return f"\x1b[{code}m{text}\x1b[0m" if code else text


#: Columns of text for people where the terminal is narrower than any, and where there is none; and
#: of what is made to be mailed.
_LEAST_WIDTH, _FILE_WIDTH, MAIL_WIDTH = 60, 100, 78


def output_width() -> int:
    """Columns for text on standard output: the terminal's, or those of a file."""
    if not sys.stdout.isatty():
        return _FILE_WIDTH
    import shutil  # slow to import, as is textwrap

    return max(shutil.get_terminal_size().columns, _LEAST_WIDTH)


def terminal_width() -> int | None:
    """Columns of the terminal that standard output is; None where it is none."""
    return output_width() if sys.stdout.isatty() else None


def fitted(text: str, width: int | None, rest: str) -> list[str]:
    """A line as it is where it fits so many columns, or where there is no width to fit; else parts.

    Args:
        text: the line; what it is indented by stays.
        width: columns.
        rest: what all parts but the first begin with.
    """
    if width is None or len(text) <= width:
        return [text]
    return wrapped(text, width, text[: len(text) - len(text.lstrip())], rest)


def wrapped(text: str, width: int, first: str = "", rest: str = "    ") -> list[str]:
    """Lines of so many columns; a path, a directive or a URL is never broken.

    Args:
        text: words.
        width: columns.
        first: what the first line begins with.
        rest: what the others begin with.
    """
    import textwrap

    return textwrap.wrap(
        " ".join(text.split()),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def say(line: str) -> None:
    """Write a line to standard error; a terminal gets it broken between words, as wide as it is.

    Anything else gets it whole, however long: in cron's mail, a log or a script each note is one
    line, which can be counted, searched and taken apart.
    """
    width = os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else 0
    if not 0 < width < len(line):
        print(line, file=sys.stderr)
        return
    indent = " " * (len(line) - len(line.lstrip()))
    for part in fitted(line, max(width, _LEAST_WIDTH), f"{indent}    "):
        print(part, file=sys.stderr)


def safe(text: str) -> str:
    r"""The text with every control, bidirectional mark and invisible character written out.

    A tab becomes a blank; others `\x1b` or `\u202e`. So no line of a log can move the cursor, write
    the clipboard or show other text than it holds.
    """
    return text if text.isprintable() else _compiled(_UNSAFE).sub(_written_out, text)


def legible(message: str) -> str:
    r"""A message for people, safe to show: `\xc3\xa9` is `é` again, controls are as in the log."""
    text = unescape(message)
    return text if text.isprintable() else _compiled(_UNSAFE).sub(_as_httpd_writes, text)


def safe_lines(data: bytes) -> bytes:
    """Lines of a log as a terminal may get them: what `safe` writes out, and what is no UTF-8."""
    text = data.decode("utf-8", "backslashreplace")
    return _compiled(_UNSAFE_IN_LINES).sub(_written_out, text).encode()


#: Characters of a text shown before and after a place in it.
_AROUND = 34


def pointed(text: str, at: int) -> tuple[str, str]:
    """Two safe lines that fit 80 columns: what stands round a place in a text, and a caret."""
    start, end = max(0, at - _AROUND), at + _AROUND
    before = ("…" if start else "") + safe(text[start:at])
    after = safe(text[at:end]) + ("…" if end < len(text) else "")
    return f"  {before}{after}", f"  {' ' * len(before)}^"


def safe_json(text: str) -> str:
    """JSON with what `safe` writes out as JSON's own escapes: the same data, and safe to show."""
    return text if text.isprintable() else _compiled(_UNSAFE).sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    # What JSON puts between its values; within its strings these are escaped already.
    if match[0] in "\n\t\r":
        return match[0]
    import json  # slow to import, and seldom needed

    return json.dumps(match[0])[1:-1] if match[0] != "\x7f" else "\\u007f"


def _as_httpd_writes(match: re.Match[str]) -> str:
    return _NAMED.get(match[0]) or _written_out(match)


def _written_out(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 9:
        return " "
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
