"""Structure: takes lines of an unknown LogFormat, finds the time by its place, gives columns.

`common`, `combined`, `vhost_combined`, `ssl_request_log` and what sites add to either end of them
are read without configuration. The time is the bracket `[05/Jun/2026:09:07:53 +1000]` that has the
same number of the format's own quotes before it on (nearly) every line; a bracket inside a request
line, a header or a user's name stands elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from ipaddress import ip_address

import numpy as np
from numpy.typing import NDArray

from parsers.access_log.marks import Marks, Places, next_at
from parsers.access_log.numbers import (
    CALENDAR_END_S,
    calendar_days,
    fixed_number,
    month_number,
    number_between,
    offset_seconds,
)
from parsers.access_log.stamps import NOT_LOGGED, AccessStamps
from parsers.arrays import Ints, Mask
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.units import SECOND

#: A request line's opening: what follows the time in the formats httpd ships.
_BEFORE_REQUEST = b' "'
#: Quotes before the time are counted up to here; more is no format.
_MOST_QUOTES = 63
#: Lines looked at to learn where the host stands.
_SAMPLE_LINES = 400
#: Words before (or after) the time that may be the host.
_MOST_WORDS = 6
_ADDRESS_AND_PORT = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\]):(\d{1,5})\Z")
_NAME_AND_PORT = re.compile(r"[^\s:]+:\d{1,5}\Z")


@dataclass(frozen=True, slots=True)
class AccessLayout:
    """Where the fields of one access log stand.

    Attributes:
        quotes: how many of the format's own quotes stand before the time.
        before_request: the time is followed by a blank and a quote.
        host_word: which blank-separated word is the host, from 0, or -1.
        host_after_time: words are counted from behind the time, not from the line's start.
        port_joined: the word is `host:port`.
    """

    quotes: int
    before_request: bool
    host_word: int
    host_after_time: bool
    port_joined: bool


@dataclass(slots=True, eq=False)
class _Brackets:
    """Everything in a block that reads as a time in brackets, in order of place."""

    at: Places
    end: Places
    row: Ints
    quotes: Ints
    before_request: Mask
    epoch_us: Ints
    offset_s: Ints
    digits: Ints

    def __len__(self) -> int:
        return len(self.at)


def read_clf(data: NDArray[np.uint8], at: Places) -> tuple[Ints, Ints, Ints, Places, Mask]:
    """The time in brackets at each place.

    A fraction of three or six digits after the seconds is read too: sites print one with
    `[%{%d/%b/%Y:%T}t.%{usec_frac}t %{%z}t]`.

    Returns:
        epoch in microseconds UTC, offset in seconds, digits of the fraction, the place behind the
        closing bracket, and whether it is a time at all; all of `at`'s length.
    """
    digits = np.where(data[at + 21] == ord("."), np.where(data[at + 25] == ord(" "), 3, 6), 0)
    tail = at + 21 + digits + (digits > 0)
    right = data[at] == ord("[")
    for ahead, byte in ((3, "/"), (7, "/"), (12, ":"), (15, ":"), (18, ":")):
        right &= data[at + ahead] == ord(byte)
    right &= (data[tail] == ord(" ")) & (data[tail + 6] == ord("]"))
    day, year = fixed_number(data, at + 1, 2), fixed_number(data, at + 8, 4)
    hour, minute = fixed_number(data, at + 13, 2), fixed_number(data, at + 16, 2)
    second = fixed_number(data, at + 19, 2)
    days, exists = calendar_days(year, month_number(data, at + 4), day)
    offset, signed = offset_seconds(data, tail + 1)
    fraction = np.zeros(len(at), np.int64)
    for width in (3, 6):
        rows = np.flatnonzero(digits == width)
        fraction[rows] = fixed_number(data, at[rows] + 22, width) * 10 ** (6 - width)
    right &= exists & signed & (fraction >= 0)
    right &= (hour >= 0) & (hour < 24) & (minute >= 0) & (minute < 60)
    right &= (second >= 0) & (second <= 60)
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    right &= seconds < CALENDAR_END_S
    return seconds * SECOND + fraction, offset, digits, tail + 7, right


def find_brackets(marks: Marks) -> _Brackets:
    """Every time in brackets in a block."""
    block, data = marks.block, marks.block.data
    at = np.flatnonzero(data[: block.size] == ord("["))
    # Two separators reject nearly every bracket of a user agent before the dear reading.
    at = at[(data[at + 3] == ord("/")) & (data[at + 12] == ord(":"))]
    epoch_us, offset_s, digits, end, right = read_clf(data, at)
    at, end = at[right], end[right]
    row = np.searchsorted(block.starts, at, side="right") - 1
    quotes = np.searchsorted(marks.quotes, at) - np.searchsorted(marks.quotes, block.starts[row])
    before_request = (data[end] == _BEFORE_REQUEST[0]) & (data[end + 1] == _BEFORE_REQUEST[1])
    return _Brackets(
        at=at,
        end=end,
        row=row,
        quotes=np.minimum(quotes, _MOST_QUOTES),
        before_request=before_request,
        epoch_us=epoch_us[right],
        offset_s=offset_s[right],
        digits=digits[right],
    )


def learn_layout(block: Block) -> AccessLayout | None:
    """Where the fields stand, or None if fewer than half of the lines have a time."""
    marks = Marks(block)
    found = find_brackets(marks)
    if 2 * len(distinct(found.row)) < max(1, len(block)):
        return None
    quotes, before_request = _commonest_place(found)
    chosen = _choose(found, len(block), quotes, before_request)
    rows = np.flatnonzero(chosen >= 0)
    spread = rows[np.linspace(0, len(rows) - 1, min(len(rows), _SAMPLE_LINES)).astype(int)]
    heads, tails = [], []
    for row in spread:
        bracket = chosen[row]
        start, at, end = block.starts[row], found.at[bracket], found.end[bracket]
        heads.append(_words(block.data[start:at].tobytes()))
        tails.append(_words(block.data[end : block.ends[row]].tobytes()))
    word, port_joined = _host_word(heads)
    if word >= 0:
        return AccessLayout(quotes, before_request, word, False, port_joined)
    word, port_joined = _host_word(tails)
    return AccessLayout(quotes, before_request, word, True, port_joined)


def _commonest_place(found: _Brackets) -> tuple[int, bool]:
    """The place (quotes before, followed by a request) that most lines have a time at."""
    # A line with a forged second time counts for both places, so the true one never has fewer
    # lines; between equals the one outside quotes, then the earlier one, is the format's.
    place = found.quotes * 2 + found.before_request
    lines = np.bincount(distinct(found.row * 128 + place) % 128, minlength=128)
    ranked = sorted(
        np.flatnonzero(lines).tolist(),
        key=lambda p: (-lines[p], (p // 2) % 2, p // 2, p % 2 == 0),
    )
    return ranked[0] // 2, bool(ranked[0] % 2)


def _choose(found: _Brackets, rows: int, quotes: int, before_request: bool) -> Ints:
    """For each line the index of its time in `found`, or -1."""
    outside = found.quotes % 2 == 0
    # Later assignments win: the format's own place over any place outside quotes, so that a file
    # shared by two LogFormats is still read.
    chosen = np.full(rows, -1, np.int64)
    for wanted in (
        outside,
        outside & found.before_request,
        (found.quotes == quotes) & (found.before_request == before_request),
    ):
        index = np.flatnonzero(wanted)[::-1]
        chosen[found.row[index]] = index
    return chosen


def _words(text: bytes) -> list[str]:
    return text[:1024].decode("latin-1").split()[:_MOST_WORDS]


def _host_word(lines: list[list[str]]) -> tuple[int, bool]:
    """Which word is the client's host in most lines, and whether its port is joined to it."""
    if not lines:
        return -1, False
    bare: Counter[int] = Counter()
    ports: dict[int, list[str]] = {}
    for words in lines:
        for place, word in enumerate(words):
            if joined := _ADDRESS_AND_PORT.match(word):
                ports.setdefault(place, []).append(joined[1])
            elif _is_address(word):
                bare[place] += 1
    enough = 0.6 * len(lines)
    for place in range(_MOST_WORDS):
        # `%v:%p` of a server known by its address has one or two ports for all lines.
        if len(ports.get(place, ())) >= enough and len(set(ports[place])) > min(2, len(lines) - 1):
            return place, True
        if bare[place] >= enough:
            return place, False
    named = sum(len(words) > 3 and bool(_NAME_AND_PORT.match(words[0])) for words in lines)
    if named >= enough:
        return 1, False
    # HostnameLookups On: a name. `%h %l %u` puts it first.
    return (0, False) if sum(len(words) >= 3 for words in lines) >= enough else (-1, False)


