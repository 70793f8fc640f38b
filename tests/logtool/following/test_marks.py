"""A cursor knows the other members of a rotated set, and what came to them since."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logtool.following import marks
from logtool.following.marks import ENDLESS, Mark, Passed, is_in
from logtool.sources.identity import identity_of
from tests.logtool.following.cursor_runs import (
    LINE,
    append,
    compress,
    copy,
    killed,
    new,
    rename,
    words,
)


def test_old_child_that_goes_on(log: Path, tmp_path: Path) -> None:
    """What is written to a renamed log after runs have gone on to the new one comes once."""
    new(tmp_path)
    log.rename(tmp_path / "error.log.1")
    append(log, 3, 4)
    came = [new(tmp_path)]
    append(tmp_path / "error.log.1", 4, 6)
    append(log, 6, 7)
    came += [new(tmp_path), new(tmp_path)]
    (tmp_path / "error.log.1").rename(tmp_path / "error.log.2")
    log.rename(tmp_path / "error.log.1")
    append(tmp_path / "error.log.2", 7, 8)
    append(tmp_path / "error.log.1", 8, 9)
    append(log, 9, 10)
    came += [new(tmp_path), new(tmp_path)]

    assert came == [[3], [4, 5, 6], [], [7, 8, 9], []]


def test_old_child_of_a_set(log: Path, tmp_path: Path) -> None:
    """The same where the whole set was asked for; also what is compressed later is no news."""
    append(tmp_path / "error.log.1", 3, 5)
    first = new(tmp_path, "error.log*")
    append(tmp_path / "error.log.1", 5, 6)
    second = new(tmp_path, "error.log*")
    compress_it = tmp_path / "error.log.2.gz"
    compress_it.write_bytes(gzip.compress((tmp_path / "error.log.1").read_bytes()))
    (tmp_path / "error.log.1").unlink()

    assert [first, second, new(tmp_path, "error.log*")] == [[3, 4, 0, 1, 2], [5], []]


def _compress(member: Path, name: str) -> None:
    """Put a member's copy, compressed, under another name; the member is gone then."""
    member.with_name(name).write_bytes(gzip.compress(member.read_bytes()))
    member.unlink()


def test_old_child_before_it_is_compressed(log: Path, tmp_path: Path) -> None:
    """What is written to a renamed log after a run, and is compressed before the next, comes once.

    The inode that is free then may be another's.
    """
    new(tmp_path)
    rename(log)
    append(log, 3, 4)
    came = [new(tmp_path)]
    append(tmp_path / "error.log.1", 4, 6)
    _compress(tmp_path / "error.log.1", "error.log.2.gz")
    rename(log)
    append(log, 6, 7)
    came += [new(tmp_path) for _ in range(2)]
    _compress(tmp_path / "error.log.1", "error.log.1.gz")

    assert [*came, new(tmp_path)] == [[3], [4, 5, 6], [], []]


def test_old_child_beside_what_is_gone(log: Path, tmp_path: Path) -> None:
    """Also where the log was empty at the last run, and nothing tells where that file is by now."""
    new(tmp_path)
    rename(log)
    log.touch()
    new(tmp_path)
    old = tmp_path / "error.log.1"
    append(old, 3, 5)
    os.utime(old, (1, 1))  # of before the last run
    _compress(old, "error.log.2.gz")
    os.utime(tmp_path / "error.log.2.gz", (1, 1))
    log.rename(tmp_path / "elsewhere")  # else the next file may get its inode
    append(log, 5, 6)

    assert sorted(new(tmp_path, status=3)) == [3, 4, 5]
    assert new(tmp_path) == []


def test_killed_as_a_member_is_compressed(log: Path, tmp_path: Path) -> None:
    """What a killed run should have read of a member is read in what that was compressed to."""
    new(tmp_path)
    rename(log)
    append(log, 3, 4)
    new(tmp_path)
    append(tmp_path / "error.log.1", 4, 6)
    (tmp_path / "error.log.1.gz").write_bytes(
        gzip.compress((tmp_path / "error.log.1").read_bytes())
    )
    killed(words(tmp_path), "tell_found")
    (tmp_path / "error.log.1").unlink()

    assert [new(tmp_path), new(tmp_path)] == [[4, 5], []]


@given(
    size=st.integers(1, 3), read=st.integers(0, 3), is_packed=st.booleans(),
    beside=st.sampled_from(["", "original", "inode"]),
)  # fmt: skip
def test_a_copy_of_what_was_read_in_part(
    size: int, read: int, is_packed: bool, beside: str
) -> None:
    """It is read on where the original is gone, also where another has its inode; then no more."""
    with TemporaryDirectory() as name:
        original, copied = Path(name) / "error.log.1", Path(name) / "error.log.2"
        append(original, 0, size)
        text = original.read_bytes()
        place = len(text) * min(read, size) // size
        mark = Mark.at(identity_of(original.stat()), text, place)
        copied.write_bytes(gzip.compress(text) if is_packed else text)
        if beside == "inode":
            original.write_text("another's\n")
        elif not beside:
            original.unlink()
        passed = Passed([mark])
        grown = passed.look([str(one) for one in Path(name).iterdir()]).grown
        went_on = {Path(path): one.place for path, one in grown.items()}

        where = original if beside == "original" else copied
        assert went_on == ({where: place} if place < len(text) else {})
        passed.read_to(identity_of(where.stat()), len(text) if where == original else ENDLESS)
        again = Passed(passed.marks_but({})).look([str(copied)])
        assert not again.grown
        assert [*again.done] == [str(copied)]


