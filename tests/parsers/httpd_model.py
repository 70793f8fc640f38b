"""A model of httpd's own printer: a format and the facts of a message in, the line out.

A port of parse_errorlog_item and do_errorlog_format (server/core.c and server/log.c of httpd 2.4),
written for the tests alone: it shares nothing with the parser it checks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Printed:
    """A line, and where each item stands in it.

    Attributes:
        text: the line.
        spans: by item as `letter` or `letter:argument`, the last place where it printed.
        level_known: whether the line has a level.
    """

    text: str
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass
class _Item:
    letter: str = ""
    arg: str | None = None
    separator: bool = False
    required: bool = False
    hyphen: bool = False
    min_level: int = 0


def items(fmt: str) -> list[_Item]:
    """The items of a format that httpd accepts."""
    out: list[_Item] = []
    while fmt:
        item = _Item()
        fmt = _item(item, fmt)
        out.append(item)
    return out


def _item(item: _Item, s: str) -> str:
    if not s.startswith("%"):
        item.separator |= s.startswith(" ")
        return _constant(item, s)
    s = s[1:]
    if s.startswith(" "):
        item.separator = True
        return _item(item, s[1:]) if s[1:] else ""
    if s.startswith("%"):
        item.arg = "%"
        return s[1:]
    while True:
        char, s = s[0], s[1:]
        if char == "{":
            item.arg, _, s = s.partition("}")
            s = s.lstrip("}")
        elif char == "+":
            item.required = True
        elif char == "-":
            item.hyphen = True
        elif char.isdigit():
            number = char
            while s[0].isdigit():
                number, s = number + s[0], s[1:]
            item.min_level = int(number)
        else:
            item.letter = char
            return s


def _constant(item: _Item, s: str) -> str:
    out, start = "", True
    while s and s[0] != "%" and (s[0] != " " or start):
        if s[0] == "\\":
            escaped = s[1:2]
            out += {"r": "\r", "n": "\n", "t": "\t", "": "\\"}.get(escaped, escaped)
            s = s[2:]
        else:
            start = start and s[0] == " "
            out, s = out + s[0], s[1:]
    item.arg = out
    return s


def print_line(fmt: str, facts: dict[str, str], level: int, when: datetime) -> Printed:
    """What httpd writes; `facts` are texts by `letter` or `letter:argument`, missing for empty."""
    text, start, skipping = "", 0, False
    spans: dict[str, tuple[int, int]] = {}

    def cut() -> None:
        nonlocal text
        text = text[:start]
        for key in [key for key, (_, end) in spans.items() if end > start]:
            del spans[key]

    for item in items(fmt):
        if item.separator:
            if skipping:
                skipping = False
            else:
                start = len(text)
        if item.letter == "M":
            spans["M"] = (len(text), len(text) + len(facts["M"]))
            text += facts["M"]
        elif skipping:
            continue
        elif level != -1 and item.min_level > level:
            cut()
            skipping = True
        else:
            printed = _value(item, facts, when)
            if printed:
                if item.letter:
                    spans[_key(item)] = (len(text), len(text) + len(printed))
                text += printed
            elif item.required:
                return Printed("")
            elif item.hyphen:
                text += "-"
            else:
                cut()
                skipping = True
    return Printed(text, spans)


def _key(item: _Item) -> str:
    return f"{item.letter}:{item.arg}" if item.arg else item.letter


def _value(item: _Item, facts: dict[str, str], when: datetime) -> str:
    if not item.letter:
        return item.arg or ""
    if item.letter == "t":
        return ctime(item.arg or "", when)
    return facts.get(_key(item), "")


def ctime(arg: str, when: datetime) -> str:
    """The time as httpd 2.4.68 and later prints it."""
    if "%" in arg:
        return when.strftime(arg.replace("%s", str(int(when.timestamp()))))
    micros = f".{when:%f}" if "u" in arg else f".{when:%f}"[:4] if "m" in arg else ""
    zone = when.strftime(" %z") if "z" in arg else ""
    if "c" in arg:
        return f"{when:%Y-%m-%d %H:%M:%S}{micros}{zone}"
    return f"{when:%a %b %d %H:%M:%S}{micros} {when:%Y}{zone}"
