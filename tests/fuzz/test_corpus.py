"""What fuzzing found once, and some bytes at random, break no target."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*/*")), ids=lambda path: path.name[:24])
def test_kept(path: Path) -> None:
    """An input that was kept is read or refused."""
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_random(name: str) -> None:
    """Bytes at random, and pieces of kept inputs, are read or refused."""
    kept = [path.read_bytes() for path in sorted((CORPUS / name).glob("*"))] or [b""]
    piece = st.one_of(st.binary(max_size=60), st.sampled_from(kept))

    @settings(max_examples=40, deadline=None)
    @given(st.lists(piece, max_size=3))
    def hold(pieces: list[bytes]) -> None:
        TARGETS[name](b"".join(pieces))

    hold()
