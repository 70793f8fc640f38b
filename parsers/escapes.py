r"""Escapes: take messages as httpd escaped them, give the text as it was before.

httpd writes every message, header and note through `ap_escape_errorlog_item` (server/util.c): the
controls `\b \n \r \t \v` and the backslash as two characters, every other unprintable byte and
every byte from 0x80 on as `\xHH`; the double quote stays as it is, unlike in the access log.
"""

from __future__ import annotations

import re

_RUN = re.compile(r"(?:\\(?:x[0-9a-fA-F]{2}|[bnrtv\\]))+")
_ONE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([bnrtv\\]))")
_CONTROL = {"b": 8, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92}


def unescape(text: str) -> str:
    r"""The text before httpd escaped it: `caf\xc3\xa9` becomes `café`.

    Bytes that are no UTF-8 stay escaped. The result may hold control characters: neutralise it
    before it goes to a terminal.
    """
    return _RUN.sub(_decode_run, text) if "\\" in text else text


def _decode_run(run: re.Match[str]) -> str:
    # A whole run at a time, for the bytes of one character are several escapes.
    escapes = _ONE.findall(run[0])
    raw = bytes(int(code, 16) if code else _CONTROL[letter] for code, letter in escapes)
    return raw.decode("utf-8", "backslashreplace")
