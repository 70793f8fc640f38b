"""Where lines begin, known before anything else of them is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logtool.sources.compression import compression_of
from logtool.sources.opening import open_sources
from logtool.tui.model.reading import locating
from logtool.tui.model.reading.builder import HEAD, Builder
from logtool.tui.model.reading.locating import line_places
from logtool.tui.model.reading.places import LogBytes
from parsers.blocks import Block
from tests.logtool.tui.pilots import DJANGO


@settings(
    suppress_health_check=[*settings().suppress_health_check, HealthCheck.function_scoped_fixture],
    max_examples=60,
)
@given(
    raw=st.binary(max_size=60)
    .map(lambda raw: raw.replace(b"x", b"\n"))
    .filter(lambda raw: compression_of(raw) is None)
)
def test_places_are_those_of_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes
) -> None:
    """However the bytes are cut into pieces, lines begin where a whole block says they do."""
    log = tmp_path / "error.log"
    log.write_bytes(raw)
    monkeypatch.setattr(locating, "_AT_ONCE", 7)
    with open_sources([str(log)]) as sources:
        data = LogBytes(sources[0])
        found = [place for places in line_places(data) for place in places.tolist()]
        data.close()
    assert found == Block.of(raw).starts.tolist()


def _located(*files: Path) -> Builder:
    """A builder that knows where lines stand and no more."""
    with open_sources([str(file) for file in files]) as sources:
        builder = Builder(sources)
        builder._locate()
        return builder


def test_located_lines_stand_where_read_lines_stand(tmp_path: Path) -> None:
    """Places and line numbers do not change when the lines are read."""
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_bytes(DJANGO.read_bytes() * (HEAD // DJANGO.stat().st_size + 2))
    second.write_bytes(DJANGO.read_bytes()[:-1])
    with open_sources([str(first), str(second)]) as sources:
        builder = Builder(sources)
        builder._locate()
        located = builder.index.place.between(0, len(builder.index))
        lines = [builder.index.line_of(row) for row in range(0, len(located), 50)]
        assert builder.index.known < len(located)
        builder._build()
        assert np.array_equal(builder.index.place.between(0, len(builder.index)), located)
        assert [builder.index.line_of(row) for row in range(0, len(located), 50)] == lines
        assert builder.index.known == len(located)
        builder.stop()


def test_a_log_written_anew_meanwhile_is_not_taken_for_the_old(tmp_path: Path) -> None:
    """What was located before it changed is forgotten, and it is told; F5 reads what is there."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes() * 200)
    with open_sources([str(log)]) as sources:
        builder = Builder(sources)
        builder._locate()
        log.write_bytes(b"another line\n" + DJANGO.read_bytes())
        builder._build()
        assert len(builder.index) == 0
        builder.stop()
        (fault,) = sources[0].faults
    assert "cut short while being read" in str(fault)


def test_very_long_first_line_is_one_line(tmp_path: Path) -> None:
    """A line longer than the head is located once."""
    log = tmp_path / "error.log"
    log.write_bytes(b"x" * (HEAD + 10) + b"\nsecond\n")
    builder = _located(log)
    assert builder.index.place.between(0, len(builder.index)).tolist() == [0, HEAD + 11]
    builder.stop()


def test_a_compressed_log_is_not_located(tmp_path: Path) -> None:
    """What can only be read from front to back is known when it is read."""
    import gzip

    log = tmp_path / "error.log.gz"
    log.write_bytes(gzip.compress(DJANGO.read_bytes() * 200))
    builder = _located(log)
    assert len(builder.index) == builder.index.known
    builder.stop()
