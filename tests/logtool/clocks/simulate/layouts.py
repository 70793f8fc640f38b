"""How httpd writes a line: takes what is known of one message, gives the text of its log line.

A second, plain reading of httpd's server/log.c (do_errorlog_default, do_errorlog_format, log_ctime)
that shares no code with the parsers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

LEVELS = ("emerg", "alert", "crit", "error", "warn", "notice", "info", "debug")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TAG = re.compile(r"^AH\d{5,6}: ")


@dataclass(slots=True)
class Line:
    """All that httpd knows of a message when it writes the line.

    Attributes:
        local_s: the local time as seconds since 1970-01-01T00:00 of the process's own clock.
        fraction_us: microseconds within the second.
        offset_s: seconds east of UTC, as cached together with the local time.
        client: `ip:port`, or empty.
        word: `client` or `remote`, for the built-in format.
        thread: the thread's kernel id.
        handle: the thread's pthread_t; 0 where the MPM has no threads.
        ids: the connection's and the request's log id, each maybe empty.
    """

    local_s: int
    fraction_us: int
    offset_s: int
    module: str
    level: str
    pid: int
    thread: int
    handle: int
    text: str
    source: str = ""
    status: str = ""
    client: str = ""
    word: str = "client"
    referer: str = ""
    ids: tuple[str, str] = ("", "")


@lru_cache(maxsize=4096)
def _calendar(local_s: int) -> tuple[str, str, str]:
    """Of a local second: `Sun Nov 22 19:43:03`, ` 2026` and `2026-11-22 19:43:03`."""
    t = time.gmtime(local_s)
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    ctime = f"{_DAYS[t.tm_wday]} {_MONTHS[t.tm_mon - 1]} {t.tm_mday:02} {clock}"
    return ctime, f" {t.tm_year}", f"{t.tm_year}-{t.tm_mon:02}-{t.tm_mday:02} {clock}"


@lru_cache(maxsize=256)
def clf_offset(offset_s: int) -> str:
    """An offset as Apache writes it: `+0530`."""
    minutes = abs(offset_s) // 60
    return f"{'-' if offset_s < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"


@lru_cache(maxsize=1024)
def clf_time(local_s: int, offset_s: int) -> str:
    """The access log's `%t` without brackets: `22/Nov/2026:19:43:03 +0530`."""
    t = time.gmtime(local_s)
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    date = f"{t.tm_mday:02}/{_MONTHS[t.tm_mon - 1]}/{t.tm_year}"
    return f"{date}:{clock} {clf_offset(offset_s)}"


def stamp(options: str, line: Line) -> str:
    """`%{options}t` for option letters (c, u, m, z)."""
    ctime, year, compact = _calendar(line.local_s)
    fraction = ""
    if "u" in options:
        fraction = f".{line.fraction_us:06}"
    elif "m" in options:
        fraction = f".{line.fraction_us // 1000:03}"
    zone = f" {clf_offset(line.offset_s)}" if "z" in options else ""
    return compact + fraction + zone if "c" in options else ctime + fraction + year + zone


def _digits(options: str) -> int:
    return 6 if "u" in options else 3 if "m" in options else 0


class Item(NamedTuple):
    """One item of an ErrorLogFormat; `letter` is empty for a literal and `M` for the message."""

    letter: str
    value: Callable[[Line], str]
    separates: bool
    required: bool = False
    hyphen: bool = False
    below: int = 0


_VALUES: dict[str, Callable[[Line], str]] = {
    "m": lambda line: line.module,
    "l": lambda line: line.level,
    "P": lambda line: str(line.pid),
    "T": lambda line: str(line.handle or ""),
    "{g}T": lambda line: str(line.thread),
    "a": lambda line: line.client,
    "F": lambda line: line.source,
    "E": lambda line: line.status,
    "L": lambda line: line.ids[1],
    "{c}L": lambda line: line.ids[0],
    "{C}L": lambda line: "" if line.ids[1] else line.ids[0],
    "{Referer}i": lambda line: line.referer,
    "M": lambda line: line.text,
}
_ITEM = re.compile(r"%(?P<flags>(?:\{[^}]*\}|[-+]|\d+)*)(?P<letter>[A-Za-z])")
_LITERAL = re.compile(r" *(?:\\.|[^%\\ ])*(?=[% ]|$)", re.DOTALL)


def tokens(text: str) -> tuple[Item, ...]:
    """The items of an ErrorLogFormat (server/core.c parse_errorlog_item)."""
    items = []
    at = 0
    separates = False
    while at < len(text):
        if text.startswith("% ", at):
            separates, at = True, at + 2
            continue
        if match := _ITEM.match(text, at):
            items.append(_directive(match, separates))
        else:
            match = _LITERAL.match(text, at)
            if match is None or match.end() == at:
                raise ValueError(f"cannot read {text[at:]!r}")
            items.append(_literal(match[0], separates))
        separates, at = False, match.end()
    return tuple(items)


def _literal(text: str, separates: bool) -> Item:
    plain = re.sub(r"\\(.)", r"\1", text)
    return Item("", lambda line: plain, separates or text.startswith(" "))


