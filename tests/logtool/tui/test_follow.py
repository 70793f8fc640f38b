"""Following a log that grows, is rotated, or is cut short."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from logtool.tui import RELOAD
from logtool.tui.widgets.detail_pane import DetailPane
from tests.logtool.tui.pilots import DJANGO, Flight, fly

_PATIENCE = 300.0


def line(pid: int, offset: timedelta, text: str) -> bytes:
    """A line that a process writes now by its clock."""
    local = datetime.now(UTC) + offset
    stamp = f"{local:%a %b %d %H:%M:%S.%f %Y}"
    return f"[{stamp}] [wsgi:error] [pid {pid}:tid 1] {text}\n".encode()


async def until_shown(flight: Flight, text: str) -> None:
    """Wait for a text on the screen."""
    end = time.monotonic() + _PATIENCE
    while text not in flight.dump():
        assert time.monotonic() < end, flight.dump()
        await flight.settle()


def test_new_lines_come_into_sight(tmp_path: Path) -> None:
    """F follows; moving up pauses; a filter and a search take new lines in."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        with log.open("ab") as out:
            out.write(line(4242, timedelta(hours=1), "first new"))
        await until_shown(flight, "first new")
        assert flight.place == len(flight.session.view) - 1
        assert flight.session.view.offset_of(flight.session.view.total - 1) == 3600
        assert "following" in flight.dump()
        await flight.press("k")
        assert "following" not in flight.dump()
        await flight.type("&")
        await flight.type("new")
        await flight.press("enter", "F")
        with log.open("ab") as out:
            out.write(line(4242, timedelta(hours=1), "hidden"))
            out.write(line(4343, timedelta(hours=9), "second new"))
        await until_shown(flight, "second new")
        assert "hidden" not in flight.dump()
        assert "4 clocks" in flight.dump()
        assert re.search("▌ error +4343 +second new", flight.dump())

    fly([log], steps)


def test_who_follows_from_the_start_is_at_the_end() -> None:
    """`-f` begins with the last lines in sight, as `tail -f` does."""

    async def steps(flight: Flight) -> None:
        await flight.until(lambda: flight.session.view.clocks.table is not None)
        await flight.until(lambda: flight.session.view.folds is not None)
        await flight.settle()
        assert flight.place == len(flight.session.view) - 1
        assert flight.session.view.following

    fly([DJANGO], steps, follow=True)


def test_detail_stays_where_it_is_read(tmp_path: Path) -> None:
    """Lines that come do not take whoever reads a detail back to its top; another line does."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F", "k", "enter", "tab", "end")
        pane = flight.app.screen.query_one(DetailPane)
        await flight.until(lambda: pane.scroll_y > 0)
        read, count = pane.scroll_y, flight.session.view.total
        with log.open("ab") as out:
            out.write(line(4242, timedelta(hours=1), "new"))
        await flight.until(lambda: flight.session.view.total > count)
        await flight.settle()
        assert pane.scroll_y == read
        await flight.press("tab", "k")
        assert pane.scroll_y == 0

    fly([log], steps)


def test_rotation(tmp_path: Path) -> None:
    """The file is renamed and another takes its name: nothing is lost."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        with log.open("ab") as out:
            log.rename(tmp_path / "error.log.1")
            log.write_bytes(line(1, timedelta(), "in the new file"))
            out.write(line(1, timedelta(), "last of the old one"))
            out.flush()
            await until_shown(flight, "in the new file")
        assert "last of the old one" in flight.dump()

    fly([log], steps)


def test_two_rotations_before(tmp_path: Path) -> None:
    """A file that came and went after the logs were opened and before F is shown, once."""
    log, first, second = (tmp_path / f"error.log{end}" for end in ("", ".1", ".2"))
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.until(lambda: flight.session.view.clocks.table is not None)
        log.rename(second)
        first.write_bytes(line(1, timedelta(), "between them"))
        log.write_bytes(line(1, timedelta(), "in the new file"))
        before = flight.session.view.total
        await flight.press("F")
        await until_shown(flight, "in the new file")
        assert flight.dump().count("between them") == 1
        assert flight.session.view.total == before + 2

    fly([log], steps)


