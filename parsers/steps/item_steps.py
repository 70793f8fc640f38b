"""Steps for the items whose text has a shape of its own: level, source, status, tag."""

from __future__ import annotations

import string
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.error_log_format.items import LEVELS
from parsers.lines import Spans
from parsers.messages import tags
from parsers.scanning import KEEP, Places, Text, token_length, word_of
from parsers.steps.cursor import FAR, UNKNOWN_LEVEL, UNSHARED, Cursor
from parsers.steps.steps import BLANK


@dataclass(frozen=True, slots=True)
class LevelStep:
    """The name of a level."""

    stop: int = ord("]")
    columns: tuple[str, ...] = ("level",)
    reach: ClassVar[int] = 8

    def run(self, c: Cursor) -> Mask:
        """Move past the name, and keep its number for fields that depend on it."""
        (word,) = c.words(1)
        length = token_length(word, self.stop)
        level = level_numbers(word & KEEP[length])
        end = c.at + length
        c.found.level[c.rows] = level
        c.found.note("level", c.rows, c.at, end)
        c.at = end
        fine: Mask = level != UNKNOWN_LEVEL
        return fine


@cache
def _level_table() -> tuple[np.uint64, NDArray[np.uint64], NDArray[np.int8]]:
    """A multiplier that hashes the level names without collision, and the table it fills."""
    names = np.array([word_of(level.encode()) for level in LEVELS], np.uint64)
    multiplier = np.uint64(0x9E3779B97F4A7C15)
    while True:
        slots = (names * multiplier) >> np.uint64(56)
        if len(set(slots.tolist())) == len(names):
            break
        multiplier = multiplier * np.uint64(6364136223846793005 & 0xFFFFFFFF) | np.uint64(1)
    words = np.zeros(256, np.uint64)
    numbers = np.full(256, UNKNOWN_LEVEL, np.int8)
    words[slots] = names
    numbers[slots] = np.arange(len(LEVELS), dtype=np.int8)
    return multiplier, words, numbers


def level_numbers(words: NDArray[np.uint64]) -> NDArray[np.int8]:
    """The number of the level whose zero-filled name each word is, or -1."""
    multiplier, names, numbers = _level_table()
    slot = ((words * multiplier) >> np.uint64(56)).astype(np.int64)
    return np.where(names[slot] == words, numbers[slot], np.int8(UNKNOWN_LEVEL))


@dataclass(frozen=True, slots=True)
class SourceStep:
    """httpd's `file.c(123)`."""

    columns: tuple[str, ...] = ("source",)
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Move past the closing parenthesis."""
        data = c.text.data
        name_end = c.text.token_end(c.at, ord("("), 128, words=c.words(2))
        fine: Mask = (data[name_end] == ord("(")) & (name_end > c.at)
        chosen = np.flatnonzero(fine)
        if not len(chosen):
            return fine
        sub = c.keep(chosen)
        number = name_end[chosen] + 1
        end = c.text.digits_end(number)
        good = (end > number) & (data[end] == ord(")")) & (end < sub.end)
        c.found.note("source", sub.rows, sub.at, end + 1)
        at = c.at.copy()
        at[chosen] = end + 1
        c.at = at
        fine[chosen] = good
        return fine


@dataclass(frozen=True, slots=True)
class ClientStep:
    """`[client ` and an address up to a bracket; `[remote ` where httpd has no scoreboard."""

    columns: tuple[str, ...] = ("client_marker", "client")
    reach: ClassVar[int] = FAR

    def run(self, c: Cursor) -> Mask:
        """Move to the bracket."""
        begin = c.at
        (word,) = c.words(1)
        fine: Mask = (word == word_of(b"[client ")) | (word == word_of(b"[remote "))
        c.skip(8)
        end = np.minimum(c.text.token_end(c.at, ord("]"), words=c.words(2)), c.end)
        fine &= end > c.at
        c.found.note("client_marker", c.rows, begin + 1, c.at - 1)
        c.found.note("client", c.rows, c.at, end)
        c.at = end
        return fine


#: What may stand before the number of a status (httpd's log.c log_apr_status).
STATUS_KINDS = (b"(", b"(EAI ", b"(OS ", b"(os 0x")
#: Digits of one are at most as many.
LONGEST_STATUS_NUMBER = 24


@dataclass(frozen=True, slots=True)
class StatusStep:
    """APR's `(13)Permission denied`, up to a literal, or to the line's end without one."""

    until: bytes
    columns: tuple[str, ...] = ("status",)
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Move to the literal."""
        fine: Mask = c.text.data[c.at] == ord("(")
        chosen = np.flatnonzero(fine)
        if not len(chosen):
            return fine
        sub = c.keep(chosen)
        text_start = self._number_end(sub)
        good = text_start > sub.at
        end = c.text.find(text_start, sub.end, self.until) if self.until else sub.end
        good &= (end > text_start) & (c.text.data[text_start] > BLANK)
        c.found.note("status", sub.rows, sub.at, end)
        at = c.at.copy()
        at[chosen] = np.where(good, end, sub.at)
        c.at = at
        fine[chosen] = good
        return fine

    @staticmethod
    def _number_end(c: Cursor) -> Places:
        """Behind the `)` of the number, or the start where there is none."""
        answer = c.at.copy()
        left = np.arange(len(answer))
        for kind in STATUS_KINDS:
            if not len(left):
                break
            at = c.at[left]
            number = at + len(kind)
            if kind.endswith(b"x"):
                end = c.text.token_end(number, ord(")"), LONGEST_STATUS_NUMBER)
            else:
                end = c.text.digits_end(number, LONGEST_STATUS_NUMBER)
            fine = c.text.has(at, kind) & (end > number) & (c.text.data[end] == ord(")"))
            fine &= end < c.end[left]
            answer[left[fine]] = end[fine] + 1
            left = left[~fine]
        return answer


