"""Logs of several servers in one run: each has its own clocks; virtual hosts share theirs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from logtool.clocks.engine import ClockOptions
from logtool.clocks.table import ClockTable, Confidence
from logtool.passes import find_clocks, open_logs
from logtool.sources.opening import open_sources

SAMPLES = Path(__file__).parents[3] / "sample_logs"
NAMES = sorted(path.name for path in SAMPLES.iterdir() if (path / "error.log").exists())


def clocks_of(*logs: Path, **said: object) -> ClockTable:
    """The clocks of some logs in one run."""
    with open_sources([str(log) for log in logs], 1 << 30) as sources:
        return find_clocks(open_logs(sources), ClockOptions(**said))  # type: ignore[arg-type]


def told(table: ClockTable, file: int = 0) -> list[tuple[int, int, int, Confidence, str]]:
    """Who keeps which offset from which line of a file on, and how sure that is."""
    return [
        (clock.pid, clock.first_line, clock.offset_s, clock.confidence, clock.role)
        for clock in table.clocks
        if clock.file == file
    ]


@pytest.mark.parametrize("place", range(len(NAMES)), ids=NAMES)
def test_another_server_beside(place: int) -> None:
    """A log's clocks are those that it has alone, whatever other server's log is read with it."""
    one, other = (SAMPLES / NAMES[at % len(NAMES)] / "error.log" for at in (place, place + 1))

    both = clocks_of(one, other)

    assert told(both, 0) == told(clocks_of(one))
    assert told(both, 1) == told(clocks_of(other))
    assert [note.kind for note in both.notes].count("servers") == 1


def split(folder: Path, name: str) -> tuple[Path, Path]:
    """A sample as a server's log and a virtual host's: every other line about clients."""
    main, site = folder / "main" / "error.log", folder / "site" / "error.log"
    for log in (main, site):
        log.parent.mkdir()
    lines = (SAMPLES / name / "error.log").read_bytes().splitlines(keepends=True)
    about = [at for at, line in enumerate(lines) if b"[client " in line or b"[remote " in line]
    chosen = set(about[::2])
    main.write_bytes(b"".join(line for at, line in enumerate(lines) if at not in chosen))
    site.write_bytes(b"".join(lines[at] for at in sorted(chosen)))
    return main, site


@pytest.mark.parametrize("name", ["berlin_utc_django", "prefork", "three_groups"])
def test_virtual_host(name: str, tmp_path: Path) -> None:
    """The log of a virtual host in another folder is of the server whose children write it."""
    main, site = split(tmp_path, name)
    shutil.copy(SAMPLES / name / "access.log", main.parent)
    whole = {
        (pid, offset) for pid, _, offset, _, _ in told(clocks_of(SAMPLES / name / "error.log"))
    }

    table = clocks_of(main, site)

    assert {(clock.pid, clock.offset_s) for clock in table.clocks if clock.file == 1} <= whole
    assert min(clock.confidence for clock in table.clocks) >= Confidence.LIKELY
    assert "servers" not in [note.kind for note in table.notes]


def test_containers(tmp_path: Path) -> None:
    """Two containers have the same pids at the same time; their parents start each for itself."""
    logs = []
    for name, hour in (("one", "20"), ("two", "09")):
        log = tmp_path / name / "error.log"
        log.parent.mkdir()
        shutil.copy(SAMPLES / "berlin_utc_django" / "error.log", log)
        text = log.read_bytes().replace(b" 20:58:", f" {hour}:58:".encode())
        log.write_bytes(text)
        offset = b"+0100" if name == "one" else b"-1000"
        access = (SAMPLES / "berlin_utc_django" / "access.log").read_bytes()
        access = access.replace(b":20:58:", f":{hour}:58:".encode()).replace(b"+0100", offset)
        (log.parent / "access.log").write_bytes(access)
        logs.append(log)

    table = clocks_of(*logs)

    parents = {(c.file, c.offset_s, c.confidence) for c in table.clocks if c.role == "parent"}
    assert parents == {(0, 3600, Confidence.CERTAIN), (1, -36000, Confidence.CERTAIN)}
    processes = [{clock.process for clock in table.clocks if clock.file == file} for file in (0, 1)]
    assert not processes[0] & processes[1]


def test_no_process_is_known(tmp_path: Path) -> None:
    """Logs without pids in different folders are not tied to each other."""
    copy = tmp_path / "error.log"
    shutil.copy(SAMPLES / "no_pid" / "error.log", copy)

    table = clocks_of(SAMPLES / "no_pid" / "error.log", copy, neighbours=False)

    assert [note.kind for note in table.notes].count("servers") == 1


def test_zone_told_for_one_server_only() -> None:
    """A process that the user named need be of one of the servers only."""
    logs = [SAMPLES / name / "error.log" for name in ("berlin_utc_django", "prefork")]

    known = clocks_of(*logs, clocks=(("shop", "UTC"),))
    unknown = clocks_of(*logs, clocks=(("nobody", "UTC"),))

    assert "clock" not in [note.kind for note in known.notes]
    assert [note.kind for note in unknown.notes].count("clock") == 1
