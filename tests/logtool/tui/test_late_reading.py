"""Lines that come to a log that is followed, in layouts that it had not shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from logtool.sources.opening import open_sources
from logtool.tui.model.reading import late_reading
from logtool.tui.model.reading.builder import Builder, ShownLog
from logtool.tui.model.reading.late_reading import LateReading
from parsers.blocks import Block
from parsers.lines import NO_LAYOUT
from tests.logtool.tui.pilots import Flight, fly
from tests.logtool.tui.test_follow import until_shown

_LINE = "[core:error] [pid 7:tid 8] [client 10.1.2.3:4567] AH00128: File does not exist: /srv/{}"


def plain(name: str, end: str = "") -> bytes:
    """A line of the built-in layout, written now; the manual's is the same without a referer."""
    stamp = f"{datetime.now(UTC):%a %b %d %H:%M:%S.%f %Y}"
    return f"[{stamp}] {_LINE.format(name)}{end}\n".encode()


def compact(name: str) -> bytes:
    """A line of `%{cu}t`, written now."""
    stamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
    return f"[{stamp}] {_LINE.format(name)}\n".encode()


@contextmanager
def shown(path: Path) -> Iterator[ShownLog]:
    """A log of lines without referers, all read."""
    path.write_bytes(plain("before") * 5)
    with open_sources([str(path)]) as sources:
        builder = Builder(sources)
        builder.start(lambda: None)
        assert builder._thread is not None
        builder._thread.join()
        yield builder.logs[0]
        builder.stop()


def came(*lines: bytes, first_line: int = 6) -> Block:
    """Lines that came after others."""
    return Block.of(b"".join(lines), first_line=first_line, offset=1000)


def test_referers_that_come_later(tmp_path: Path) -> None:
    """A referer is no part of the message; lines that are shown are read so, too."""
    log = tmp_path / "error.log"
    log.write_bytes(plain("before") * 5)

    async def steps(flight: Flight) -> None:
        await flight.until(lambda: flight.session.view.clocks.table is not None)
        with log.open("ab") as out:
            out.write(plain("after", ", referer http://shop.example/cart"))
        await until_shown(flight, "/srv/after")
        assert "/srv/after, referer" not in flight.dump()
        line = flight.session.view.line_at(len(flight.session.view) - 1)
        assert line.fields["referer"] == "http://shop.example/cart"
        assert line.message.endswith("/srv/after")
        assert flight.session.view.line_at(0).message.endswith("/srv/before")

    fly([log], steps, (160, 30), follow=True)


def test_another_layout_that_comes_later(tmp_path: Path) -> None:
    """A server that restarts with another format goes on in its log, and its lines have times."""
    log = tmp_path / "error.log"
    log.write_bytes(plain("before") * 5)

    async def steps(flight: Flight) -> None:
        await flight.until(lambda: flight.session.view.clocks.table is not None)
        with log.open("ab") as out:
            out.write(compact("after"))
        await until_shown(flight, "/srv/after")
        line = flight.session.view.line_at(len(flight.session.view) - 1)
        assert line.read
        assert line.message.startswith("AH00128")
        assert flight.session.view.offset_of(5) == 0

    fly([log], steps, (160, 30), follow=True)


def test_lines_are_read_by_what_is_known_by_then(tmp_path: Path) -> None:
    """A layout that was found stays known, and a decoder that others hold is not changed."""
    with shown(tmp_path / "error.log") as log:
        before = log.decoder
        reading, many = LateReading(log), len(before.layouts)
        assert (reading.stamps(came(plain("x"))).layout != NO_LAYOUT).all()
        assert len(log.decoder.layouts) == many
        assert (reading.stamps(came(compact("x"), plain("y"))).layout != NO_LAYOUT).all()
        assert len(log.decoder.layouts) == many + 1
        assert len(before.layouts) == many
        reading.stamps(came(plain("x", ", referer http://x/")))
        assert "referer" in log.decoder.layouts[0].columns


def test_a_referer_in_a_text_is_not_looked_at_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no layout tells it, the next looks come after ever more blocks."""
    looks: list[int] = []

    def nothing(blocks: list[Block]) -> list[object]:
        looks.append(len(blocks[0]))
        return []

    with shown(tmp_path / "error.log") as log:
        reading = LateReading(log)
        monkeypatch.setattr(late_reading, "detect", nothing)
        for _ in range(100):
            reading.stamps(came(plain("x", ", referer "), plain("y")))
    assert looks == [1] * 7
