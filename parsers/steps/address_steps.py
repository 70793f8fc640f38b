"""Steps for addresses that a colon ends: `%a: %M`, `%a:%l`."""

from __future__ import annotations

import string
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.steps.cursor import UNSHARED, Cursor

#: Words that hold the longest `ip:port` and the colon behind it.
_WORDS = 8
_IN_ADDRESS = np.isin(np.arange(256), np.frombuffer((string.hexdigits + ".:").encode(), np.uint8))
_COLON, _DOT = ord(":"), ord(".")


@dataclass(frozen=True, slots=True)
class AddressStep:
    """`ip:port` up to a colon, which is not eaten.

    A dotted address ends at its second colon. One of IPv6 ends at the last colon before the first
    byte that no address has, which may be one too far where a word like `bad:` follows.
    """

    column: str
    reach: ClassVar[int] = UNSHARED

    @property
    def columns(self) -> tuple[str, ...]:
        """Its one column."""
        return (self.column,)

    def run(self, c: Cursor) -> Mask:
        """Move to the colon."""
        length = _lengths(np.stack(c.text.words(c.at, _WORDS), axis=1).view(np.uint8))
        end = c.at + length
        fine: Mask = (length > 0) & (end < c.end)
        c.found.note(self.column, c.rows, c.at, end)
        c.at = np.where(fine, end, c.at)
        return fine


def _lengths(bytes_: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How long the address is that each row begins with; 0 where no colon ends one."""
    places = np.arange(bytes_.shape[1])
    inside = np.logical_and.accumulate(_IN_ADDRESS[bytes_], axis=1)
    colons = inside & (bytes_ == _COLON)
    first = np.where(colons.any(axis=1), colons.argmax(axis=1), bytes_.shape[1])
    dotted = (inside & (bytes_ == _DOT) & (places < first[:, None])).any(axis=1)
    second = colons & (places > first[:, None])
    nearest = np.where(second.any(axis=1), second.argmax(axis=1), 0)
    last = bytes_.shape[1] - 1 - colons[:, ::-1].argmax(axis=1)
    return np.where(dotted, nearest, np.where(second.any(axis=1), last, 0))
