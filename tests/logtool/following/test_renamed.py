"""Files that are renamed again and again as they are opened are waited for."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.commands import live_opening
from logtool.commands.live_opening import Opened, _Look
from tests.logtool.following.cursor_runs import append, words

#: More looks than are made where nothing was renamed.
_MANY = 2 * live_opening._TRIES


def _renamed_at_each_look(
    folder: Path, monkeypatch: pytest.MonkeyPatch, times: int, *, gone: bool
) -> None:
    """Rotate a log whenever it is looked at, or let only an older member be gone; a line comes."""
    opened, log, looks = _Look.opened, folder / "error.log", 0

    def late(look: _Look, stack: ExitStack) -> Opened | None:
        nonlocal looks
        looks += 1
        if looks > times:
            return opened(look, stack)
        older = [log, *(log.with_name(f"error.log.{number}") for number in range(1, looks + 2))]
        if gone:
            append(log, looks, looks + 1)
            older[looks].rename(older[looks + 1])
            raise FileNotFoundError(2, "No such file or directory", str(older[looks]))
        for number in range(looks, -1, -1):
            older[number].rename(older[number + 1])
        append(log, looks, looks + 1)
        return None

    monkeypatch.setattr(_Look, "opened", late)


@pytest.mark.parametrize("gone", [False, True])
@pytest.mark.parametrize("more", [["-f", "--until", "now"], []])
def test_waited_for(
    more: list[str], tmp_path: Path, *, gone: bool, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """As long as that goes on, where files are followed; all is read then."""
    (tmp_path / "error.log.1").touch()
    append(tmp_path / "error.log", 0, 1)
    assert run(words(tmp_path)) == 0
    _renamed_at_each_look(tmp_path, monkeypatch, _MANY, gone=gone)
    if "-f" in more:
        monkeypatch.setattr(live_opening, "_PATIENCE_S", 0.0)
    capfd.readouterr()

    assert run([*words(tmp_path), *more]) == 0
    lines = (tmp_path / "out").read_text().splitlines()
    assert [int(line.rpartition("m")[2]) for line in lines] == [*range(_MANY + 1)]


def test_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A run that does not follow ends once patience does; where nothing is renamed, at once."""
    (tmp_path / "error.log.1").touch()
    append(tmp_path / "error.log", 0, 1)
    monkeypatch.setattr(live_opening, "_PATIENCE_S", 0.0)
    _renamed_at_each_look(tmp_path, monkeypatch, 1000, gone=False)
    assert run(words(tmp_path)) == 3
    assert "error.log: renamed again and again" in capfd.readouterr().err

    monkeypatch.undo()
    assert run(["normalize", "-f", str(tmp_path / "none*.log")]) == 3
    assert "no file matches" in capfd.readouterr().err
