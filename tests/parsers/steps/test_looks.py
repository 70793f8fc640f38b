"""Looks: tokens look like addresses and log IDs where regular expressions say so."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.scanning import Text
from parsers.steps.looks import looks_like_address, looks_like_log_id

_ADDRESS = re.compile(rb"(?=.{1,64}\Z)[0-9A-Fa-f:](?=.*:|(?<=:))[^/]*(?<=[0-9])\Z")
_LOG_ID = re.compile(rb"(?=(?:.{11}|.{24}|.{27}|.{32})\Z)[A-Za-z0-9+/@_-]+\Z")
TOKENS = st.lists(
    st.one_of(
        st.text("019afgAFG:./-]", min_size=1, max_size=70).map(str.encode),
        st.sampled_from([11, 24, 27, 32]).flatmap(
            lambda size: st.text("azAZ09+/@_-.", min_size=size, max_size=size).map(str.encode)
        ),
    ),
    min_size=1,
    max_size=9,
)


@given(TOKENS)
@example([b"192.0.2.7:58619", b"2001:db8::1:443", b"25/Nov/2026:15:52:11", b":1", b"7", b"a:"])
@example([b"1" * 62 + b":1", b"1" * 63 + b":1", b"AAAAAAAAAAA", b"AAAAAAAAAA."])
def test_tokens_look_like_what_expressions_say(tokens: list[bytes]) -> None:
    """Whatever stands behind them."""
    block = Block.of(b"\n".join(token + b"] x" for token in tokens) + b"\n")
    text, ends = Text(block), block.starts + np.array([len(token) for token in tokens])
    addresses = looks_like_address(text, block.starts, ends)
    assert addresses.tolist() == [_ADDRESS.match(token) is not None for token in tokens]
    ids = looks_like_log_id(text, block.starts, ends)
    assert ids.tolist() == [_LOG_ID.match(token) is not None for token in tokens]
