"""Who names some files of a set is told of younger ones that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.__main__ import run
from tests.logtool.following.cursor_runs import LINE

#: What ends at once.
FOLLOWED = ["-f", "--until", "2020-01-01"]


def _set(folder: Path, days: dict[str, int]) -> None:
    """Members of a set, each with a line of its own day."""
    for name, day in days.items():
        (folder / name).write_text(LINE.format(day, day).replace("11-23", f"11-{day}"))


RISING = {"error.log": 11, "error.log.1": 13, "error.log.2": 15, "error.log.3": 17}
FALLING = {"error.log": 17, "error.log.1": 15, "error.log.2": 13, "error.log.3": 11}


@pytest.mark.parametrize("how", [FOLLOWED, ["--cursor-file", "cursor"]])
@pytest.mark.parametrize(
    ("days", "named", "younger"),
    [
        (RISING, ["error.log"], "error.log.1, error.log.2, error.log.3"),
        (RISING, ["error.log", "error.log.2"], "error.log.3"),
        (RISING, ["error.log.3"], ""),
        (RISING, ["error.log*"], ""),
        ({**RISING, "error.log.4": 19}, ["error.log"], "error.log.3 and 1 more"),
        (FALLING, ["error.log"], ""),
        (FALLING, ["error.log.2"], "error.log.1, error.log"),
    ],
)
def test_younger_ones_are_told(
    how: list[str], days: dict[str, int], named: list[str], younger: str,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Those that nobody named, as numbers or times show; once, and none that is older."""
    monkeypatch.chdir(tmp_path)
    _set(tmp_path, days)
    for times in range(2):
        assert run(["normalize", "--no-neighbours", *how, "-o", "out", *named]) == 0
        told = capfd.readouterr().err
        if how != FOLLOWED and times:
            assert "seem younger" not in told
        else:
            assert told.count("seem younger") == bool(younger)
            assert f"{younger} of its set seem younger" in told or not younger


def test_a_file_that_is_named_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It is told whether what comes to the younger ones is followed."""
    _set(tmp_path, RISING)
    for named, what in (("error.log", "what comes to them"), ("error.log.1", "only the one")):
        out = str(tmp_path / "out")
        assert run(["normalize", *FOLLOWED, "-o", out, str(tmp_path / named)]) == 0
        assert f"what they hold by now is left out, and {what}" in capfd.readouterr().err
