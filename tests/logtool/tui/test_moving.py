"""Keys that move among the lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from parsers.error_log_format.items import LEVELS
from tests.logtool.tui.pilots import DJANGO, SAMPLES, Flight, fly

_GAPS = SAMPLES / "quiet_server" / "error.log"


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ("j", 1), ("down", 1), ("j j k", 1), ("1 0 j", 10), ("1 0 j 3 k", 7), ("j up", 0),
        ("space", 19), ("pagedown", 19), ("ctrl+f ctrl+b ctrl+f", 19), ("ctrl+e ctrl+e ctrl+y", 1),
        ("greater_than_sign less_than_sign j", 1), ("space b", 0), ("ctrl+d", 10), ("d", 10),
        ("d ctrl+u", 0), ("3 0 g", 29), ("3 0 G", 29), ("5 G home", 4 - 4), ("j g", 0),
        ("2 space", 38),
    ],
)  # fmt: skip
def test_moving(keys: str, place: int) -> None:
    """Keys of less move as in less."""

    async def steps(flight: Flight) -> None:
        await flight.press(*keys.split())
        assert flight.place == place

    fly([DJANGO], steps)


@pytest.mark.parametrize(
    "keys",
    [
        [("colon", ":"), ("3", "3"), ("0", "0"), ("enter", "\r")],
        [("j", "j"), ("3", "3"), ("0", "0"), ("G", "G")],
    ],
)
def test_digits_belong_to_what_was_typed_before_them(keys: list[tuple[str, str]]) -> None:
    """Typed fast they are part of the command, or a count, and none is left over."""

    async def steps(flight: Flight) -> None:
        await flight.paste(*keys)
        assert flight.place == 29
        await flight.press("j")
        assert flight.place == 30

    fly([DJANGO], steps)


def test_count_that_is_used_up_is_no_longer_shown() -> None:
    """Also where the key with the count found nothing."""

    async def steps(flight: Flight) -> None:
        await flight.press("9", "7", "s")
        assert "no silence of 97 min below" in flight.dump()
        assert "97 " not in flight.dump().splitlines()[-2]

    fly([DJANGO], steps)


@pytest.mark.parametrize("key", ["G", "end"])
def test_bottom(key: str) -> None:
    """The last line comes into sight."""

    async def steps(flight: Flight) -> None:
        await flight.press(key)
        assert flight.place == len(flight.session.view) - 1
        assert "100%" in flight.dump()

    fly([DJANGO], steps)


@pytest.mark.parametrize(
    ("forward", "back", "levels"), [("e", "E", {"error"}), ("w", "W", {"warn"})]
)
def test_levels(forward: str, back: str, levels: set[str]) -> None:
    """Next and previous errors and warnings, by Python's own level where it is written."""

    async def steps(flight: Flight) -> None:
        await flight.press("G", back)
        last = flight.place
        assert LEVELS[flight.session.view.line_at(last).meant] in levels
        await flight.press("g", *("9" * 3), forward)
        assert flight.place == last

    fly([DJANGO], steps)


def test_requests_lines() -> None:
    """O and O go among the lines of one client's connection."""

    async def steps(flight: Flight) -> None:
        await flight.type("/")
        await flight.type("established")
        await flight.press("enter")
        place = flight.place
        client = flight.session.view.line_at(place).fields["client"]
        await flight.press("o")
        assert flight.place > place
        assert flight.session.view.line_at(flight.place).fields["client"] == client
        await flight.press("O")
        assert flight.place == place

    fly([DJANGO], steps)


def test_gaps() -> None:
    """S finds silences and S goes back."""

    async def steps(flight: Flight) -> None:
        view = flight.session.view
        await flight.press("s")
        place = flight.place
        assert place == 0 or view.time_at(place) - view.time_at(place - 1) >= 60_000_000
        assert place > 0
        await flight.press("G", "S")
        assert flight.place >= place

    fly([_GAPS], steps)


