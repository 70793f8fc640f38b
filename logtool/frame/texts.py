"""Texts: takes places in a block's bytes, gives polars strings without a Python object for each.

Arrow's string views (16 bytes: length, and either up to 12 bytes or a prefix and a place) are made
with numpy and handed over through the Arrow C data interface.
"""

from __future__ import annotations

import ctypes
from itertools import count
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import ComputeError

from logtool.machine.ending import go_on_ending_at_once
from parsers.arrays import Bytes

go_on_ending_at_once()

Places = NDArray[np.int64]

#: A view holds so many bytes itself.
_INLINE = 12

#: For each length the bits of a view's bytes that belong to the text.
_KEPT = np.where(
    np.arange(_INLINE) < np.arange(_INLINE + 1)[:, None], np.uint8(255), np.uint8(0)
).view(np.uint32)


#: So many bytes are written out at once, which takes forty times as many.
_PIECE = 1 << 18
#: Bytes of texts that are copied at once.
_COPIED = 1 << 16
#: What Python decodes the byte 0x80 to, where it is not UTF-8; the next ones follow.
_ESCAPED = 0xDC80
#: How each byte is written out.
_HEX = np.frombuffer(b"".join(b"\\x%02x" % byte for byte in range(256)), np.uint8).reshape(-1, 4)
_FIRST = np.arange(_HEX.shape[1]) == 0


def strings(data: Bytes, start: Places, end: Places) -> pl.Series:
    r"""The texts at half-open places of `data`; null where `start` is negative.

    Args:
        data: uint8, with at least 12 readable bytes after the last place. Must not change later.
        start: int64[n].
        end: int64[n].

    Returns:
        String[n]. Bytes that are not UTF-8 come as `\xff`, as httpd itself escapes them.
    """
    if not (start >= 0).any():  # most columns of some lines, all of lines that no layout reads
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(start))
    raw = _binary(data, start, end)
    try:
        return raw.cast(pl.String)
    except ComputeError:
        return _repaired(raw, data, start, end)