@pytest.mark.parametrize(("generation", "is_it"), [(7, True), (0, True), (6, False)])
def test_an_inode_that_another_file_got(
    generation: int, is_it: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was empty is known again by its inode, unless that is known as another's."""
    monkeypatch.setattr(marks, "generation_of", lambda fd: 7)
    path = tmp_path / "error.log"
    path.write_text("a line\n")
    mark = Mark.at(identity_of(path.stat()), b"", 0, generation)
    look = Passed([mark]).look([str(path)])

    assert is_in(mark, str(path)) == is_it
    assert ([*look.grown], [*look.strange]) == (([str(path)], []) if is_it else ([], [str(path)]))


def test_an_inode_that_another_file_got_while_one_was_followed(log: Path, tmp_path: Path) -> None:
    """How far the one before it was read is still known, for what was written to that later."""
    text = log.read_bytes()
    packed = tmp_path / "error.log.1.gz"
    packed.write_bytes(gzip.compress(text + LINE.format(9, 9).encode()))
    inode = 1, 2
    passed = Passed([Mark.at(inode, text, len(text))])
    passed.put(Mark.at(inode, b"another log\n", 12))
    found = Passed(passed.marks_but({})).look([str(packed)])

    assert [mark.place for mark in found.grown.values()] == [len(text)]


@pytest.mark.parametrize("packed_so_far", [3, 5])
def test_a_line_that_comes_while_its_file_is_compressed(
    packed_so_far: int, log: Path, tmp_path: Path
) -> None:
    """An old child writes to a renamed log of which a part is compressed; then that is gone."""
    new(tmp_path)
    plain, packed = tmp_path / "error.log.1", tmp_path / "error.log.1.gz"
    append(log, 3, 5)
    log.rename(plain)
    log.touch()
    lines = plain.read_bytes().splitlines(keepends=True)
    packed.write_bytes(gzip.compress(b"".join(lines[:packed_so_far])))
    came = [new(tmp_path)]
    append(plain, 5, 6)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()

    came += [new(tmp_path), new(tmp_path)]

    assert came == [[3, 4], [5], []]


def test_empty_log_that_was_copied(log: Path, tmp_path: Path) -> None:
    """Of a log that was empty at the last run, a copy that was made since is read, once."""
    copy(log)
    before = new(tmp_path)
    append(log, 3, 5)
    (tmp_path / "error.log.1").rename(tmp_path / "error.log.2")
    copy(log)
    append(log, 5, 6)

    assert [before, new(tmp_path), new(tmp_path)] == [[], [3, 4, 5], []]


def test_empty_log_beside_others(log: Path, tmp_path: Path) -> None:
    """What was there before, and what it is compressed to, is no copy of an empty log."""
    copy(log)
    new(tmp_path)
    compress(tmp_path / "error.log.1")
    append(log, 3, 4)

    assert new(tmp_path) == [3]


def test_cursor_of_before(log: Path, tmp_path: Path) -> None:
    """A cursor file that tells nothing of other members is one of before, and goes on."""
    new(tmp_path)
    cursor = tmp_path / "cursor"
    said = json.loads(cursor.read_text())
    del said["passed"]
    cursor.write_text(json.dumps(said))
    log.rename(tmp_path / "error.log.1")
    append(tmp_path / "error.log.1", 3, 4)
    append(log, 4, 5)

    assert [new(tmp_path), new(tmp_path)] == [[3, 4], []]


@given(
    st.lists(
        st.sampled_from(["log", "log", "old", "oldest", "rename", "copy", "run", "run"]),
        max_size=14,
    )
)
@settings(max_examples=40)
@example(["rename", "rename", "log", "old", "oldest", "rename"])
def test_any_history(history: list[str]) -> None:
    """Whatever is written where, and however it is rotated, each line comes once, in some run.

    No run tells that lines may be missing, unless the times of members are against their numbers,
    as those of a circle: then that of the youngest by its time may be what rotation drops.
    """
    with TemporaryDirectory() as name:
        folder, count = Path(name), 0
        log = folder / "error.log"
        places = {"log": log, "old": folder / "error.log.1", "oldest": folder / "error.log.2"}
        log.touch()
        new(folder)
        came: list[int] = []
        status: int | None = 0
        for step in history:
            if step in places and places[step].exists():
                append(places[step], count, count + 1)
                count += 1
                if _are_against_numbers(places.values()):
                    status = None
            elif step in ("rename", "copy"):
                if places["oldest"].exists():
                    came += new(folder, status=status)  # before it is dropped
                if places["old"].exists():
                    places["old"].rename(places["oldest"])
                (rename if step == "rename" else copy)(log)
                log.touch()
            elif step == "run":
                came += new(folder, status=status)

        assert sorted(came + new(folder, status=status)) == [*range(count)]
        assert new(folder, status=status) == []


def _are_against_numbers(younger_first: Iterable[Path]) -> bool:
    """Whether a member begins with a later line than one whose number is lower."""
    begun = [path.read_text() for path in younger_first if path.exists()]
    first = [int(text.partition("\n")[0].rpartition("m")[2]) for text in begun if text]
    return first != sorted(first, reverse=True)
