"""Wrappers: what other programs put before a line of Apache's, as data, and the step over it.

Containers, syslog daemons and journals write heads of their own. Their stamps stay as they are:
the one that Apache wrote is the one to read. A head must look right from its beginning to its end,
so that no line of Apache is found in the middle of another text.
"""

from __future__ import annotations

import string
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.scanning import Places, Text
from parsers.steps.cursor import UNSHARED, Cursor

#: Bytes of a line in which Apache's own part must begin, and how many brackets are looked at.
_LONGEST_HEAD = 200
_MOST_BRACKETS = 4


def _of(letters: str) -> NDArray[np.bool_]:
    return np.isin(np.arange(256), np.frombuffer(letters.encode(), np.uint8))


_LETTER, _DIGIT = _of(string.ascii_letters), _of(string.digits)
_BLANK = _of(" \t")
_PRINTABLE = np.isin(np.arange(256), np.arange(0x20, 0x7F)) | _of("\t")


@dataclass(frozen=True, slots=True)
class Head:
    """One kind of head.

    Attributes:
        name: who writes it.
        begins: what its first bytes are: `d` a digit, `a` a letter, `_` a blank, a comma a digit
            or a blank, else the byte itself.
        ends: what its last bytes are, without blanks at the end.
        token: it is one word, and `ends`.
    """

    name: str
    begins: str
    ends: bytes
    token: bool = False


HEADS = (
    Head("Kubernetes", "dddd-dd-ddTdd:dd:dd", b"stderr F"),
    Head("Kubernetes", "dddd-dd-ddTdd:dd:dd", b"stdout F"),
    Head("syslog, RFC 3339", "dddd-dd-ddTdd:dd:dd", b":"),
    Head("syslog", "aaa ,d dd:dd:dd", b":"),
    Head("syslog with a priority", "<d", b":"),
    Head("syslog, RFC 5424", "<d", b"-"),
    Head("syslog, RFC 5424 with data", "<d", b"]"),
    Head("journald, short-full", "aaa dddd-dd-dd dd:dd:dd ", b":"),
    Head("Docker", "dddd-dd-ddTdd:dd:dd", b"Z"),
    Head("Docker Compose", "", b"|", token=True),
    Head("Docker's JSON", '{"log":"', b'{"log":"'),
    Head("grep", "", b":", token=True),
)  # fmt: skip
#: A byte order mark: before a file, or by RFC 5424 (section 6.4) before a message that is UTF-8.
_MARK = b"\xef\xbb\xbf"
#: Heads without any text of their own: that mark, blanks, a mail's quote, a colour.
_BARE = (_MARK, b"", b">")
_COLOUR, _LONGEST_COLOUR = b"\x1b[", 16
#: What stands around the name of the container before all of that: `kubectl logs --prefix`, and
#: Docker Compose, which pads it. Without any more, a name and a stroke may also be Apache's.
_POD, _POD_ENDS, _STROKE = b"[pod/", b"] ", b"| "
#: What Compose writes behind a coloured name and its stroke.
_RESET = b"\x1b[0m"


