"""Processes that begin to write while a log is followed, and listings that are open meanwhile."""

from __future__ import annotations

import gc
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from logtool.clocks.seen.roles import Sample
from logtool.clocks.table import Clock
from logtool.tui import RELOAD
from logtool.tui.model.found import analysis
from logtool.tui.model.reading.builder import Builder
from logtool.tui.model.reading.newcomers import Newcomers
from logtool.tui.screens.listing import ListingScreen
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import likely_layouts
from tests.logtool.tui.pilots import DJANGO, Flight, fly
from tests.logtool.tui.test_follow import line, until_shown

_HOUR = timedelta(hours=1)
_STARTS = "mod_wsgi (pid={}): Starting process 'kiosk' with uid=33, gid=33 and threads=5."


def _write(log: Path, *lines: bytes) -> None:
    with log.open("ab", 0) as out:
        out.write(b"".join(lines))


def test_a_new_daemon_has_its_name(tmp_path: Path) -> None:
    """Once it is known, also on the lines that it wrote before; a pid may be another's by then."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        _write(log, line(4242, _HOUR, "before that"))
        await until_shown(flight, "before that")
        assert re.search(r" 4242 +before that", flight.dump())
        _write(log, line(4242, _HOUR, _STARTS.format(4242)), line(4242, timedelta(), "in UTC"))
        await until_shown(flight, "in UTC")
        for text in ("in UTC", "before that"):
            assert re.search(rf" kiosk +{text}", flight.dump()), flight.dump()
        await flight.type("&")
        await flight.type("process=kiosk")
        await flight.press("enter")
        assert "before that" in flight.dump()
        assert "report started" not in flight.dump()
        await flight.type("&")
        await flight.press("ctrl+u", "enter")
        _write(log, line(12558, _HOUR, _STARTS.format(12558)), line(12558, _HOUR, "reborn"))
        await until_shown(flight, "reborn")
        assert re.search(r" kiosk +reborn", flight.dump())
        assert re.search(r" shop +\S", flight.dump())

    fly([log], steps)


def test_lines_come_though_nobody_knows_who_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in finding that out is told, and what comes is shown, then and later."""

    def fail(*_: object) -> None:
        raise ValueError("nine")

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        _write(log, line(4242, _HOUR, "the first"))
        await until_shown(flight, "the first")
        assert "who writes is not known" in flight.session.builder.fault
        _write(log, line(4242, _HOUR, "the second"))
        await until_shown(flight, "the second")

    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())
    monkeypatch.setattr(Newcomers, "take", fail)
    fly([log], steps)


def test_names_across_a_rotation(tmp_path: Path) -> None:
    """A daemon that was new in one file keeps its name in the next one."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        _write(log, line(4242, _HOUR, _STARTS.format(4242)))
        await until_shown(flight, "Starting process")
        log.rename(tmp_path / "error.log.1")
        _write(log, line(4242, _HOUR, "in the new file"))
        await until_shown(flight, "in the new file")
        assert re.search(r" kiosk +in the new file", flight.dump()), flight.dump()

    fly([log], steps)


def test_clocks_go_on(tmp_path: Path) -> None:
    """The clocks count lines as they come, tell of new ones, and the cursor stays on its entry."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F", "C")
        screen = flight.app.screen
        assert isinstance(screen, ListingScreen)
        await flight.press("j")
        before = {entry.filter: entry.cells for entry in screen._listing.entries}
        chosen = screen._entry()
        assert chosen is not None
        table = flight.session.builder.table
        assert table is not None
        known = next(clock for clock in table.clocks if clock.pid == 12560)
        offset = timedelta(seconds=known.offset_s)
        _write(log, line(12560, offset, "known"), *[line(4242, _HOUR, "new")] * 300)
        await flight.until(lambda: len(screen._listing.entries) > len(before))
        after = [entry.cells for entry in screen._listing.entries]
        assert [cells[1:5] for cells in after if cells not in before.values()] == [
            ("process", "1", "300", "likely"), ("child", "2", "50", "assumed"),
        ]  # fmt: skip
        now = screen._entry()
        assert now is not None
        assert now.filter == chosen.filter
        assert screen.table.cursor_row == 2
        assert re.search(r"^Clocks   ", flight.dump())
        _write(log, line(4242, _HOUR, _STARTS.format(4242)))
        await until_shown(flight, "daemon kiosk")
        await flight.press("g")
        await until_shown(flight, "read off this machine's clock as the lines came")
        await flight.press("enter")
        assert re.search(r" kiosk +new", flight.dump()), flight.dump()

    fly([log], steps, (120, 24))


