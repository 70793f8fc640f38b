"""The order in which logs are named tells nothing of when their lines were written."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from logtool.clocks.options import ClockOptions
from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.lives import LIFE_PID, part_lives
from logtool.clocks.seen.set_order import in_one_order, set_order
from logtool.passes.first import find_clocks, open_logs
from logtool.passes.logs import blocks_of
from logtool.sources.opening import open_sources
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, knots_of, sample
from tests.places import SAMPLE_LOGS

BORN = "mod_wsgi (pid=7): Starting process 'shop' with uid=33, gid=33 and threads=3."


def knots_in(files: tuple[int, ...], *rows: tuple[int, float]) -> Knots:
    """Knots of several files, each of which begins with line 1."""
    lines = [files[:row].count(file) + 1 for row, file in enumerate(files)]
    return replace(knots_of(*rows), file=np.array(files, np.int32), line=np.array(lines))


def parted(folder: Path, name: str) -> list[Path]:
    """A sample as the log of a server with those of two virtual hosts, one of them rotated."""
    lines = (SAMPLE_LOGS / name / "error.log").read_bytes().splitlines(keepends=True)
    of_clients = [at for at, line in enumerate(lines) if b"[client " in line or b"[remote " in line]
    shop, half = of_clients[::3], len(of_clients[1::3]) // 2
    site = of_clients[1::3]
    whose = {
        "error.log": sorted({*range(len(lines))} - {*shop, *site}),
        "a-shop-error.log": shop,
        "site-error.log.1": site[:half],
        "site-error.log": site[half:],
    }
    for log, numbers in whose.items():
        (folder / log).write_bytes(b"".join(lines[at] for at in numbers))
    return [folder / log for log in whose]


def told(logs: list[Path], server_tz: str | None) -> dict[str, list[tuple[int, int, str]]]:
    """The offset of each line of each log, how sure it is, and the group of who wrote it."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    with open_sources([str(log) for log in logs], 1 << 30) as sources:
        opened = open_logs(sources)
        table = find_clocks(opened, ClockOptions(server_tz))
        for log, block in blocks_of(opened):
            lines = block.first_line + np.arange(len(block))
            rows = table.clock_rows(log.number, lines, log.decoder.stamps(block).pid)
            clocks = [table.clocks[row] for row in rows.tolist()]
            here = [(one.offset_s, int(one.confidence), one.group) for one in clocks]
            found.setdefault(log.source.path, []).extend(here)
    return found


@pytest.mark.parametrize(
    ("name", "server_tz"),
    [("berlin_utc_django", "Europe/Berlin"), ("three_groups", None), ("no_pid_fractions", None)],
)
def test_no_line_depends_on_the_order_of_logs(
    name: str, server_tz: str | None, tmp_path: Path
) -> None:
    """However the logs of a server are named, each line has the same offset, equally sure."""
    main, shop, older, younger = parted(tmp_path, name)
    expected = told([main, shop, older, younger], server_tz)

    for order in permutations(([main], [shop], [older, younger])):
        assert told([log for logs in order for log in logs], server_tz) == expected


def test_a_birth_that_is_read_later() -> None:
    """What a process wrote into another log is of the life whose birth line is read after it."""
    lines = [sample("hello"), replace(sample(BORN), file=1)]
    knots = knots_in((0, 1), (7, 5 * HOUR), (7, 0))

    assert part_lives(knots, lines, [0, 1])[0].pid.tolist() == [7, 7]
    assert part_lives(knots, lines, [0, 0])[0].pid.tolist() == [7, LIFE_PID]


def test_lives_that_no_two_clocks_part() -> None:
    """Lines in another log are of the life of their time; days before a birth they are another's.

    Where time leaves a choice, who was born before by the server's clock wrote them.
    """
    day = 24 * HOUR
    said = [sample("hello")] + [
        replace(sample(BORN, line=line), file=1, local_us=at * SECOND)
        for line, at in ((1, 0), (2, 9 * day))
    ]
    times = (-2 * day, -HOUR, 8 * day, 10 * day)
    knots = knots_in((0, 0, 0, 0, 1, 1), *((7, at) for at in times), (7, 0), (7, 9 * day))

    lives = part_lives(knots, said, [0, 1])[0].pid.tolist()

    assert lives == [7, LIFE_PID, LIFE_PID, LIFE_PID - 1, LIFE_PID, LIFE_PID - 1]


def test_set_order() -> None:
    """The log that tells of births is first, then that with the earliest line; sets stay whole."""
    knots = knots_in((0, 1, 2, 3), (1, 50), (2, 40), (2, 45), (7, 60))
    samples = [replace(sample(BORN), file=3)]
    names = ["c", "b.1", "b", "a"]

    assert set_order([0, 1, 1, 2], knots, samples, names) == [3, 1, 2, 0]
    assert set_order([0, 0, 0, 0], knots, samples, names) == [0, 1, 2, 3]


def test_lines_are_counted_through_all_logs() -> None:
    """`nth` goes on from one set to the next in the order in which they are taken."""
    knots = knots_in((0, 0, 0, 1), (7, 0), (8, 0), (7, 1), (7, 5))
    knots.nth[:] = (0, 0, 4, 0)

    ordered, _ = in_one_order(knots, [], [1, 0], [0, 1])

    assert ordered.file.tolist() == [0, 1, 1, 1]
    assert ordered.pid.tolist() == [7, 7, 8, 7]
    assert ordered.nth.tolist() == [0, 1, 0, 5]
