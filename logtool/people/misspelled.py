"""Misspelled: takes a name that is none and those there are, asks which one is meant."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], most: int = 1, alike: float = 0.6) -> str:
    """`did you mean X or Y?`, with what is spelt like a name; empty where nothing is.

    Args:
        name: what was written.
        known: what could have been, in any case.
        most: so many are named.
        alike: 1 is the same text, 0 another one; what is less alike is not meant.
    """
    from difflib import get_close_matches  # slow to load, and seldom needed

    spelt = {one.lower(): one for one in known}
    near = [spelt[one] for one in get_close_matches(name.lower(), spelt, most, alike)]
    return f"did you mean {' or '.join(near)}?" if near else ""


def with_meant(told: str, name: str, known: Iterable[str]) -> str:
    """A fault of a name, and which of those known may be meant."""
    meant = did_you_mean(name, known)
    return f"{told}; {meant}" if meant else told
