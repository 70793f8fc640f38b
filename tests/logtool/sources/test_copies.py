"""Members of a rotated set that hold nothing of their own are read once."""

from __future__ import annotations

import bz2
import gzip
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.sources.copies import _TELLING, Heads, _compared, equals
from logtool.sources.opening import open_sources
from logtool.sources.source import Source

_LINE = b"[Mon Nov 23 20:58:23.%06d 2026] [core:notice] [pid 7] AH00094: one of %s\n"


def lines(name: bytes, count: int = 100) -> bytes:
    """A log whose stamps are told apart from those of a log of another name."""
    return b"".join(_LINE % (number, name) for number in range(count))


A, B = lines(b"A"), lines(b"B")
SHORT, FEW = lines(b"S", 2), lines(b"F", 3)
#: What a start writes without a time, week after week.
UNTIMED = b"AH00558: apache2: Could not determine the server's name\n" * 9


def read(folder: Path, files: Mapping[str, bytes]) -> tuple[bytes, list[str]]:
    """What is read of a directory of these files, and what is told."""
    for name, data in files.items():
        (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    told: list[str] = []
    with open_sources([str(folder)], tell=told.append) as sources:
        text = b"".join(piece for source in sources for piece in source.pieces(1000))
    return text, [note.replace(f"{folder}/", "") for note in told]


@pytest.mark.parametrize(
    ("files", "text", "left_out"),
    [
        # gzip has not yet removed what it compressed, or has not come to its end
        ({"error.log": B, "error.log.1": A, "error.log.1.gz": A}, A + B, ["error.log.1.gz"]),
        ({"error.log": B, "error.log.1": A, "error.log.1.gz": A[:5000]}, A + B, ["error.log.1.gz"]),
        # a short log is a copy only where the names say so too
        ({"error.log.1": SHORT, "error.log.1.gz": SHORT, "error.log": B}, SHORT + B,
         ["error.log.1.gz"]),
        ({"error.log.2": SHORT, "error.log.1": SHORT, "error.log": B}, SHORT + SHORT + B, []),
        # of three times that are the same none is chance; of none all may be
        ({"error.log.2": FEW, "error.log.1": FEW, "error.log": B}, FEW + B, ["error.log.2"]),
        ({"error.log.1": UNTIMED, "error.log": UNTIMED}, UNTIMED * 2, []),
        # a backup, another one, and a part of it
        ({"error.log.9": A, "error.log.3": A, "error.log.8": A[:5000], "error.log": B}, A + B,
         ["error.log.8", "error.log.9"]),
        # copytruncate between copying and cutting: the log that is written is the one to read
        ({"error.log.1": A, "error.log": A + SHORT}, A + SHORT, ["error.log.1"]),
        ({"error.log.1": A, "error.log": A}, A, ["error.log.1"]),
        ({"error.log.1": A + SHORT, "error.log": A}, A + SHORT + A, []),
        # alike at first, then not; and nothing at all
        ({"error.log.1": A + B, "error.log": A + SHORT}, A + B + A + SHORT, []),
        ({"error.log.2": b"", "error.log.1": b"", "error.log": A}, A, []),
        # other logs in the same directory are nobody's copies, also if they begin alike
        ({"a-error.log": A, "b-error.log": A + SHORT}, A + A + SHORT, []),
        ({"a-error.log": SHORT, "b-error.log": SHORT}, SHORT + SHORT, []),
        ({"a-error.log": FEW, "b-error.log": FEW}, FEW + FEW, ["b-error.log"]),
    ],
)  # fmt: skip
def test_copies(
    tmp_path: Path, files: Mapping[str, bytes], text: bytes, left_out: list[str]
) -> None:
    """No line is read twice, none is lost, and what is left out is told."""
    got, told = read(tmp_path, files)
    assert got == text
    assert sorted(note.partition(":")[0] for note in told) == left_out


def test_equal_logs(tmp_path: Path) -> None:
    """Files under names of other logs are read, though they are equal, and that is told."""
    logs = {"a-error.log": A, "b-error.log": A, "error.log.2": B, "error.log.2.bak": B}
    got, told = read(tmp_path, logs)
    assert got == A + A + B + B
    both = "both are read, so leave one out unless both count"
    assert told == [
        f"b-error.log: holds the same lines as a-error.log; {both}",
        f"error.log.2.bak: holds the same lines as error.log.2; {both}",
    ]


def test_equal_logs_that_are_compressed(tmp_path: Path) -> None:
    """By what they hold, however it is stored; one that is broken or ends sooner is not equal."""
    packed, again = gzip.compress(A, mtime=1), gzip.compress(A, 1, mtime=2)
    logs = {
        "a.log": A, "b.gz": packed, "c.log": bz2.compress(A), "d.gz": packed, "e.gz": again,
        "f.gz": again[:-40], "g.gz": gzip.compress(A + SHORT), "h.log": B,
    }  # fmt: skip
    for name, data in logs.items():
        (tmp_path / name).write_bytes(data)
    told: list[str] = []
    with open_sources([str(tmp_path / "*")], tell=told.append) as sources:
        assert len(sources) == len(logs)
    assert [note.replace(f"{tmp_path}/", "").partition(";")[0] for note in told] == [
        f"{name}: holds the same lines as a.log" for name in ("b.gz", "c.log", "d.gz", "e.gz")
    ]


def test_beginnings_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is undone to find copies in a set need not be undone again to find equal logs."""
    for name in ("a.log.1.gz", "a.log.2.gz", "b.log.1.gz", "b.log.2.gz"):
        (tmp_path / name).write_bytes(gzip.compress(name.encode() * 9000))
    pieces, begun = Source.pieces, Counter[str]()

    def noted(self: Source, size: int) -> Iterator[bytes]:
        begun[Path(self.path).name] += size == _TELLING
        return pieces(self, size)

    monkeypatch.setattr(Source, "pieces", noted)
    with open_sources([str(tmp_path / "*")]) as sources:
        assert begun == {Path(source.path).name: 1 for source in sources}


def test_what_is_open_is_compared(tmp_path: Path) -> None:
    """Logs that were renamed since they were opened are equal by what is read of them."""
    paths = [tmp_path / name for name in ("a.log", "b.log", "c.log")]
    for path, data in zip(paths, (A, A, A[:-2] + b"x\n"), strict=True):
        path.write_bytes(data)
    with ExitStack() as opened:
        sources = [
            opened.enter_context(closing(Source(str(path), sequence=number)))
            for number, path in enumerate(paths)
        ]
        paths[1].rename(tmp_path / "b.log.1")
        paths[1].write_bytes(B)
        assert [*equals(sources, Heads())] == [(1, 0)]


@given(
    one=st.binary(max_size=9), other=st.binary(max_size=9), size=st.integers(1, 4), more=st.binary()
)
def test_comparing(one: bytes, other: bytes, size: int, more: bytes) -> None:
    """One of two that is whole in the other ends first, however they come in pieces."""
    for theirs in (other, one + more):
        pieces = (
            [text[at : at + size] for at in range(0, len(text), size)] for text in (one, theirs)
        )
        found = _compared(*map(iter, pieces))
        common = min(len(one), len(theirs))
        assert (found is None) == (one[:common] != theirs[:common])
        if found is not None:
            assert found[0] == common
            assert np.sign(found[1]) == np.sign(len(one) - len(theirs))