def _directive(match: re.Match[str], separates: bool) -> Item:
    flags, letter = match["flags"], match["letter"]
    arg = (re.findall(r"\{[^}]*\}", flags) or [""])[-1]
    bare = re.sub(r"\{[^}]*\}", "", flags)
    level = int((re.findall(r"\d+", bare) or ["0"])[-1])
    value = (lambda line: stamp(arg, line)) if letter == "t" else _VALUES[arg + letter]
    return Item(letter, value, separates, "+" in bare, "-" in bare, level)


def write_items(items: tuple[Item, ...], line: Line) -> str:
    """The line an ErrorLogFormat makes of a message (server/log.c do_errorlog_format)."""
    out: list[str] = []
    start = 0
    skipping = False
    level = LEVELS.index(line.level)
    for letter, value, separates, required, hyphen, below in items:
        if separates:
            if skipping:
                skipping = False
            else:
                start = len(out)
        if letter == "M":
            out.append(line.text)
            continue
        if skipping:
            continue
        if text := value(line) if below <= level else "":
            out.append(text)
        elif hyphen and below <= level:
            out.append("-")
        elif required and below <= level:
            return ""
        else:
            del out[start:]
            skipping = True
    return "".join(out)


def _built_in(line: Line, thread: str) -> str:
    """The line without an ErrorLogFormat (server/log.c do_errorlog_default)."""
    source = f"{line.source}: " if line.source and line.level == "debug" else ""
    status = f"{line.status}: " if line.status else ""
    client = f"[{line.word} {line.client}] " if line.client else ""
    referer = f", referer: {line.referer}" if line.referer else ""
    return (
        f"[{stamp('u', line)}] [{line.module}:{line.level}] [pid {line.pid}{thread}] "
        f"{source}{status}{client}{line.text}{referer}"
    )


def write_gettid(line: Line) -> str:
    """The built-in format since 2.4.60, or a build with the kernel's thread ids."""
    return _built_in(line, f":tid {line.thread}")


def write_pthread(line: Line) -> str:
    """The built-in format up to 2.4.59: the thread only under threaded MPMs, as a pthread_t."""
    return _built_in(line, f":tid {line.handle}" if line.handle else "")


def write_22(line: Line) -> str:
    """The one format of 2.2 (server/log.c log_error_core): no tags, no ports, no pid."""
    source = f"{line.source}: " if line.source and line.level == "debug" else ""
    client = f"[client {line.client.rpartition(':')[0]}] " if line.client else ""
    status = f"{line.status}: " if line.status else ""
    referer = f", referer: {line.referer}" if line.referer else ""
    text = _TAG.sub("", line.text)
    return f"[{stamp('', line)}] [{line.level}] {source}{client}{status}{text}{referer}"


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write lines.

    Attributes:
        write: the text of a line.
        digits: digits of the stamp's fraction: 0, 3 or 6.
        offset: the stamp ends in its offset.
        pid: the line tells its process.
        ids: the line tells log ids, so httpd has to make them.
    """

    write: Callable[[Line], str]
    digits: int
    offset: bool = False
    pid: bool = True
    ids: bool = False


def _custom(text: str) -> Layout:
    items = tokens(text)
    found = re.search(r"%(?:\{(\w*)\})?t", text)
    assert found is not None, text
    options = found[1] or ""
    return Layout(
        lambda line: write_items(items, line),
        _digits(options),
        "z" in options,
        "%P" in text,
        bool(re.search(r"%-?(\{[cC]\})?-?L", text)),
    )


FORMATS = {
    "cu": r"[%{cu}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    "cm": r"[%{cm}t] [%-m:%l] [pid %P:tid %{g}T] %7F: %E: [client\ %a] %M",
    "manual": r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    "seconds": r"[%t] [%l] [pid %P] %7F: %E: [client\ %a] %M",
    "2.2-like": r"[%t] [%l] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    "no-pid": r"[%{cu}t] [%m:%l] %E: [client\ %a] %M",
    "ids": r"[%{u}t] [%-m:%l] [pid %P] [R:%L] [C:%{C}L] %7F: %E: [client\ %a] %M",
    "ids-hyphen": r"[%{cu}t] [%-m:%-l] [R:%-L] [C:%-{c}L] %P %7F: %E: %-a %M",
    "ids-no-pid": r"[%{u}t] [%-m:%-l] [R:%-L] [C:%-{c}L] %E: %M",
    "wsgi": (
        r"%{cu}t [pid: %P, tid: %T] [%-m:%l] [client:\ %a] [cid:\ %{c}L,\ rid:\ %-L] %7F: %E: %M"
    ),
    "uz": r"[%{uz}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    "cuz": r"[%{cuz}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
}

LAYOUTS: dict[str, Layout] = {
    "built-in": Layout(write_gettid, 6),
    "pthread": Layout(write_pthread, 6),
    "2.2": Layout(write_22, 0, pid=False),
    **{name: _custom(text) for name, text in FORMATS.items()},
}