def test_names_after_rotation(tmp_path: Path) -> None:
    """A process that goes on in the new file keeps its name there; its time is that of now."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        log.rename(tmp_path / "error.log.1")
        log.write_bytes(line(12558, timedelta(), "known") + line(1, timedelta(), "unknown"))
        await until_shown(flight, " unknown")
        assert re.search(r" shop +known", flight.dump())
        assert re.search(r" 1 +unknown", flight.dump())
        await flight.press("k", "enter")
        assert "read off this machine's clock" in flight.dump()

    fly([log], steps)


def test_log_that_vanished(tmp_path: Path) -> None:
    """It can be followed: a file that takes its name is read."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        log.unlink()
        await flight.press("F")
        assert "following" in flight.dump()
        log.write_bytes(line(1, timedelta(), "in the new file"))
        await until_shown(flight, "in the new file")

    fly([log], steps)


def test_copytruncate(tmp_path: Path) -> None:
    """Lines of a log that was copied and emptied are read in the copy, also what came last."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        reader = flight.session.view.reader
        before = [reader.raw(row) for row in range(len(reader.index))]
        with (tmp_path / "error.log.1").open("wb") as copy:
            copy.write(log.read_bytes() + line(1, timedelta(), "last before the cut"))
        log.write_bytes(line(1, timedelta(), "after the cut"))
        await until_shown(flight, "after the cut")
        assert "last before the cut" in flight.dump()
        assert [reader.raw(row) for row in range(len(before))] == before
        await flight.press("g")
        assert "AH01882: Init: this version" in flight.dump()

    fly([log], steps)


def test_truncation_to_more(tmp_path: Path) -> None:
    """A log that was emptied and has grown beyond what it was is not read from the middle."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes().splitlines(keepends=True)[0])

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        log.write_bytes(
            line(1, timedelta(), "first after the cut " * 9) + line(1, timedelta(), "b")
        )
        await until_shown(flight, "first after the cut")
        assert len(flight.session.view) == 3

    fly([log], steps)


def test_truncation(tmp_path: Path) -> None:
    """A log that is cut short goes on from its start; old lines say that they are gone."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        log.write_bytes(line(1, timedelta(), "after the cut"))
        await until_shown(flight, "after the cut")
        reader = flight.session.view.reader
        reader.forget()
        assert reader.line(0).raw == b""
        await flight.press("g")
        told = r"58:22\.844 ▌ warn +\S+ +gone: the log was emptied at \d\d:\d\d:\d\dZ"
        assert re.search(told, flight.dump()), flight.dump()
        await flight.press("enter")
        assert "No known layout" not in flight.dump()
        assert "confidence" in flight.dump()
        await flight.press("enter")
        await flight.type(f":write {tmp_path / 'out'}")
        await flight.press("enter")
        assert "gone" in flight.dump().splitlines()[-1]
        assert not (tmp_path / "out").exists()
        assert reader.raw(len(reader.index) - 1).endswith(b"after the cut")

    fly([log], steps)


def test_emptied_while_not_followed(tmp_path: Path) -> None:
    """Lines of a log that was emptied tell that they are gone; F shows what comes after that."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        log.write_bytes(line(1, timedelta(), "after the cut " * 20) * 300)
        await until_shown(flight, "gone: the log was emptied at ")
        assert "after the cut" not in flight.dump()
        await flight.press("G")
        assert "gone: the log was emptied at " in flight.dump()
        assert "160 lines" in flight.dump()
        await flight.press("R")
        await until_shown(flight, "was cut short meanwhile; F5 reads it anew")
        await flight.press("q", "F")
        await until_shown(flight, "after the cut")
        assert "460 lines" in flight.dump()

    fly([log], steps)


