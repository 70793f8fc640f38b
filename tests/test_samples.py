"""Every sample log comes out at its exact instants, from each anchor alone.

The samples are captures of a real Apache with their truth (`tests/live/make_samples.py`). Each is
normalised from a copy, because git does not keep modification times.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from tests import places
from tests.exactness import (
    ANCHORS,
    TOLD_FORMATS,
    WRONG_US,
    assert_exact,
    clocks_and_answers,
    configuration,
    left_open,
    normalize,
    normalized,
    overconfident,
    us,
    write_at,
)

SAMPLE_LOGS = places.SAMPLE_LOGS
SAMPLES = sorted(path.parent.name for path in SAMPLE_LOGS.glob("*/truth.txt"))


@dataclass(frozen=True)
class Sample:
    """A copy of a sample log that lies beside nothing but what the anchor needs.

    Attributes:
        name: the sample's.
        log, access_log: the copies.
        truth: the instant of each line.
        about: the note beside it.
    """

    name: str
    log: Path
    access_log: Path
    truth: list[str]
    about: str

    @property
    def server_tz(self) -> str:
        """The zone Apache was started in."""
        return self._told(r"^- server: (\S+)$")

    @property
    def error_log_format(self) -> str:
        """The ErrorLogFormat of a log that has one."""
        return self._told(r"^ErrorLogFormat: `(.*)`$")

    def _told(self, pattern: str) -> str:
        found = re.search(pattern, self.about, re.MULTILINE)
        assert found is not None, pattern
        return found[1]

    def last_write_us(self, name: str) -> int:
        """When a file of the sample was last modified."""
        return us(self._told(rf"^- {re.escape(name)}: (20\S+)$"))

    def told(self, anchor: str) -> list[str | Path]:
        """Options of `errlog normalize` for an anchor; sets the log's modification time for it."""
        modified = self.last_write_us(self.log.name) if anchor == "mtime" else WRONG_US
        write_at(self.log, modified)
        options: list[str | Path] = ["--no-neighbours"]
        if anchor == "server-tz":
            options += ["--server-tz", self.server_tz]
        elif anchor == "access-log":
            options = ["--access-log", self.access_log]
        if self.name in TOLD_FORMATS:
            options += ["--config", configuration(self.log, self.name, self.error_log_format)]
        return options


def copied(name: str, folder: Path) -> Sample:
    """A copy of a sample in a folder of its own."""
    for file in ("error.log", "access.log"):
        shutil.copyfile(SAMPLE_LOGS / name / file, folder / file)
    return Sample(
        name,
        folder / "error.log",
        folder / "access.log",
        (SAMPLE_LOGS / name / "truth.txt").read_text().split(),
        (SAMPLE_LOGS / name / "about.md").read_text(),
    )


@pytest.mark.parametrize("anchor", ANCHORS)
@pytest.mark.parametrize("name", SAMPLES)
def test_every_line_is_exact(name: str, anchor: str, tmp_path: Path) -> None:
    """Each stamp is its exact instant, all other bytes are as they were, and so it stays.

    But for instants that the order of lines leaves open: in `quiet_server`, what one daemon says
    between its first second and the last day might as well be in two or more other zones.
    """
    sample = copied(name, tmp_path)
    expected = normalized(sample.log, sample.truth)
    once = tmp_path / "once.log"

    written = normalize(once, *sample.told(anchor), sample.log)
    assert_exact(written, expected, left_open(sample.log, sample.truth))
    assert_exact(normalize(tmp_path / "twice.log", "--no-neighbours", once), written)


@pytest.mark.parametrize("anchor", [*ANCHORS, "none"])
@pytest.mark.parametrize("name", SAMPLES)
def test_certain_is_never_wrong(name: str, anchor: str, tmp_path: Path) -> None:
    """No line is certain of a wrong instant, whatever is told, also where lines are inexact."""
    sample = copied(name, tmp_path)
    sample.told(anchor)
    options = ClockOptions(
        server_tz=sample.server_tz if anchor == "server-tz" else None,
        access_logs=(str(sample.access_log),) if anchor == "access-log" else (),
        neighbours=False,
    )
    formats = [sample.error_log_format] if name in TOLD_FORMATS else []

    assert overconfident(clocks_and_answers(sample.log, options, formats)[1], sample.truth) == []


@pytest.mark.parametrize("anchor", ["server-tz", "mtime", "access-log"])
def test_rotated_set(anchor: str, tmp_path: Path) -> None:
    """A rotated set is read as one log in its true order, and each file's last write counts."""
    sample = copied("rotated", tmp_path)
    options = sample.told(anchor)
    folder = SAMPLE_LOGS / "rotated"
    expected = []
    for rotation in (".2", ".1", ""):
        log = tmp_path / f"error.log{rotation}"
        shutil.copyfile(folder / log.name, log)
        modified = sample.last_write_us(log.name) if anchor == "mtime" else WRONG_US
        write_at(log, modified)
        truth = (folder / f"truth{rotation}.txt").read_text().split()
        expected += normalized(log, truth)

    logs = [tmp_path / f"error.log{rotation}" for rotation in ("", ".1", ".2")]
    assert_exact(normalize(tmp_path / "out.log", *options, *logs), expected)


@pytest.mark.parametrize("style", ["keep", "iso", "epoch"])
@pytest.mark.parametrize("name", ["berlin_utc_django", "compact", "offset_stamps", "seconds_only"])
def test_styles(name: str, style: str, tmp_path: Path) -> None:
    """Each style writes the same instants in its own form."""
    sample = copied(name, tmp_path)
    expected = normalized(sample.log, sample.truth, style)
    options = sample.told("server-tz")

    written = normalize(tmp_path / "out.log", "--time", style, *options, sample.log)

    assert_exact(written, expected)


def test_the_exceptions_exist() -> None:
    """Every format to be told is one of a sample."""
    assert set(SAMPLES) >= TOLD_FORMATS


def test_only_a_quiet_server_leaves_lines_open(tmp_path: Path) -> None:
    """Of a log with some traffic next to nothing is left open by the order of lines."""
    for name in ("berlin_utc_django", "three_groups", "graceful_restart"):
        (tmp_path / name).mkdir()
        sample = copied(name, tmp_path / name)
        assert len(left_open(sample.log, sample.truth)) < 0.05 * len(sample.truth), name
