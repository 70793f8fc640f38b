"""Tracebacks: take the text lines of one Python traceback, give its structure.

Knows what CPython 2.6 to 3.14 prints (traceback.py, traceback.c, faulthandler.c) and what mod_wsgi
prints in its place: stacks without a header, dumps of active threads, exceptions without frames.
The lines are messages of an error log: without stamp, process, client and referer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field

from parsers.classes import dataclass
from parsers.whole_numbers import whole_number
from parsers.wsgi_prefix import PREFIX

_HEADER = re.compile(
    r"\s*(?:\+ )?(?:Exception Group )?(?:Traceback|Stack) \(most recent call last\):$"
)
#: What a place of a stack begins with, and what it says, as Python prints it and as mod_wsgi dumps.
FRAME = r'File "(?P<file>.*)", line (?P<line>\d+)(?:(?:, in | in )(?P<function>.*))?$'
DUMPED = r'file "(?P<file>.*)", line (?P<line>\d+), in (?P<function>.*?)[,.]?$'
#: Paths that belong to Python or to installed packages, not to the application.
FOREIGN = (
    r"/(?:site|dist)-packages/|/lib(?:64)?/python\d|/Lib/|^<frozen |^<string>|^<__array_function__"
    r"|/python\d[\d.]*/lib/"
)

_PREFIX = re.compile(PREFIX)
_FRAME = re.compile(rf"\s*{FRAME}")
_DUMPED = re.compile(rf"(?:Thread -?\d+ executing|called from) {DUMPED}")
_FOREIGN = re.compile(FOREIGN)
_FATAL = re.compile(r"(?:Fatal Python error|Fatal error): (?P<text>.*)$")
_THREAD = re.compile(r"(?:Current thread|Thread) 0x[0-9a-f]+.* \(most recent call first\):$")
_CARETS = re.compile(r"\s*[~^][~^\s]*$")
_REPEATED = re.compile(r"\s*\[Previous line repeated (\d+) more times?\]$")
_FINAL = re.compile(r"(?P<type>[A-Za-z_][\w.<>]*)(?:: ?(?P<text>.*))?$")
_MARGIN = re.compile(r"(?P<depth> *)(?P<mark>[|+])(?P<text>.*)$")
_MEMBER = re.compile(r"(?P<opens>-\+)?-+ (?:\d+|\.\.\.) -+$")
#: Groups within groups; CPython prints ten (TracebackException's max_group_depth).
_DEEPEST = 32
_LINKS = {
    "During handling of the above exception, another exception occurred:": "context",
    "The above exception was the direct cause of the following exception:": "cause",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One place of a stack.

    Attributes:
        file: the path as Python prints it.
        line: the line number, from 1.
        function: the function, or empty (a SyntaxError names none).
        source: the source line, or empty where Python could not read it.
        repeats: how many more times Python left the same frame out.
    """

    file: str
    line: int
    function: str = ""
    source: str = ""
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One exception of a chain, or a stack without an exception.

    Attributes:
        link: how it follows the part before: `context`, `cause`, or empty for the first.
        header: the line `Traceback (most recent call last):` was there.
        frames: outermost first, also for dumps that print them the other way round.
        place: where a SyntaxError stands in the script.
        type: the exception's type as printed, or empty.
        text: its text, with real line breaks; notes belong to it.
        members: the exceptions of a group.
    """

    link: str = ""
    header: bool = False
    frames: tuple[Frame, ...] = ()
    place: Frame | None = None
    type: str = ""
    text: str = ""
    members: tuple[Traceback, ...] = ()


@dataclass(frozen=True, slots=True)
class Traceback:
    """A folded traceback.

    Attributes:
        head: the lines that announce it (`Exception occurred processing WSGI script …`).
        parts: the chain as printed; the last one is what was raised in the end.
    """

    head: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def raised(self) -> Part:
        """The last part: the exception that left the application, or the only stack."""
        return self.parts[-1] if self.parts else Part()


@dataclass(slots=True)
class _Block:
    """Lines at one depth of an exception group; a list among them holds members printed there."""

    items: list[str | list[_Block]] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """A part while it is read."""

    link: str = ""
    header: bool = False
    innermost_first: bool = False
    frames: list[Frame] = field(default_factory=list)
    type: str = ""
    text: list[str] = field(default_factory=list)
    members: list[Traceback] = field(default_factory=list)

    def finish(self) -> Part:
        frames = list(self.frames)
        # A SyntaxError's own place is printed as a last frame without a function.
        place = frames.pop() if frames and not frames[-1].function and self.type else None
        if self.innermost_first:
            frames.reverse()
        text = "\n".join(self.text).rstrip("\n")
        return Part(
            self.link, self.header, tuple(frames), place, self.type, text, tuple(self.members)
        )

    @property
    def empty(self) -> bool:
        return not (self.header or self.frames or self.type)


def strip_prefix(message: str) -> str:
    """The message without mod_wsgi's `[script …]`, `WSGInnnn: ` and `mod_wsgi (pid=…): `."""
    return message[_PREFIX.match(message).end() :]  # type: ignore[union-attr]