def test_copied_and_emptied_while_not_followed(tmp_path: Path) -> None:
    """Its lines are read in the copy, and nobody sees a difference; F goes on in copy and log."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        reader = flight.session.view.reader
        before = [reader.raw(row) for row in range(len(reader.index))]
        with (tmp_path / "error.log.1").open("wb") as copy:
            copy.write(log.read_bytes() + line(1, timedelta(), "last before the cut"))
        log.write_bytes(line(1, timedelta(), "after the cut"))
        await flight.until(lambda: flight.session.view.turned > 0)
        assert [reader.raw(row) for row in range(len(before))] == before
        await flight.press("g")
        assert "AH01882: Init: this version" in flight.dump()
        await flight.press("F")
        await until_shown(flight, "after the cut")
        assert "last before the cut" in flight.dump()
        assert "162 lines" in flight.dump()
        await flight.press("f5")
        assert flight.app.return_value == RELOAD

    fly([log], steps)


def test_pipe_that_stays_open(tmp_path: Path) -> None:
    """What came is shown with its clocks, then each line as it comes; at its end the last piece."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    shown, done = threading.Event(), threading.Event()

    def write() -> None:
        with pipe.open("wb", buffering=0) as out:
            out.write(DJANGO.read_bytes())
            shown.wait(_PATIENCE)
            out.write(line(4242, timedelta(hours=1), "first new")[:-4])
            out.write(b"new\n" + line(4242, timedelta(hours=1), "second new")[:-1])
            done.wait(_PATIENCE)

    async def steps(flight: Flight) -> None:
        count = flight.session.view.total
        assert count == len(DJANGO.read_bytes().splitlines())
        shown.set()
        await flight.until(lambda: flight.session.view.total == count + 1)
        await flight.press("F")
        await until_shown(flight, "first new")
        assert "second" not in flight.dump()
        done.set()
        await until_shown(flight, "second new")
        assert flight.session.view.total == count + 2
        await flight.press("P")
        assert re.search(
            r"Known problems as of \d\d:\d\d:\d\dZ, without what came since", flight.dump()
        )
        await flight.press("f5")
        assert "what came through a pipe cannot be read again" in flight.dump()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        fly([pipe], steps)
    finally:
        shown.set()
        done.set()
        writer.join()


def test_old_file_that_is_written_on(tmp_path: Path) -> None:
    """Children that write to a renamed log when the new one has come are heard."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        with log.open("ab", 0) as out:
            log.rename(tmp_path / "error.log.1")
            log.write_bytes(line(1, timedelta(), "in the new file"))
            await until_shown(flight, "in the new file")
            out.write(line(1, timedelta(), "later in the old one"))
            await until_shown(flight, "later in the old one")

    fly([log], steps)


def test_file_that_came_and_went(tmp_path: Path) -> None:
    """Of two rotations between two looks nothing is lost."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        with log.open("ab") as out:
            out.write(line(1, timedelta(), "first"))
        await until_shown(flight, "first")
        between = tmp_path / "new"
        between.write_bytes(line(1, timedelta(), "between"))
        log.rename(tmp_path / "error.log.2")
        between.rename(tmp_path / "error.log.1")
        log.write_bytes(line(1, timedelta(), "last of all"))
        await until_shown(flight, "last of all")
        assert "between" in flight.dump()

    fly([log], steps)


def test_rotation_before_it_is_followed(tmp_path: Path) -> None:
    """A log that was renamed while it was only shown is followed by its name."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        log.rename(tmp_path / "error.log.1")
        log.write_bytes(line(1, timedelta(), "in the new file"))
        await flight.press("F")
        await until_shown(flight, "in the new file")

    fly([log], steps)


def test_missing_log_is_told(tmp_path: Path) -> None:
    """While a log is gone, or may not be read, that is told; then its lines are shown."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        log.rename(tmp_path / "error.log.1")
        await until_shown(flight, "No such file or directory; waiting for it")
        (tmp_path / "new").write_bytes(line(1, timedelta(), "in the new file"))
        (tmp_path / "new").rename(log)
        await until_shown(flight, "in the new file")
        await flight.until(lambda: "waiting for it" not in flight.dump())

    fly([log], steps, (120, 24))


def test_one_of_two_logs_is_missing(tmp_path: Path) -> None:
    """A log that comes later is shown beside the others."""
    log, other = tmp_path / "error.log", tmp_path / "other.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        other.write_bytes(line(1, timedelta(), "in the other one"))
        await until_shown(flight, "in the other one")

    fly([log, other], steps, all_needed=False)
