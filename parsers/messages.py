"""Messages: takes where messages stand, gives where the tags they begin with stand."""

from __future__ import annotations

import numpy as np

from parsers.lines import Spans
from parsers.scanning import Text

#: How tags begin, and how many digits follow: httpd's log-message-tags (five, six in newer
#: modules) and mod_wsgi's since 6.0.
_TAGS = ((b"AH", 5, 6), (b"WSGI", 4, 4))


def tags(text: Text, messages: Spans) -> Spans:
    """Where each message's tag stands; only at its very start, since clients write the rest."""
    start = np.full(len(messages.start), -1, np.int64)
    end = start.copy()
    there = np.flatnonzero(messages.start >= 0)
    at = messages.start[there]
    for letters, fewest, most in _TAGS:
        digits_end = text.digits_end(at + len(letters))
        count = digits_end - at - len(letters)
        fine = text.has(at, letters) & (count >= fewest) & (count <= most)
        fine &= (text.data[digits_end] == ord(":")) & (digits_end < messages.end[there])
        start[there[fine]] = at[fine]
        end[there[fine]] = digits_end[fine]
    return Spans(start, end)