_RAISED = ("Traceback (most recent call last):", '  File "/srv/a.py", line 7, in view', "Odd: 9")


@pytest.mark.parametrize("rotated", [False, True])
def test_problems_go_on(tmp_path: Path, *, rotated: bool) -> None:
    """Problems and exceptions of new lines are listed, marked and folded once somebody looks."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("F", "X")
        screen = flight.app.screen
        assert isinstance(screen, ListingScreen)
        before = [entry.filter for entry in screen._listing.entries]
        if rotated:
            log.rename(tmp_path / "error.log.1")
        _write(log, *(line(4242, _HOUR, text) for text in _RAISED))
        _write(log, line(5, _HOUR, "AH00052: child pid 4242 exit signal Aborted (6)"))
        await until_shown(flight, " Odd ")
        assert re.search(r"^Exceptions   ", flight.dump())
        now = [entry.filter for entry in screen._listing.entries]
        assert now[: len(before)] == before
        await flight.press("G", "enter")
        assert re.search(r" ▸3 Odd: 9 ", flight.dump()), flight.dump()
        await flight.press("P")
        await until_shown(flight, "A daemon process or an Apache child crashed")
        await flight.press("g", "enter")
        view = flight.session.view
        assert view.line_at(flight.place).raw.endswith(b"exit signal Aborted (6)")
        await flight.type("&")
        await flight.type("rule=daemon-crashed")
        await flight.press("enter")
        assert len(flight.session.view) == 1

    fly([log], steps, (120, 24))


def test_listings_tell_what_they_do_not_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where lines came since, too many to look at again, listings tell when; F5 reads anew."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        await flight.press("P")
        assert "Known problems   " in flight.dump()
        await flight.press("q", "F", "R")
        await until_shown(flight, "Requests   ")
        with log.open("ab") as out:
            out.write(line(4242, timedelta(hours=1), "first new"))
        await until_shown(flight, "Requests as of ")
        for key, title in (("P", "Known problems"), ("X", "Exceptions"), ("R", "Requests")):
            monkeypatch.setattr(analysis, "ANALYSED_AT_ONCE", 9)
            await flight.press(key)
            await until_shown(flight, f"{title} as of ")
            told = rf"{title} as of \d\d:\d\d:\d\dZ; F5 reads again "
            assert re.search(told, flight.dump())
        await flight.press("f5")
        assert flight.app.return_value == RELOAD

    fly([log], steps)


def test_what_is_held_of_processes() -> None:
    """Of those that said enough to be known no line is held, however many come in weeks."""
    newcomers, first, held = Newcomers([]), 1, []
    for pid in range(100, 130):
        texts = [_STARTS.format(pid), *(f"text {number}" for number in range(60))]
        block = Block.of(b"".join(line(pid, _HOUR, text) for text in texts), first_line=first)
        decoder = Decoder(tuple(likely_layouts([block])))
        stamps = decoder.stamps(block)
        newcomers.take(0, block, stamps, np.full(len(block), 3600), decoder)
        first += len(block)
        held.append(sum(isinstance(one, Sample) for one in gc.get_objects()))

    assert len(newcomers.processes) == 30
    assert all(one.group == "kiosk" for one in newcomers.processes.values())
    assert held[-1] == held[0]


def test_clocks_are_told_as_following_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one log while another thread comes to the next one."""
    builder, clocks = Builder([]), Newcomers.clocks

    def told(newcomers: Newcomers) -> list[Clock]:
        builder.follow("another", Newcomers([]))
        return clocks(newcomers)

    monkeypatch.setattr(Newcomers, "clocks", told)
    builder.follow("one", Newcomers([]))
    assert builder.clocks_now() == []
    assert [*builder.named] == ["one", "another"]