def test_columns_that_have_room_are_taken_away_one_by_one() -> None:
    """Each x takes something away, on a narrow and on a wide screen; then all come back."""

    async def steps(flight: Flight) -> None:
        begun = flight.dump()
        seen = {begun}
        for _ in range(3 if flight.app.size.width >= 100 else 2):
            await flight.press("x")
            assert flight.dump() not in seen
            seen.add(flight.dump())
        await flight.press("x")
        assert flight.dump() == begun

    fly([DJANGO], steps, (80, 24))
    fly([DJANGO], steps, (120, 40))


def test_columns_and_sideways() -> None:
    """X takes columns away; the arrows move messages."""

    async def steps(flight: Flight) -> None:
        assert "parent" in flight.dump().splitlines()[2]
        await flight.press("x")
        assert "parent" not in flight.dump().splitlines()[2]
        await flight.press("right")
        assert "AH01882" not in flight.dump().splitlines()[2]
        await flight.press("left")
        assert "AH01882" in flight.dump().splitlines()[2]

    fly([DJANGO], steps)


def test_python_levels_are_what_was_meant() -> None:
    """What mod_wsgi calls an error and Python INFO is shown as INFO, and is no error to go to."""

    async def steps(flight: Flight) -> None:
        view = flight.session.view
        await flight.type("/")
        await flight.type("report started")
        await flight.press("enter")
        line = view.line_at(flight.place)
        assert line.fields["level"] == "error"
        assert line.python == "INFO"
        assert any("▌ INFO " in row for row in flight.dump().splitlines())
        for _ in range(5):
            await flight.press("e")
            assert flight.session.view.line_at(flight.place).python in ("", "ERROR")

    fly([DJANGO], steps)


