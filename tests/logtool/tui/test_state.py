"""What is kept for the next time."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.tui.model.state import State, read_state, state_path, write_state
from tests.logtool.tui.pilots import DJANGO, Flight, fly


def test_position_filter_and_bookmarks_come_back(tmp_path: Path) -> None:
    """The second visit begins where the first one ended."""
    state = tmp_path / "state.json"

    async def leave(flight: Flight) -> None:
        await flight.type("&")
        await flight.type("level>=info")
        await flight.press("enter", "4", "0", "G", "m", "t", "x")

    async def come_back(flight: Flight) -> None:
        view = flight.session.view
        assert flight.place == 39
        assert view.filter.text == "level>=info"
        assert view.marks == {view.row_at(39)}
        assert "filter of last time: level>=" in flight.dump()
        assert flight.dump().splitlines()[0].endswith("as logged")
        assert view.columns == 2

    fly([DJANGO], leave, state=state)
    fly([DJANGO], come_back, state=state)


#: How a state begins of which the rest makes no sense.
_ODD = '{"filter": "", "time": "UTC", "marks": [], '


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[1]", '{"filter": 3', "null", _ODD + '"columns": 0, "position": ["x"]}',
        _ODD + '"columns": 1e999, "position": null}',
    ],
)  # fmt: skip
def test_broken_state_is_no_state(tmp_path: Path, text: str) -> None:
    """A file that cannot be understood does no harm."""
    path = tmp_path / "state.json"
    path.write_text(text)
    assert read_state(path) == State()


def test_state_is_read_as_written(tmp_path: Path) -> None:
    """All of it, also odd names."""
    path = tmp_path / "new" / "state.json"
    state = State(("é\u202e.log", 3), "a b", "as logged", 2, (("x", 1), ("y", 2)))
    write_state(path, state)
    assert read_state(path) == state


def test_path_is_below_xdg_state_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each set of files has a place of its own, whatever their order."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_path(["a", "b"]) == state_path(["b", "a"]) != state_path(["a"])
    assert state_path(["a"]).is_relative_to(tmp_path / "errlog" / "view")