def detached(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame, with texts of its own: a few rows kept do not keep whole blocks in memory."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(pl.concat_str(name, pl.lit("")) for name in texts)


def _repaired(raw: pl.Series, data: Bytes, start: Places, end: Places) -> pl.Series:
    """Write out what is not UTF-8, looking only at texts with a byte beyond ASCII."""
    beyond = np.append(0, np.cumsum(data >= 0x80))
    odd = np.flatnonzero((start >= 0) & (beyond[end] > beyond[np.maximum(start, 0)]))
    pieces = np.flatnonzero(np.diff(np.cumsum((end - start)[odd]) // _PIECE)) + 1
    texts = [
        _binary(*_written_out(*_apart(data, start[some], end[some])))
        for some in np.split(odd, pieces)
    ]
    # Each odd text is taken from the end of the list, all others from their own row.
    row = np.arange(len(raw))
    row[odd] = len(raw) + np.arange(len(odd))
    return pl.concat([raw, *texts]).gather(row).cast(pl.String)


def _apart(data: Bytes, start: Places, end: Places) -> tuple[Bytes, Places, Places]:
    """Texts one behind the other, each followed by a line's end: no character begins in one."""
    length = end - start + 1
    held, place = _copied(data, start, length)
    stop = place + length - 1
    held[stop] = ord("\n")
    return held, place, stop


def _written_out(data: Bytes, start: Places, end: Places) -> tuple[Bytes, Places, Places]:
    r"""Texts in which each byte that is not UTF-8 is four: `\xff`; some more can be read behind."""
    # What "backslashreplace" does, in a fraction of its time where there are many such bytes.
    code = np.array([data.tobytes().decode("utf-8", "surrogateescape")]).view(np.uint32)
    bad = code - np.uint32(_ESCAPED) < 0x80
    size = 1 + (code >= 0x80).view(np.int8) + (code >= 0x800) + (code >= 0x10000)
    odd = np.repeat(bad, np.where(bad, 1, size))
    wide, even = _HEX[data], np.flatnonzero(~odd)
    wide[even, 0] = data[even]
    out = wide[odd[:, None] | _FIRST]
    more = (_HEX.shape[1] - 1) * np.append(0, np.cumsum(odd))
    return np.append(out, np.zeros(_INLINE, np.uint8)), start + more[start], end + more[end]


def _binary(data: Bytes, start: Places, end: Places) -> pl.Series:
    there = start >= 0
    views, long = _views(start, end, data)
    held: Bytes | None = None
    if len(long):
        held, place = _worth_holding(data, start[long], (end - start)[long])
        views[long, 2] = 0
        views[long, 3] = place
    mask = None if there.all() else np.packbits(there, bitorder="little")
    return pl.Series(_Views(views, held, mask))


def _views(start: Places, end: Places, data: Bytes) -> tuple[NDArray[np.uint32], Places]:
    """Views of the texts, and the rows of those too long for one, whose places are not in yet."""
    length = np.where(start >= 0, end - start, 0)
    views = np.empty((len(start), 4), np.uint32)
    views[:, 0] = length
    views[:, 1:] = _windows(data)[np.maximum(start, 0)].view(np.uint32).reshape(-1, 3)
    _inline(views, np.flatnonzero(length < _INLINE), start, data)
    return views, np.flatnonzero(length > _INLINE)


def _inline(views: NDArray[np.uint32], short: Places, start: Places, data: Bytes) -> None:
    """Put short texts into their views, zero behind them."""
    if len(short):
        head = _windows(data)[np.maximum(start[short], 0)].view(np.uint32).reshape(-1, 3)
        views[short, 1:] = head & _KEPT[views[short, 0]]


def _windows(data: Bytes) -> NDArray[np.void]:
    return np.ndarray((len(data) - _INLINE + 1,), f"V{_INLINE}", data, 0, (1,))


def _worth_holding(data: Bytes, start: Places, length: Places) -> tuple[Bytes, Places]:
    """The bytes that the views shall point into, and where.

    All of the block if most of it is wanted; else a copy, so that a few texts do not keep it alive.
    """
    whole = 2 * int(length.sum()) > len(data)
    return (data, start) if whole else _copied(data, start, length)


def _copied(data: Bytes, start: Places, length: Places) -> tuple[Bytes, Places]:
    """Texts one behind the other, and where each begins.

    Some at once: the places of all bytes take sixteen times as much memory.
    """
    stop = np.cumsum(length)
    place = stop - length
    moved, out = start - place, np.empty(int(stop[-1]), np.uint8)
    cuts = np.searchsorted(stop, np.arange(_COPIED, len(out), _COPIED)).tolist()
    for some in map(slice, [0, *cuts], [*cuts, len(stop)]):
        if some.start < some.stop:
            begin, end = int(place[some.start]), int(stop[some.stop - 1])
            shift = np.repeat(moved[some], length[some])
            out[begin:end] = data[np.arange(begin, end) + shift]
    return out, place


class _ArrowSchema(ctypes.Structure):
    """Arrow C data interface: `struct ArrowSchema`."""


class _ArrowArray(ctypes.Structure):
    """Arrow C data interface: `struct ArrowArray`."""


_Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64), ("n_children", ctypes.c_int64), ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p), ("release", _Release), ("private_data", ctypes.c_void_p),
]  # fmt: skip
_ArrowArray._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64), ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)), ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p), ("release", _Release), ("private_data", ctypes.c_void_p),
]  # fmt: skip

_NULLABLE = 2
_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]

#: What polars still points into, by the number that its array carries.
_held: dict[int, tuple[tuple[NDArray[Any] | None, ...], object, object, object]] = {}
_numbers = count(1)


def _let_go_of_schema(address: int) -> None:
    _ArrowSchema.from_address(address).release = _Release(0)


def _let_go_of_array(address: int) -> None:
    array = _ArrowArray.from_address(address)
    array.release = _Release(0)
    _held.pop(array.private_data, None)


_release_schema = _Release(_let_go_of_schema)
_release_array = _Release(_let_go_of_array)


class _Views:
    """Binary views (format `vz`) for whoever imports them."""

    def __init__(self, views: NDArray[np.uint32], held: Bytes | None, mask: Bytes | None) -> None:
        self._views, self._held, self._mask = views, held, mask

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[Any, Any]:
        """Capsules of the schema and the array."""
        schema = _ArrowSchema(format=b"vz", name=b"", flags=_NULLABLE, release=_release_schema)
        sizes = np.array([] if self._held is None else [len(self._held)], np.int64)
        parts = (self._mask, self._views, *([] if self._held is None else [self._held]), sizes)
        places = [None if part is None else part.ctypes.data for part in parts]
        buffers = (ctypes.c_void_p * len(places))(*places)
        number = next(_numbers)
        array = _ArrowArray(
            length=len(self._views),
            null_count=0 if self._mask is None else -1,
            n_buffers=len(places),
            buffers=ctypes.cast(buffers, ctypes.POINTER(ctypes.c_void_p)),
            release=_release_array,
            private_data=number,
        )
        # polars moves both structs out of the capsules before `strings` returns.
        _held[number] = (parts, buffers, schema, array)
        return (
            _new_capsule(ctypes.addressof(schema), b"arrow_schema", None),
            _new_capsule(ctypes.addressof(array), b"arrow_array", None),
        )
