"""Excerpts of blocks say of their lines what the whole blocks say."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.built_in import HTTPD_24
from parsers.decode import Decoder
from parsers.excerpts import excerpt, joined
from parsers.layouts import compile_layout
from parsers.lines import Stamps

_LINES = st.lists(
    st.sampled_from(
        [
            b"[Fri Jun 05 08:42:36.978307 2026] [ssl:info] [pid 7:tid 8] [client 127.0.0.1:1] a\r",
            b"[Fri Jun 05 08:42:37.000001 2026] [wsgi:error] [pid 70] longer than the others",
            b"2026-06-05 08:42:38.000002 [core:notice] [pid 9] a time first",
            b"  no stamp",
            b"",
        ]
    ),
    min_size=1,
)
_TIME_FIRST = compile_layout("%{cu}t [%m:%l] [pid %P] %M")
_NAMES = ("module", "client", "message")


@given(st.lists(_LINES, min_size=1, max_size=3), st.data())
def test_lines_are_the_same(logs: list[list[bytes]], data: st.DataObject) -> None:
    """Lines, stamps and fields: of one block, and of several one behind the other."""
    decoder = Decoder([HTTPD_24, _TIME_FIRST])
    parts, texts, said = [], [], []
    for lines in logs:
        block = Block.of(b"\n".join(lines))
        stamps = decoder.stamps(block)
        wanted = st.sets(st.integers(0, len(block) - 1)) if len(block) else st.just(set[int]())
        rows = np.array(sorted(data.draw(wanted)), np.int64)
        parts.append(excerpt(block, stamps, rows))
        texts += [block.line(row) for row in rows.tolist()]
        said += _said(decoder, block, rows)
    whole, stamps = joined(parts)
    assert [whole.line(row) for row in range(len(whole))] == texts
    anew = decoder.stamps(whole)
    for field in fields(Stamps):
        assert np.array_equal(getattr(stamps, field.name), getattr(anew, field.name)), field.name
    assert _said(decoder, whole, np.arange(len(whole))) == said


def _said(decoder: Decoder, block: Block, rows: np.ndarray) -> list[list[bytes]]:
    """The fields of some lines, as text."""
    spans = decoder.fields(block, decoder.stamps(block), rows, _NAMES)
    raw = block.data.tobytes()
    ends = {name: list(zip(one.start, one.end, strict=True)) for name, one in spans.items()}
    return [
        [raw[a:b] if a >= 0 else b"-" for a, b in (ends[name][at] for name in _NAMES)]
        for at in range(len(rows))
    ]
