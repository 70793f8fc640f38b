"""Whole numbers: takes decimal digits that anybody wrote, gives the number.

Python refuses to read thousands of digits, and numpy has no room for more than 64 bits. A log or a
user may write as many as they like.
"""

from __future__ import annotations

#: The largest number of 64 bits; no count, line or pid is larger.
MOST = (1 << 63) - 1


def whole_number(digits: str | bytes) -> int:
    """The number that these decimal digits write, MOST where it is larger."""
    text = digits if isinstance(digits, str) else digits.decode("ascii")
    text = text.lstrip("0")
    return min(int(text), MOST) if 0 < len(text) <= len(str(MOST)) else MOST * bool(text)
