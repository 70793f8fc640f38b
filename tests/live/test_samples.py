"""The sample logs are complete, small, and tell nothing about the machine that made them."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from .make_samples import LARGEST, SAMPLE_LOGS

FOLDERS = sorted(path.parent for path in SAMPLE_LOGS.glob("*/truth.txt"))


def test_there_are_samples() -> None:
    """The samples that the README and other tests speak of are there."""
    wanted = {
        "berlin_utc_django", "embedded", "fall_back", "graceful_restart", "hard_restart",
        "prefork", "seconds_only", "spring_forward", "three_groups",
    }  # fmt: skip
    assert wanted <= {folder.name for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
class TestSample:
    """Each sample is whole."""

    def test_each_line_has_its_truth(self, folder: Path) -> None:
        """The truth has a line for each line of the log."""
        lines = (folder / "error.log").read_bytes().splitlines()
        assert len(lines) == len((folder / "truth.txt").read_text().splitlines())

    def test_time_does_not_run_backwards(self, folder: Path) -> None:
        """In file order, instants step back by less than a second."""
        truth = (folder / "truth.txt").read_text().split()
        instants = [datetime.fromisoformat(text) for text in truth if text != "-"]
        assert max(before - after for before, after in pairwise(instants)) < timedelta(seconds=1)

    def test_it_is_small(self, folder: Path) -> None:
        """No log is larger than a repository likes."""
        assert (folder / "error.log").stat().st_size <= LARGEST

    def test_it_is_neutral(self, folder: Path) -> None:
        """No path leads into the machine that made it."""
        text = (folder / "error.log").read_bytes() + (folder / "about.md").read_bytes()
        assert not re.findall(rb"/(?:home|root|tmp|work|Users)/\S*", text)