def parse_traceback(messages: Iterable[str]) -> Traceback:
    """The structure of one traceback, from its lines in order.

    Lines that belong to no form are kept: before the first stack in `head`, after an exception in
    its text. Never raises.
    """
    return _parse_block(_indent(strip_prefix(message) for message in messages))


def _indent(lines: Iterable[str]) -> _Block:
    """Sort the lines of an exception group by depth; without a group all are in the root."""
    root = _Block()
    open_blocks: list[tuple[int, _Block]] = [(-1, root)]
    for line in lines:
        grouped = len(open_blocks) > 1 or line.lstrip().startswith("+ Exception Group Traceback")
        margin = _MARGIN.match(line) if grouped else None
        if margin is None:
            del open_blocks[1:]
            root.items.append(line)
            continue
        _place(open_blocks, len(margin["depth"]), margin["mark"], margin["text"])
    return root


def _place(open_blocks: list[tuple[int, _Block]], depth: int, mark: str, text: str) -> None:
    while len(open_blocks) > 1 and open_blocks[-1][0] > depth:
        open_blocks.pop()
    member = _MEMBER.match(text) if mark == "+" else None
    if member and member["opens"] and len(open_blocks) <= _DEEPEST:
        block = _Block()
        open_blocks[-1][1].items.append([block])
        open_blocks.append((depth + 2, block))
    elif member:
        if len(open_blocks) > 1:
            open_blocks.pop()
        block = _Block()
        items = open_blocks[-1][1].items
        if items and isinstance(items[-1], list):
            items[-1].append(block)
        else:  # the line that opened the members was lost
            items.append([block])
        open_blocks.append((depth, block))
    elif mark == "+" and text.startswith("--"):
        if len(open_blocks) > 1:
            open_blocks.pop()
    else:
        if mark == "+" and open_blocks[-1][0] < depth:
            # The outermost group: its own lines stand at this margin, in the block they began in.
            open_blocks.append((depth, open_blocks[-1][1]))
        open_blocks[-1][1].items.append(text[1:])


def _parse_block(block: _Block) -> Traceback:
    head: list[str] = []
    drafts: list[_Draft] = [_Draft()]
    for item in block.items:
        if isinstance(item, str):
            _read_line(item, head, drafts)
        else:
            drafts[-1].members.extend(_parse_block(member) for member in item)
    parts = tuple(draft.finish() for draft in drafts if not draft.empty)
    return Traceback(tuple(head), parts)


def _read_line(line: str, head: list[str], drafts: list[_Draft]) -> None:
    draft = drafts[-1]
    frame = _FRAME.match(line) or _DUMPED.match(line)
    if line in _LINKS:
        drafts.append(_Draft(link=_LINKS[line]))
    elif _HEADER.match(line):
        if not draft.empty:
            drafts.append(draft := _Draft())
        draft.header = True
    elif fatal := _FATAL.match(line):
        draft.type, draft.text = "Fatal Python error", [fatal["text"]]
    elif _THREAD.match(line) or (line.startswith("Thread ") and frame):
        _begin_thread(drafts, frame)
    elif frame and not (draft.type and not draft.innermost_first):
        draft.frames.append(_frame(frame))
    elif draft.frames and not draft.type and line.startswith("  "):
        _read_below_frame(line, draft.frames)
    else:
        _read_final(line, head, draft)


def _begin_thread(drafts: list[_Draft], frame: re.Match[str] | None) -> None:
    """A dump of all threads: each is a part, innermost frame first."""
    draft = drafts[-1]
    if draft.frames:
        drafts.append(draft := _Draft())
    draft.innermost_first = True
    if frame:
        draft.frames.append(_frame(frame))


def _frame(match: re.Match[str]) -> Frame:
    return Frame(match["file"], whole_number(match["line"]), match["function"] or "")


def _read_below_frame(line: str, frames: list[Frame]) -> None:
    """A source line, carets under it, or the note that the frame repeats."""
    last = frames[-1]
    if repeated := _REPEATED.match(line):
        frames[-1] = Frame(
            last.file, last.line, last.function, last.source, whole_number(repeated.group(1))
        )
    elif not _CARETS.match(line) and not last.source:
        frames[-1] = Frame(last.file, last.line, last.function, line.strip(), last.repeats)


def _read_final(line: str, head: list[str], draft: _Draft) -> None:
    """The exception's line, more lines of its text, or a line of the head."""
    final = _FINAL.match(line)
    if draft.type:
        draft.text.append(line)
    elif final and (draft.header or draft.frames or draft.link or head or _names_type(final)):
        draft.type = final["type"]
        draft.text = [final["text"] or ""]
    elif line and draft.empty and not draft.link:
        head.append(line)


def _names_type(final: re.Match[str]) -> bool:
    return final["type"].endswith(("Error", "Exception", "Exit", "Interrupt", "Warning", "Quit"))


def in_app(path: str) -> bool:
    """Whether a frame's path is the application's own: not Python's, not a package's."""
    return not _FOREIGN.search(path)
