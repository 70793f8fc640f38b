"""Looks: takes tokens on many lines, tells which look like what only their looks tell."""

from __future__ import annotations

import string

import numpy as np

from parsers.arrays import Mask
from parsers.lines import NO_PID
from parsers.scanning import Places, Text


def looks_like_address(text: Text, at: Places, end: Places) -> Mask:
    """Whether each token is `ip:port`: hexadecimal digits, dots, colons, and a port at its end."""
    colon = np.minimum(text.token_end(at, ord(":"), 64), end)
    first = text.data[at]
    starts = ((first >= ord("0")) & (first <= ord("9"))) | (first == ord(":"))
    starts |= ((first | 32) >= ord("a")) & ((first | 32) <= ord("f"))
    last = text.data[np.maximum(end - 1, at)]
    fine: Mask = starts & (colon < end) & (last >= ord("0")) & (last <= ord("9"))
    if fine.any():
        fine &= text.token_end(at, ord("/"), 64) >= end  # 25/Nov/2026:15:52:11 is a date
    return fine


#: Of so many lines a smaller share does not show that their format has a pid.
_MANY_LINES, _FEW_PIDS = 20, 0.05


def hardly_any_pid(pid: Places) -> bool:
    """Whether next to none of many lines has a pid: what looks like one may be its message's."""
    return len(pid) >= _MANY_LINES and int((pid != NO_PID).sum()) < len(pid) * _FEW_PIDS


#: Lengths of log IDs: httpd's own, mod_unique_id's before 2.4, and since (IPv4 and IPv6).
LOG_ID_LENGTHS = (11, 24, 27, 32)
#: The alphabets of base64 that they use.
_LOG_ID_LETTERS = np.isin(
    np.arange(256), list((string.ascii_letters + string.digits + "+/@-_").encode())
)


def looks_like_log_id(text: Text, at: Places, end: Places) -> Mask:
    """Whether each token is as long as a log ID and of the letters of one."""
    fine = np.isin(end - at, LOG_ID_LENGTHS)
    chosen = np.flatnonzero(fine)
    if len(chosen):
        letters = np.stack(text.words(at[chosen], 4), axis=1).view(np.uint8)
        inside = np.arange(letters.shape[1]) < (end - at)[chosen, None]
        fine[chosen] = (_LOG_ID_LETTERS[letters] | ~inside).all(axis=1)
    return fine
