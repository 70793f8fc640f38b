r"""Needles: take a regular expression, give texts of which each match of it holds one.

Only for a first sieve: what is not understood of Rust's syntax gives no text, never a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from logtool.flags.ordinary import is_ordinary

#: A shorter text stands in too many lines.
_SHORTEST = 4
#: Long enough to be rare, whatever it is.
_RARE = 12
#: What is asked several times of a group, and of the alternative that it is.
_REMEMBERED = 64

_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
#: A parenthesis, or an atom in which one stands for itself.
_PARENTHESIS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]", re.DOTALL)
_QUANTIFIER = re.compile(r"(?:[?*+]|\{[\d,]*\})\??")
_OPENS = re.compile(r"\((?:\?:|\?P?<[A-Za-z_]\w*>|(?!\?))")
#: Flags that change how all that follows is read: `(?i)`, `(?x)`.
_FLAGS = re.compile(r"\(\?[a-zA-Z]*-?[a-zA-Z]+[):]")


def needles(pattern: str) -> frozenset[str] | None:
    """ASCII texts one of which every match of this expression holds, or None if none is sure."""
    return None if _FLAGS.search(pattern) else _needles(pattern)


def are_needles(words: Collection[str]) -> bool:
    """Whether some texts are what would be found of an expression for any of them."""
    return bool(words) and all(
        len(word) >= _SHORTEST and word.isascii() and "\\" not in word for word in words
    )


def _needles(pattern: str) -> frozenset[str] | None:
    needed: set[str] = set()
    for branch in outer_alternatives(pattern):
        options = list(_options(branch))
        if not options:
            return None
        best: frozenset[str] = max(options, key=_worth)
        needed |= best
    return frozenset(needed) if min(map(len, needed)) >= _SHORTEST else None


def _worth(texts: frozenset[str]) -> tuple[bool, int, int]:
    """How well these texts narrow a search; of rare ones, one is found sooner than several."""
    shortest = min(_RARE, *map(len, texts))
    return shortest >= _SHORTEST and not any(map(is_ordinary, texts)), shortest, -len(texts)


def _options(branch: str) -> Iterator[frozenset[str]]:
    """Sets of texts; of each set one must stand in a match of this alternative."""
    run = ""
    for atom, _, quantifier in _atoms(branch):
        text = "" if quantifier else _literal(atom)
        if text:
            run += text
            continue
        opens = _OPENS.match(atom) if not quantifier else None
        if run:
            yield frozenset({run})
            if opens and (ways := _beginnings(atom[opens.end() : -1])):
                yield frozenset(run + way for way in ways)
        run = ""
        if opens and (inside := _needles(atom[opens.end() : -1])):
            yield inside
    if run:
        yield frozenset({run})


def _beginnings(pattern: str) -> frozenset[str]:
    """Texts with one of which each match begins; nothing if none are sure."""
    found: set[str] = set()
    for branch in outer_alternatives(pattern):
        if not (texts := _beginnings_of(branch)):
            return frozenset()
        found |= texts
    return frozenset(found)


def _beginnings_of(branch: str) -> frozenset[str]:
    run = ""
    for atom, _, quantifier in _atoms(branch):
        text = "" if quantifier else _literal(atom)
        opens = None if text or run or quantifier else _OPENS.match(atom)
        if opens:
            return _beginnings(atom[opens.end() : -1])
        if not text:
            break
        run += text
    return frozenset({run} if run else ())


def outer_alternatives(pattern: str) -> list[str]:
    """The alternatives of an expression, cut at its outermost bars."""
    branches, start = [], 0
    for atom, at, _ in _atoms(pattern):
        if atom == "|":
            branches.append(pattern[start:at])
            start = at + 1
    return [*branches, pattern[start:]]


@lru_cache(_REMEMBERED)
def _atoms(pattern: str) -> list[tuple[str, int, str]]:
    """Each piece that a quantifier may follow, its place and that quantifier; groups whole."""
    found, at = [], 0
    while at < len(pattern):
        stop = _group_end(pattern, at) if pattern[at] == "(" else _atom_end(pattern, at)
        quantifier = _QUANTIFIER.match(pattern, stop) if pattern[at] != "|" else None
        found.append((pattern[at:stop], at, quantifier[0] if quantifier else ""))
        at = quantifier.end() if quantifier else stop
    return found


def _atom_end(pattern: str, at: int) -> int:
    atom = _ATOM.match(pattern, at)
    return atom.end() if atom else len(pattern)


def _group_end(pattern: str, at: int) -> int:
    depth = 0
    for found in _PARENTHESIS.finditer(pattern, at):
        depth += (found[0] == "(") - (found[0] == ")")
        if not depth:
            return found.end()
    return len(pattern)


def _literal(atom: str) -> str:
    r"""The ASCII character that a piece stands for, or nothing if for others too, or for none.

    A backslash in a text may be errlog's own: bytes that are not UTF-8 are told as `\xff`.
    """
    if len(atom) == 1:
        return "" if atom in ".^$|()[]{}?*+\\" or not atom.isascii() else atom
    escaped = atom[0] == "\\" and len(atom) == 2 and not atom[1].isalnum()
    return atom[1] if escaped and atom[1].isascii() and atom[1] not in "\\<>" else ""
