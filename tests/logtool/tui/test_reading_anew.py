"""F5 reads again what is shown, whatever names rotation gave it meanwhile."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from logtool.tui import RELOAD
from logtool.tui.model.told.listings import as_of
from tests.logtool.tui.pilots import DJANGO, Flight, fly
from tests.logtool.tui.test_follow import line, until_shown


def _raws(flight: Flight) -> list[bytes]:
    reader = flight.session.view.reader
    return [reader.raw(row) for row in range(len(reader.index))]


def _rotate(log: Path, number: int) -> None:
    """Rename a log and its rotated files; the new one has one line, and more than chance alike."""
    for old in range(number, 0, -1):
        log.with_name(f"{log.name}.{old}").rename(log.with_name(f"{log.name}.{old + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))
    log.write_bytes(line(number, timedelta(), f"file {number}"))


async def _rotate_twice(flight: Flight, log: Path) -> None:
    await flight.press("F")
    for number in range(2):
        _rotate(log, number)
        await until_shown(flight, f"file {number}")
    assert flight.session.view.total == 162


@pytest.mark.parametrize("compressed", [False, True])
def test_rotated_while_followed(tmp_path: Path, *, compressed: bool) -> None:
    """Rotated files are read under their new names, oldest first, also if compressed since."""
    log, state = tmp_path / "error.log", tmp_path / "state.json"
    log.write_bytes(DJANGO.read_bytes())
    (tmp_path / "error.log.9").write_bytes(line(9, timedelta(), "not shown"))
    shown: list[bytes] = []
    moved: list[str] = []

    async def rotate(flight: Flight) -> None:
        await _rotate_twice(flight, log)
        if compressed:
            old = tmp_path / "error.log.2"
            (tmp_path / "error.log.2.gz").write_bytes(gzip.compress(old.read_bytes()))
            old.unlink()
        shown.extend(_raws(flight))
        await flight.press("g", "4", "0", "G", "m", "f5")
        assert flight.app.return_value == RELOAD

    def reopen(files: Sequence[str], gone: str) -> None:
        assert not gone
        moved.extend(files)

    async def look(flight: Flight) -> None:
        assert _raws(flight) == shown
        assert flight.place == 39
        assert flight.session.view.marks == {flight.session.view.row_at(39)}

    fly([log], rotate, state=state, reopen=reopen)
    oldest = "error.log.2.gz" if compressed else "error.log.2"
    assert moved == [str(tmp_path / oldest), str(tmp_path / "error.log.1")]
    fly([log, *map(Path, moved)], look, state=state)


def test_rotated_away(tmp_path: Path) -> None:
    """Where a rotated file is in no place any more, the others are read, and it is told."""
    log, asked = tmp_path / "error.log", list[object]()
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await _rotate_twice(flight, log)
        (tmp_path / "error.log.2").unlink()
        await flight.press("f5")
        assert flight.app.return_value == RELOAD

    def reopen(files: Sequence[str], gone: str) -> None:
        asked.extend((files, gone))

    async def look(flight: Flight) -> None:
        await flight.until(lambda: flight.session.view.clocks.table is not None)
        assert flight.session.view.total == 2
        assert "160 lines are gone with their files" in flight.dump()

    fly([log], steps, (100, 24), reopen=reopen)
    assert asked == [[str(tmp_path / "error.log.1")], "160 lines are gone with their files"]
    fly([tmp_path / "error.log.1", log], look, (100, 24), gone=str(asked[1]))


def test_replaced(tmp_path: Path) -> None:
    """A log in whose place an editor put another is read by its name."""
    log, moved = tmp_path / "error.log", ["?"]
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        (tmp_path / "new").write_bytes(DJANGO.read_bytes()[500:])
        (tmp_path / "new").rename(log)
        await flight.press("f5")
        assert flight.app.return_value == RELOAD

    def reopen(files: Sequence[str], gone: str) -> None:
        assert not gone
        moved[:] = files

    fly([log], steps, reopen=reopen)
    assert moved == []


def test_listing_that_renews_itself(tmp_path: Path) -> None:
    """A listing that soon tells of what came since says so; F5 is not needed."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        found = flight.session.analyse()
        assert found is not None
        with log.open("ab") as out:
            out.write(line(4242, timedelta(hours=1), "first new"))
        await until_shown(flight, "first new")
        told = as_of(flight.session.builder, found)
        assert told.endswith("Z; renews itself")

    fly([log], steps)