def test_many_lines_that_may_be_errors_are_not_read_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The search for an error stops after some lines and says that it goes on."""

    async def steps(flight: Flight) -> None:
        await flight.type("&")
        await flight.type("report started")
        await flight.press("enter", "e")
        assert "looks further" in flight.dump()
        assert flight.place > 0

    monkeypatch.setattr("logtool.tui.model.chosen.view._MOST_READ", 3)
    monkeypatch.setattr("logtool.tui.model.chosen.view._READ_AT_ONCE", 2)
    fly([DJANGO], steps)


def test_percent() -> None:
    """A share of all lines is gone to."""

    async def steps(flight: Flight) -> None:
        await flight.press("5", "0", "percent_sign")
        assert flight.place == len(flight.session.view) // 2
        await flight.press("percent_sign")
        assert flight.place == 0

    fly([DJANGO], steps)


def test_next_log() -> None:
    """F goes to the first line of the next log, :previous back; at the end it says so."""
    logs = sorted((SAMPLES / "rotated").glob("error.log*"))
    assert len(logs) > 1

    async def steps(flight: Flight) -> None:
        view = flight.session.view
        await flight.press("f")
        log, line = view.index.line_of(view.row_at(flight.place))
        assert (log, line) == (1, 1)
        await flight.type(":")
        await flight.type("p")
        await flight.press("enter")
        assert view.index.line_of(view.row_at(flight.place))[0] == 0
        await flight.press(str(len(logs)), "f")
        assert "no log after this one" in flight.dump()

    fly(logs, steps)


@pytest.mark.parametrize("size", [(80, 24), (50, 16)])
def test_wrap(size: tuple[int, int]) -> None:
    """Wrapped lines are seen whole, and every key keeps the cursor in sight."""

    async def steps(flight: Flight) -> None:
        lines = flight.app.log_screen.lines
        await flight.press("ctrl+w")
        text = "".join(row[30:].strip() for row in flight.dump().splitlines())
        whole = "thisversionofmod_sslwascompiledagainstanewerlibrary" in text.replace(" ", "")
        assert whole == (size[0] == 80)
        for key in ("space", "space", "j", "b", "G", "k", "ctrl+u", "g", "9", "0", "g", "enter"):
            await flight.press(key)
            assert flight.place in [place for place, _ in lines._rows_from(lines._first)]
        await flight.press("q", "g")
        row = lines._rows_from(0)[3][0]
        await flight.click(40, lines.region.y + 3)
        assert flight.place == row
        await flight.press("ctrl+w")
        assert lines._rows_from(0)[3][0] == 3

    fly([DJANGO], steps, size)


def _line_here(flight: Flight) -> tuple[int, int]:
    view = flight.session.view
    return view.index.line_of(view.row_at(flight.place))


@pytest.mark.parametrize("keys", ["1 4 4 G", "1 4 4 g", ": 1 4 4 enter"])
def test_line_numbers_are_those_of_the_file(keys: str) -> None:
    """A number goes to the line of the file that flags and clocks cite so, folded events or not."""

    async def steps(flight: Flight) -> None:
        assert len(flight.session.view) < flight.session.view.total
        await flight.press(*keys.replace(":", "colon").split())
        assert _line_here(flight) == (0, 144)
        assert flight.place < 143
        folds = flight.session.view.folds
        assert folds is not None
        inside = int(np.flatnonzero(folds != np.arange(160))[0])
        await flight.press(*str(inside + 1), "G")
        assert _line_here(flight)[1] == int(folds[inside]) + 1
        await flight.press("9", "9", "9", "G")
        assert _line_here(flight)[1] == 160
        assert "error.log ends with line 160" in flight.dump()

    fly([DJANGO], steps)


def test_lines_as_cited() -> None:
    """FILE:N goes to that line of that log, a bare number to the log under the cursor."""
    logs = sorted((SAMPLES / "rotated").glob("error.log*"))

    async def steps(flight: Flight) -> None:
        names = [log.name for log in flight.session.view.reader.logs]
        for name in ("error.log.1", "rotated/error.log.2", names[0]):
            number = next(at for at, one in enumerate(names) if one.endswith(name))
            await flight.type(":")
            await flight.type(f"{name}:14")
            await flight.press("enter")
            assert _line_here(flight) == (number, 14)
            await flight.press("2", "1", "G")
            assert _line_here(flight) == (number, 21)
        await flight.type(":")
        await flight.type("other.log:3")
        await flight.press("enter")
        assert "no log other.log here" in flight.dump()
        assert _line_here(flight) == (0, 21)

    fly(logs, steps)


def test_wrap_keeps_the_cursor_in_sight() -> None:
    """Also where the lines above it need more rows now."""

    async def steps(flight: Flight) -> None:
        await flight.press("1", "9", "j", "ctrl+w")
        lines = flight.app.log_screen.lines
        seen = flight.session.view.line_at(lines.cursor).message
        assert seen[:30] in flight.dump()

    fly([DJANGO], steps)


@pytest.mark.parametrize("words", ["nobody says this", "AH00489"])
def test_wrap_where_a_filter_leaves_few(words: str) -> None:
    """The cursor stands among what is left, if there is anything."""

    async def steps(flight: Flight) -> None:
        await flight.press("G", "ctrl+w")
        await flight.type(f"&{words}")
        await flight.press("enter", "j", "k", "G", "g")
        assert flight.session.view.wrap
        assert flight.app.log_screen.lines.cursor == 0
        assert words in flight.dump()

    fly([DJANGO], steps)


def test_wrap_of_an_empty_log(tmp_path: Path) -> None:
    """There is no line to keep in sight."""
    log = tmp_path / "error.log"
    log.write_bytes(b"")

    async def steps(flight: Flight) -> None:
        await flight.press("ctrl+w", "G", "g", "j", "k")
        assert "0" in flight.dump()

    fly([log], steps)


def test_the_next_key_ends_what_was_said() -> None:
    """What is told is of the last key, not of one before."""

    async def steps(flight: Flight) -> None:
        await flight.press("plus")
        assert "nothing is folded here" in flight.dump()
        await flight.press("j")
        assert "nothing is folded here" not in flight.dump()
        await flight.type(":zone Nowhere/Land")
        await flight.press("enter")
        assert "no such zone" in flight.dump()
        await flight.type(":")
        assert "no such zone" not in flight.dump()

    fly([DJANGO], steps)
