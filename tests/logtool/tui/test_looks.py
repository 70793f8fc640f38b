"""How the screen looks: sizes, colours, hostile files, and the screens as approved."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import places
from tests.logtool.tui.pilots import DJANGO, SAMPLES, Flight, Steps, fly

GOLDEN = Path(__file__).parent / "golden"
#: Approved with their colours too; of the others the text will do.
PICTURED = {"start-80x24", "errors-120x40"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 10), (300, 80)])
def test_resize(size: tuple[int, int]) -> None:
    """Every size works, and the cursor stays in sight."""

    async def steps(flight: Flight) -> None:
        await flight.press("G")
        await flight.resize(*size)
        lines = flight.app.log_screen.lines
        assert lines.scroll_y <= lines.cursor < lines.scroll_y + lines.page

    fly([DJANGO], steps)


def test_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without colours letters tell the clocks."""

    async def steps(flight: Flight) -> None:
        assert " A " in flight.dump().splitlines()[2]
        assert "▌" not in flight.dump()

    monkeypatch.setenv("NO_COLOR", "1")
    fly([DJANGO], steps)


@pytest.mark.parametrize("theme", ["textual-light", "textual-dark", "ansi-dark"])
def test_themes(theme: str) -> None:
    """Light, dark and the terminal's own colours."""

    async def steps(flight: Flight) -> None:
        flight.app.theme = theme
        await flight.press("j", "enter")
        assert "confidence" in flight.dump()

    fly([DJANGO], steps, (80, 40))


def test_control_bytes_never_reach_the_terminal(tmp_path: Path) -> None:
    """Escapes, bidirectional marks and broken bytes are written out."""
    log = tmp_path / "error.log"
    head = DJANGO.read_bytes().splitlines()[0]
    bad = b" \x1b]52;c;AAAA\x07 \xe2\x80\xae \x9b31m \xff\xfe \x00 end"
    log.write_bytes(head + bad + b"\n" + b"raw" + bad + b"\n")

    async def steps(flight: Flight) -> None:
        await flight.press("right", "right", "right", "enter", "c", "j")
        for text in (flight.dump(), flight.app.clipboard):
            assert not set(text) & set("\x1b\x07\x00\u202e\x9b")

    fly([log], steps, (300, 60))


def test_binary_file_is_shown_safely(tmp_path: Path) -> None:
    """A file that is no log shows its bytes and says that no line has a time."""
    log = tmp_path / "core"
    log.write_bytes(bytes(range(256)) * 40)

    async def steps(flight: Flight) -> None:
        await flight.press("G", "g", "enter", "C")
        assert "no clock" in flight.dump() or "No line has a time" in flight.dump()

    fly([log], steps)


def test_file_cut_short_while_shown(tmp_path: Path) -> None:
    """Lines that are gone are empty; nothing breaks."""
    log = tmp_path / "error.log"
    log.write_bytes(DJANGO.read_bytes())

    async def steps(flight: Flight) -> None:
        log.write_bytes(b"")
        flight.session.view.reader.forget()
        await flight.press("G", "enter", "g", "e", "slash", "x", "enter")

    fly([log], steps)


def _steps_of(keys: str, name: str) -> Steps:
    async def steps(flight: Flight) -> None:
        if keys:
            await flight.press(*keys.split())
        _compare(GOLDEN / f"{name}.txt", flight.dump())
        if name in PICTURED:
            _compare(GOLDEN / f"{name}.svg", flight.picture())

    return steps


def _compare(path: Path, dump: str) -> None:
    """Compare with what was approved; a missing file is written and the test fails once."""
    dump = dump.replace(str(SAMPLES), "SAMPLES")
    if not path.exists():
        path.write_text(dump)
        pytest.fail(f"{path.name} was not there; look at it and run again")
    assert dump == path.read_text()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(("name", "keys"), [("start", ""), ("errors", "e e"), ("help", "f1")])
def test_screens_are_as_approved(name: str, keys: str, size: tuple[int, int]) -> None:
    """The screen is the one that was looked at and found good."""
    full = f"{name}-{size[0]}x{size[1]}"
    fly([SAMPLES / "three_groups" / "error.log"], _steps_of(keys, full), size)


def test_picture_of_the_readme(monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's picture of the screen is what the screen shows today."""

    async def steps(flight: Flight) -> None:
        await flight.press(*["enter", "1", "3", "2", "G", "1", "8", "j"])
        _compare(places.ROOT / "docs" / "view.svg", flight.picture())

    monkeypatch.chdir(places.ROOT)
    fly([SAMPLES.relative_to(places.ROOT) / "daemon_crash_and_rebirth" / "error.log"], steps,
        (112, 52))  # fmt: skip


def test_assumed_clocks_are_told_in_the_title(tmp_path: Path) -> None:
    """Where nothing ties the clocks to UTC, the title says so and is not cut; else it does not."""
    log = tmp_path / "error.log"
    log.write_bytes((SAMPLES / "three_groups" / "error.log").read_bytes())

    async def doubtful(flight: Flight) -> None:
        title = flight.dump().splitlines()[0]
        assert title.endswith("clocks assumed: C tells   UTC")
        assert len(title) <= 80

    async def sure(flight: Flight) -> None:
        assert "assumed" not in flight.dump()

    fly([log], doubtful)
    fly([SAMPLES / "three_groups" / "error.log"], sure)


@pytest.mark.parametrize(
    ("data", "told"), [(b"hello\n" * 9, "no clock"), (bytes(range(256)) * 9, "looks binary")]
)
def test_a_log_without_times_has_no_histogram(tmp_path: Path, data: bytes, told: str) -> None:
    """Neither 1970 nor any other time is made up, and what looks binary is said to."""
    log = tmp_path / "core"
    log.write_bytes(data)

    async def steps(flight: Flight) -> None:
        for key in ("j", "i", "z"):
            title, chart, *_ = flight.dump().splitlines()
            assert f"{told}: no line has a time" in title
            assert "no times" in chart
            assert "1970" not in flight.dump()
            await flight.press(key)

    fly([log], steps)


def test_lines_without_a_time_beside_a_log_that_has_some(tmp_path: Path) -> None:
    """They get no date, and the axis begins with the first line that has one."""
    (tmp_path / "bin.log").write_bytes(bytes(range(256)) * 9)
    cut = tmp_path / "cut.log"
    cut.write_bytes(DJANGO.read_bytes()[30:])

    async def steps(flight: Flight) -> None:
        for key in ("i", "G", "z", "g"):
            assert "1970" not in flight.dump()
            await flight.press(key)
        await flight.press("Z", "Z", "Z")
        *_, status, _ = flight.dump().splitlines()
        assert "2026" not in status
        assert "2026-11-23" in flight.dump()

    fly([tmp_path / "bin.log", cut], steps)
