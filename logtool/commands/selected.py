"""Selected: takes a statement of SQL, gives what to call the columns that have no name there."""

from __future__ import annotations

import re

#: A text or a comment in SQL.
TEXT = r"'[^']*'|--[^\n]*|/\*.*?\*/"
_TOKEN = re.compile(rf'{TEXT}|"[^"]*"|\w+|\S', re.DOTALL)
_COMMENT = ("--", "/*")
#: What a name stands behind, where `AS` is left out: the end of what is named.
_ENDS = re.compile(r"[\w'\")\]]$")
_COLUMN = re.compile(r"[\w\".]+")


def selected(sql: str) -> list[str]:
    """For each item that the statement selects what to call it; empty where it has a name.

    Nothing where the statement begins otherwise than with SELECT, such as with WITH, or an item
    stands for any number of columns.
    """
    tokens = [one for one in _TOKEN.finditer(sql) if not one[0].startswith(_COMMENT)]
    if not tokens or tokens[0][0].lower() != "select":
        return []
    items: list[list[re.Match[str]]] = [[]]
    depth = 0
    for token in tokens[1:]:
        if not depth and token[0].lower() in ("from", ";"):
            break
        depth += (token[0] in ("(", "[")) - (token[0] in (")", "]"))
        if token[0] == "," and not depth:
            items.append([])
        else:
            items[-1].append(token)
    if any(item and "*" in (item[0][0], item[-1][0]) for item in items):
        return []
    return [_called(sql, item) for item in items]


def _called(sql: str, item: list[re.Match[str]]) -> str:
    if not item:
        return ""
    text = " ".join(sql[item[0].start() : item[-1].end()].split())
    last = item[-1][0]
    names = len(item) > 1 and re.match(r"[\w\"]", last) and _ENDS.search(item[-2][0])
    if (names and last.lower() != "end") or _COLUMN.fullmatch(text):
        return ""
    return "count" if re.fullmatch(r"count\s*\(\s*\*\s*\)", text, re.IGNORECASE) else text