def _is_address(word: str) -> bool:
    try:
        ip_address(word)
    except ValueError:
        return False
    return True


def read_learned(block: Block, layout: AccessLayout) -> AccessStamps:
    """Read the lines of a block whose fields stand as `layout` says."""
    marks = Marks(block)
    found = find_brackets(marks)
    chosen = _choose(found, len(block), layout.quotes, layout.before_request)
    rows = np.flatnonzero(chosen >= 0)
    bracket = chosen[rows]
    stamps = AccessStamps.empty(len(block))
    stamps.epoch_us[rows] = found.epoch_us[bracket]
    stamps.offset_s[rows] = found.offset_s[bracket]
    stamps.digits[rows] = found.digits[bracket]
    if layout.host_word >= 0:
        _read_host(stamps, marks, layout, rows, found.at[bracket], found.end[bracket])
    if layout.quotes % 2 == 0:
        _read_request(stamps, marks, rows, found.end[bracket])
    return stamps


def _read_host(
    stamps: AccessStamps,
    marks: Marks,
    layout: AccessLayout,
    rows: Ints,
    at: Places,
    end: Places,
) -> None:
    block = marks.block
    # Behind the time comes a blank before the first word.
    start = end + 1 if layout.host_after_time else block.starts[rows]
    limit = block.ends[rows] if layout.host_after_time else at
    spaces = marks.literal(b" ")
    for _ in range(layout.host_word):
        space = next_at(spaces, start, limit)
        start = np.where(space >= 0, space + 1, limit)
    space = next_at(spaces, start, limit)
    stop = np.where(space >= 0, space, limit)
    if layout.port_joined:
        colons = marks.literal(b":")
        colon = colons[np.maximum(np.searchsorted(colons, stop) - 1, 0)]
        joined = (colon > start) & (colon < stop)
        port = number_between(block.data, np.where(joined, colon + 1, -1), stop)
        stamps.port[rows] = np.where((port >= 0) & (port <= 0xFFFF), port, NOT_LOGGED)
        stop = np.where(joined, colon, stop)
    there = stop > start
    stamps.host.start[rows] = np.where(there, start, -1)
    stamps.host.end[rows] = np.where(there, stop, -1)


def _read_request(stamps: AccessStamps, marks: Marks, rows: Ints, end: Places) -> None:
    block = marks.block
    limit = block.ends[rows]
    opening = next_at(marks.quotes, end, limit)
    closing = next_at(marks.quotes, opening + 1, limit)
    whole = (opening >= 0) & (closing >= 0)
    rows, opening, closing, limit = rows[whole], opening[whole], closing[whole], limit[whole]
    stamps.request.start[rows] = opening + 1
    stamps.request.end[rows] = closing
    status = fixed_number(block.data, closing + 2, 3)
    behind = block.data[np.minimum(closing + 5, limit)]
    valid = (block.data[closing + 1] == ord(" ")) & (status >= 100) & (closing + 5 <= limit)
    valid &= (behind == ord(" ")) | (closing + 5 == limit) | (behind == ord("\r"))
    stamps.status[rows] = np.where(valid, status, NOT_LOGGED)
