"""Raised: takes the messages of an event, tells what Python raised, where, and out of what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logtool.people.terminal import safe
from logtool.tui.model.told.pieces import Section
from parsers.tracebacks import Frame, Part, in_app, parse_traceback

#: More members of an exception group, and more frames, are not told.
_MOST = 20
_LINKS = {"cause": "caused by", "context": "while handling"}


def raised_section(messages: Sequence[str]) -> Iterator[Section]:
    """What left the application; nothing where no exception is among the messages."""
    parts = parse_traceback(line for text in messages for line in text.split("\n")).parts
    if parts and parts[-1].type:
        yield Section("Exception", tuple(_pairs(parts)))


def _pairs(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    *before, last = parts
    yield "raised", _said(last)
    if frame := _blamed(last):
        yield "at", _place(frame)
        if frame.source:
            yield "", f"  {safe(frame.source)}"
    for part, link in zip(before[::-1], [part.link for part in parts[:0:-1]], strict=True):
        if link and part.type:
            frame = _blamed(part)
            yield _LINKS[link], _said(part) + (f", at {_place(frame)}" if frame else "")
    for member in last.members[:_MOST]:
        yield "one of", _said(member.raised)
    if len(last.members) > _MOST:
        yield "", f"and {len(last.members) - _MOST} more"
    yield from _way(last)


def _way(part: Part) -> Iterator[tuple[str, str]]:
    """The application's frames from the outermost on, where there is more than the blamed one."""
    own = [frame for frame in part.frames if in_app(frame.file)]
    if len(own) > 1:
        for number, frame in enumerate(own[-_MOST:]):
            yield "" if number else "by way of", _place(frame)
    if own and (others := len(part.frames) - len(own)):
        yield "not shown", f"{others} frame{'s' * (others > 1)} of Python and its packages"


def _blamed(part: Part) -> Frame | None:
    """Where the script is wrong, else the innermost frame of the application, or of all."""
    own = [frame for frame in part.frames if in_app(frame.file)]
    return part.place or next(iter((own or part.frames)[:-2:-1]), None)


def _place(frame: Frame) -> str:
    return safe(f"{frame.file}:{frame.line}{f' {frame.function}' if frame.function else ''}")


def _said(part: Part) -> str:
    first, _, more = part.text.partition("\n")
    return safe(f"{part.type}{f': {first}' if first else ''}{' …' if more else ''}")
