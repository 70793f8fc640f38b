"""Members that rotation dropped before a run are told, and ordinary nights are none of that."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.logtool.following.cursor_runs import append, copy, new


def _rotate(log: Path, keep: int, kind: str) -> None:
    """Rotate as logrotate does, by `copytruncate` or by renaming, and perhaps compress at once."""
    for number in range(keep, 0, -1):
        for path in log.parent.glob(f"{log.name}.{number}*"):
            if number == keep:
                path.unlink()
            else:
                path.rename(str(path).replace(f".{number}", f".{number + 1}"))
    if "copy" in kind:
        copy(log)
    else:
        log.rename(log.with_name("error.log.1"))
        log.touch()
    if "packed" in kind:
        _pack(log.with_name("error.log.1"))


def _pack(path: Path) -> None:
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    shutil.copystat(path, packed)
    path.unlink()


def _numbers(folder: Path) -> set[int]:
    """Of the lines that are there."""
    texts = [
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in folder.glob("error.log*")
    ]
    return {int(line.rpartition(b"m")[2]) for line in b"".join(texts).splitlines()}


@settings(max_examples=10)
@given(
    kind=st.sampled_from(["copy", "copy, packed", "renamed", "renamed, packed"]),
    keep=st.integers(1, 4),
    history=st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=7), min_size=1, max_size=4),
)
@example(kind="copy", keep=2, history=[[1, 0], [1, 1, 1, 0]])
@example(kind="renamed, packed", keep=1, history=[[1, 0], [1, 0], [1, 0]])
def test_what_is_dropped(kind: str, keep: int, history: list[list[int]]) -> None:
    """A run ends with 3 if rotation dropped lines since the one before, and no line comes twice.

    With 0 if it did not, and fewer rotations came than members are kept, or a single one. Where no
    member but the log held lines at the run before, or only one is kept, nothing may tell the one
    from the other.
    """
    with tempfile.TemporaryDirectory() as name:
        log, written, came, gone, held = Path(name) / "error.log", 0, list[int](), set[int](), False
        log.touch()
        assert new(Path(name)) == []
        for sizes in history:
            rotations = 0
            for at, size in enumerate(sizes):
                if at and log.stat().st_size:
                    _rotate(log, keep, kind)
                    rotations += 1
                append(log, written, written + size)
                written += size
            lost = {*range(written)} - _numbers(Path(name)) - {*came} - gone
            is_sure = keep > 1 and held
            is_ordinary = not lost and (rotations < 2 or (held and rotations < keep))
            came += new(Path(name), status=3 if lost and is_sure else 0 if is_ordinary else None)
            gone |= lost
            held = any(path.stat().st_size for path in Path(name).glob("error.log.*"))
        assert sorted(came) == sorted({*range(written)} - gone)