@dataclass(frozen=True, slots=True)
class TagAhead:
    """A tag must come next; it stays part of the message."""

    columns: tuple[str, ...] = ()
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Stay."""
        return tags(c.text, Spans(c.at, c.end)).start >= 0


#: Bytes that go on with a number or a word: `12:00:00,123` is another time than `12:00:00`.
_GOES_ON = np.isin(np.arange(256), np.frombuffer(b".,:-+_", np.uint8))
_GOES_ON[ord("0") : ord("9") + 1] = _GOES_ON[ord("A") : ord("Z") + 1] = True
_GOES_ON[ord("a") : ord("z") + 1] = True


@dataclass(frozen=True, slots=True)
class WordEnds:
    """What was read must not go on, nor end with the line: that may have been cut there.

    `[2026-11-22 14:05:09.123456` has lost its bracket, and perhaps its offset with it.
    """

    columns: tuple[str, ...] = ()
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Stay."""
        ended: Mask = (c.at < c.end) & ~_GOES_ON[c.text.data[c.at]]
        return ended


#: Names of zones that others write behind a time, such as PostgreSQL; no letter of httpd's does.
_ZONES = np.sort(
    np.array(
        [
            word_of(name.encode())
            for name in (
                *("UTC", "GMT", "WET", "WEST", "BST", "IST", "CET", "CEST", "EET", "EEST", "MSK"),
                *("TRT", "SAST", "PKT", "WIB", "HKT", "SGT", "PST", "PDT", "JST", "KST", "AWST"),
                *("ACST", "ACDT", "AEST", "AEDT", "NZST", "NZDT", "HST", "AKST", "AKDT"),
                *("MST", "MDT", "CST", "CDT", "EST", "EDT", "AST", "ADT", "NST", "NDT"),
            )
        ],
        np.uint64,
    )
)
_SIGNS = np.isin(np.arange(256), np.frombuffer(b"+-", np.uint8))
_DIGITS = np.isin(np.arange(256), np.frombuffer(string.digits.encode(), np.uint8))
#: The bytes of a sign and two digits, which PostgreSQL writes for zones without a name.
_HOURS = 3


@dataclass(frozen=True, slots=True)
class NoZoneAhead:
    """What was read must not be followed by its zone, with which it would be another time."""

    columns: tuple[str, ...] = ()
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Stay."""
        data, at = c.text.data, c.at + 1
        (word,) = c.text.words(at)
        length = token_length(word, ord("]"))
        name = word & KEEP[length]
        named = _ZONES[np.minimum(np.searchsorted(_ZONES, name), len(_ZONES) - 1)] == name
        hours = (length == _HOURS) & _SIGNS[data[at]] & _DIGITS[data[at + 1]]
        hours &= _DIGITS[data[at + 2]]
        free: Mask = (data[c.at] != BLANK) | ~(named | hours)
        return free


#: Bytes behind the time in which a pid may stand.
_PID_HEAD = 64
#: How often `pid` may stand there.
_MOST_PIDS = 4
_BEFORE_NUMBER = np.isin(np.arange(256), np.frombuffer(b":= \"'", np.uint8))
_IS_WORD = np.isin(
    np.arange(256), np.frombuffer((string.ascii_letters + string.digits + "_").encode(), np.uint8)
)


@dataclass(frozen=True, slots=True)
class PidAhead:
    """A pid somewhere near: `[pid 7`, `[pid7`, `pid: 7`, `pid=7`, `"pid":"7"`.

    Only where nothing else near looks like another one. Other words of httpd speak of other
    processes: `child pid 7`, `mod_wsgi (pid=7)`.
    """

    columns: tuple[str, ...] = ("pid",)
    reach: ClassVar[int] = UNSHARED

    def run(self, c: Cursor) -> Mask:
        """Stay; never fails."""
        found = np.full(len(c.rows), -1, np.int64)
        other = np.zeros(len(c.rows), np.bool_)
        starts, ends = np.zeros_like(found), np.zeros_like(found)
        limit = np.minimum(c.at + _PID_HEAD, c.end)
        at = c.at
        for _ in range(_MOST_PIDS):
            place = c.text.find(at, limit, b"pid")
            chosen = np.flatnonzero(place >= 0)
            if not len(chosen):
                break
            at = np.where(place >= 0, place + 3, limit)
            pid, start, end = self._read(c.text, place[chosen])
            known = found[chosen]
            other[chosen] |= (pid >= 0) & (known >= 0) & (pid != known)
            new = chosen[(pid >= 0) & (known < 0)]
            picked = (pid >= 0) & (known < 0)
            found[new], starts[new], ends[new] = pid[picked], start[picked], end[picked]
        rows = np.flatnonzero((found >= 0) & ~other)
        c.found.note_pid(c.rows[rows], found[rows])
        c.found.note("pid", c.rows[rows], starts[rows], ends[rows])
        return np.ones(len(c.rows), np.bool_)

    @staticmethod
    def _read(text: Text, place: Places) -> tuple[Places, Places, Places]:
        """The number behind each `pid`, or -1, and where it stands."""
        data = text.data
        before = data[place - 1]
        start = place + 3
        told = before == ord("[")
        for _ in range(4):
            byte = data[start]
            told |= (byte == ord(":")) | (byte == ord("="))
            start = start + _BEFORE_NUMBER[byte]
        pid, end = text.number(start)
        fine = told & ~_IS_WORD[before] & (before != ord("(")) & ~_IS_WORD[data[end]]
        return np.where(fine, pid, -1), start, end
