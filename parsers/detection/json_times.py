"""JSON times: takes the times of some lines, gives the items that print them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.error_log_format.known import ANY_TIME

_DAY, _OF_DAY = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d"
_CTIME = rf"[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ \d]\d {_OF_DAY}"
_FRACTION, _OFFSET = r"(?:\.\d{6}|\.\d{3})", r"[-+]\d{4}"
#: What `%{…}t` prints for letters, and what errlog writes instead. Whole seconds with a `Z` are not
#: among it: a format of httpd's prints that behind a local time too, and clocks tell which it is.
_LETTERED = re.compile(
    rf"{_DAY} {_OF_DAY}{_FRACTION}?(?: {_OFFSET})?|{_DAY}T{_OF_DAY}{_FRACTION}(?:Z|\+00:00)"
    rf"|{_CTIME}{_FRACTION}? \d{{4}}(?: {_OFFSET})?"
)
_LETTERS = re.compile(r"%(?:\{c?[um]\})?t")
_EPOCH = re.compile(rf"\d{{10}}{_FRACTION}?")
_OF_TIME = re.compile(r"time|date|stamp|when|\bts$")
#: Pieces of other times: what prints each. Whatever httpd is told, no strftime has a fraction.
_PIECES = tuple(
    (re.compile(text), item)
    for text, item in (
        (rf"{_DAY} {_OF_DAY}\.\d{{6}}", "%{cu}t"),
        (rf"{_DAY} {_OF_DAY}\.\d{{3}}(?!\d)", "%{cm}t"),
        (rf"{_CTIME}\.\d{{6}} \d{{4}}", "%{u}t"),
        (rf"{_CTIME}\.\d{{3}} \d{{4}}", "%{m}t"),
        (rf"{_CTIME} \d{{4}}", "%t"),
        (_DAY, "%{%Y-%m-%d}t"),
        (r"\d{4}/\d\d/\d\d", "%{%Y/%m/%d}t"),
        (r"\d\d/[A-Z][a-z]{2}/\d{4}", "%{%d/%b/%Y}t"),
        (_OF_DAY, "%{%H:%M:%S}t"),
        (_OFFSET, "%{%z}t"),
        (r"[-+]\d\d:\d\d", "%{%:z}t"),
        (r"[-T:./, _]|Z$", ""),
    )
)


def json_time(key: str, texts: Sequence[str]) -> str:
    """The items that print some texts of a key, or nothing where these are no times of httpd.

    `ANY_TIME` stands for one item with any letters.
    """
    if not texts:
        return ""
    if all(map(_LETTERED.fullmatch, texts)):
        return ANY_TIME
    if _OF_TIME.search(key) and all(map(_EPOCH.fullmatch, texts)):
        return ANY_TIME
    runs = {_run(text) for text in texts}
    return runs.pop() if len(runs) == 1 else ""


def _run(text: str) -> str:
    """The items that print a time in pieces, or nothing where it is none, or not a whole one."""
    at, run = 0, ""
    while at < len(text):
        for piece, item in _PIECES:
            if found := piece.match(text, at):
                run += item or found[0]
                at = found.end()
                break
        else:
            return ""
    whole = _LETTERS.search(run) or ("%d" in run and "%H" in run)
    return _joined(run) if whole else ""


#: An item for strftime, what stands between, and how another one begins.
_TWO = re.compile(r"(%\{%[^}]*)\}t([-T:./, _]*)%\{(?=%)")
_ITEM = re.compile(r"(%(?:\{[^}]*\})?t)")


def _joined(run: str) -> str:
    """The same items in one field, those for strftime joined where they can be."""
    while (fewer := _TWO.sub(r"\1\2", run)) != run:
        run = fewer
    return "".join(
        part if _ITEM.match(part) else part.replace(" ", r"\ ") for part in _ITEM.split(run)
    )
