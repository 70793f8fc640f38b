"""Log ids: take what %L and %{c}L print, give the real time inside.

httpd's own id (server/log.c core_generate_log_id) is 8 little-endian bytes in base64 whose low 32
bits are microseconds of UTC; they come round every 71.58 minutes. mod_unique_id's begins with the
epoch.
"""

from __future__ import annotations

import base64
import binascii

from parsers.units import SECOND

#: The period of the time bits of httpd's own ids.
PERIOD_US = 1 << 32

_NEW = bytes.maketrans(b"-_", b"+/")
_OLD = bytes.maketrans(b"@-", b"+/")


def core_id_us(text: bytes) -> int | None:
    """Microseconds of UTC modulo PERIOD_US in an 11-character id, or None."""
    if len(text) != 11:
        return None
    try:
        raw = base64.b64decode(text + b"=", validate=True)
    except binascii.Error:
        return None
    return int.from_bytes(raw[:4], "little")


def unique_id_us(text: bytes) -> int | None:
    """The UTC second, in µs, at which mod_unique_id made a 24- or 27-character id, or None.

    The alphabet of mod_unique_id.c ends in `-_` since 2.4.43 and in `@-` before.
    """
    if len(text) not in (24, 27):
        return None
    try:
        raw = base64.b64decode(text[:8].translate(_OLD if b"@" in text else _NEW), validate=True)
    except binascii.Error:
        return None
    return int.from_bytes(raw[:4], "big") * SECOND
