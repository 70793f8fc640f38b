"""In which order lines of several logs are written by runs that go on where the last one ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.__main__ import run
from tests.logtool.following.cursor_runs import append
from tests.logtool.following.started import PATIENCE, Start, await_lines


def _written(output: Path) -> list[int]:
    return [int(line.rpartition("m")[2]) for line in output.read_text().splitlines()]


def _append(folder: Path, one: tuple[int, ...], other: tuple[int, ...]) -> list[str]:
    """Write numbered lines to two logs, the later log's first; gives the logs' names."""
    names = ["one.log", "other.log"]
    for name, numbers in reversed([*zip(names, (one, other), strict=True)]):
        for number in numbers:
            append(folder / name, number, number + 1)
    return names


@pytest.mark.parametrize(
    ("how", "first", "second"),
    [([], [0, 3, 4, 1, 2, 5], [6, 9, 7, 8]), (["--sort"], [0, 1, 2, 3, 4, 5], [6, 7, 8, 9])],
)
def test_runs(
    how: list[str], first: list[int], second: list[int], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Each run writes what is new of one log after the other; with --sort all of it by UTC."""
    monkeypatch.chdir(tmp_path)
    call = ["normalize", "-q", *how, "--cursor-file", "cursor", "-o", "out"]

    assert run([*call, *_append(tmp_path, (0, 3, 4), (1, 2, 5))]) == 0
    assert _written(tmp_path / "out") == first
    assert run([*call, *_append(tmp_path, (6, 9), (7, 8))]) == 0
    assert _written(tmp_path / "out") == first + second


def test_followed(start: Start, tmp_path: Path) -> None:
    """Who follows writes all by UTC: what was there, what comes, and what came between two runs."""
    out, call = tmp_path / "out", ("-qf", "--cursor-file", "cursor", "-o", "out")
    logs = _append(tmp_path, (0, 3, 4), (1, 2, 5))
    for one, other in (((7,), (6,)), ((11,), (10,))):
        running = start(*call, *logs)
        await_lines(out, min(one[0], other[0]))
        _append(tmp_path, one, other)
        await_lines(out, max(one[0], other[0]) + 1)
        running.terminate()
        assert running.wait(PATIENCE) == 0
        _append(tmp_path, (one[0] + 2,), (other[0] + 2,))

    assert _written(out) == [*range(12)]


def test_killed_as_it_follows(start: Start, tmp_path: Path) -> None:
    """The next run writes only what the killed one had not, for both write all by UTC."""
    out, call = tmp_path / "out", ("-qf", "--cursor-file", "cursor", "-o", "out")
    logs = _append(tmp_path, (0, 2), (1, 3))
    running = start(*call, *logs)
    await_lines(out, 4)
    _append(tmp_path, (5,), (4,))
    await_lines(out, 6)
    running.kill()
    running.wait(PATIENCE)
    _append(tmp_path, (7,), (6,))
    running = start(*call, *logs)
    await_lines(out, 8)
    _append(tmp_path, (9,), (8,))
    await_lines(out, 10)
    running.terminate()

    assert running.wait(PATIENCE) == 0
    assert _written(out) == [*range(10)]