@dataclass(frozen=True, slots=True)
class HeadStep:
    """The head of another program, up to the bracket with which Apache's part begins.

    Attributes:
        sure: only heads that are no mere word, which Apache itself may write before its time; or
            only the others. None is any.
    """

    sure: bool | None = None
    columns: tuple[str, ...] = ()
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Move to the bracket."""
        place = _first_stamp(c.text, c.at, np.minimum(c.end, c.at + _LONGEST_HEAD))
        fine: Mask = place > c.at
        chosen = np.flatnonzero(fine)
        if len(chosen):
            some, stamp = c.at[chosen], place[chosen]
            marked = (stamp > some + len(_MARK)) & c.text.has(stamp - len(_MARK), _MARK)
            stamp -= marked * len(_MARK)
            fine[chosen] = _is_head(c.text, some, stamp, sure=self.sure)
            if self.sure is not False:
                fine[chosen] |= _is_named_head(c.text, some, stamp)
        c.at = np.where(fine, place, c.at)
        return fine


def _first_stamp(text: Text, at: Places, limit: Places) -> Places:
    """The first bracket behind which a weekday or a year stands, or -1."""
    answer = np.full(len(at), -1, np.int64)
    left = np.arange(len(at))
    at = at.copy()
    for _ in range(_MOST_BRACKETS):
        place = text.find(at[left], limit[left], b"[")
        left, place = left[place >= 0], place[place >= 0]
        if not len(left):
            break
        near = text.data[place[:, None] + np.arange(1, 6)]
        weekday = _LETTER[near[:, :3]].all(axis=1) & (near[:, 3] == ord(" "))
        year = _DIGIT[near[:, :4]].all(axis=1) & (near[:, 4] == ord("-"))
        stamped = weekday | year
        answer[left[stamped]] = place[stamped]
        at[left] = place + 1
        left = left[~stamped]
    return answer


def _is_head(text: Text, at: Places, end: Places, *, sure: bool | None) -> Mask:
    """Whether what stands in between is a head that one of the known programs writes."""
    width = int((end - at).max())
    places = np.arange(width)
    inside = places < (end - at)[:, None]
    letters = np.where(inside, text.data[at[:, None] + places], ord(" ")).astype(np.uint8)
    blank = _BLANK[letters]
    length = width - (~blank)[:, ::-1].argmax(axis=1)
    length[blank.all(axis=1)] = 0
    words = (blank & (places < length[:, None])).any(axis=1)
    plain = (_PRINTABLE[letters] | ~inside).all(axis=1)
    answer: Mask = np.zeros(len(at), np.bool_)
    for head in HEADS:
        if sure is head.token:
            continue
        fits = plain & _begins(letters, head.begins) & _ends(letters, length, head.ends)
        if head.token:
            fits &= ~_words_before(blank, length - len(head.ends))
        answer |= fits
    if sure is False:
        return answer
    for bare in _BARE:
        answer |= (length == len(bare)) & _ends(letters, length, bare)
    colour = _begins(letters, _COLOUR.decode("latin-1")) & ~words
    answer |= colour & _ends(letters, length, b"m")
    return answer


def _is_named_head(text: Text, at: Places, end: Places) -> Mask:
    """Whether what stands in between is a container's name, and such a head."""
    answer: Mask = np.zeros(len(at), np.bool_)
    closed = text.token_end(at, _POD_ENDS[0], _LONGEST_HEAD)
    pod = np.flatnonzero(text.has(at, _POD) & (closed < end) & text.has(closed, _POD_ENDS))
    behind = closed[pod] + len(_POD_ENDS)
    answer[pod] = behind == end[pod]
    name = _behind_colour(text, at)
    blank = text.token_end(name, ord(" "), _LONGEST_HEAD)
    stroke = text.find(at, end, _STROKE)
    padded = np.flatnonzero((blank > name) & (stroke > blank) & ~text.has(at, b"["))
    padded = padded[_are_blank(text, blank[padded], stroke[padded])]
    rows = np.concatenate((pod, padded))
    begin = np.concatenate((behind, stroke[padded] + len(_STROKE)))
    coloured = text.has(begin, _RESET)
    begin += coloured * len(_RESET)
    answer[rows] |= coloured & (begin == end[rows])
    more = begin < end[rows]
    rows, begin = rows[more], begin[more]
    if len(rows):
        answer[rows] = _is_head(text, begin, end[rows], sure=True)
    return answer


def _behind_colour(text: Text, at: Places) -> Places:
    """Where each text begins behind an escape that colours it."""
    last = text.token_end(at + len(_COLOUR), ord("m"), _LONGEST_COLOUR)
    return np.where(text.has(at, _COLOUR) & text.has(last, b"m"), last + 1, at)


def _are_blank(text: Text, at: Places, end: Places) -> Mask:
    """Whether nothing but blanks stands in between."""
    width = int((end - at).max(initial=0))
    places = np.arange(width)
    fine: Mask = (_BLANK[text.data[at[:, None] + places]] | (places >= (end - at)[:, None])).all(
        axis=1
    )
    return fine


def _words_before(blank: NDArray[np.bool_], length: Places) -> Mask:
    """Whether there are several words in the first bytes of each row: a blank between two."""
    inside = np.arange(blank.shape[1]) < length[:, None]
    text = inside & ~blank
    last = blank.shape[1] - 1 - text[:, ::-1].argmax(axis=1)
    inner = blank & (np.arange(blank.shape[1]) < last[:, None])
    return np.asarray(inner.any(axis=1) | ~text.any(axis=1))


def _begins(letters: NDArray[np.uint8], pattern: str) -> Mask:
    fine: Mask = np.full(len(letters), letters.shape[1] >= len(pattern))
    for column, sign in zip(letters.T, pattern, strict=False):
        match sign:
            case "d":
                fine &= _DIGIT[column]
            case "a":
                fine &= _LETTER[column]
            case "_":
                fine &= _BLANK[column]
            case ",":
                fine &= _DIGIT[column] | _BLANK[column]
            case _:
                fine &= column == ord(sign)
    return fine


def _ends(letters: NDArray[np.uint8], length: Places, text: bytes) -> Mask:
    fine: Mask = length >= len(text)
    rows = np.arange(len(letters))
    for k, byte in enumerate(reversed(text), 1):
        fine &= letters[rows, np.maximum(length - k, 0)] == byte
    return fine
