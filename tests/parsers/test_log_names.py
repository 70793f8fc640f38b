"""What rotation writes into a log's name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.log_names import access_names, looks_like_access_log, read_log_name

DAY_US = 1_780_617_600 * 1_000_000  # 2026-06-05


@pytest.mark.parametrize(
    ("name", "stem", "rotation"),
    [
        ("error.log", "error.log", ""),
        ("error.log.1", "error.log", ".1"),
        ("error.log.12.gz", "error.log", ".12"),
        ("error_log-20260605.xz", "error_log", "-20260605"),
        ("error.1780617600", "error", ".1780617600"),
        ("error-2026-06-05.log", "error.log", "-2026-06-05"),
        ("error.20260605.log.gz", "error.log", ".20260605"),
        ("2026-06-05-error.log", "error.log", "2026-06-05"),
        ("error_log-20260605-1780617600", "error_log", "-1780617600"),
        ("site8443-error.log", "site8443-error.log", ""),
        ("error.20261399", "error.20261399", ""),
    ],
)
def test_stem_and_rotation(name: str, stem: str, rotation: str) -> None:
    """The name a log was written under is what remains without rotation and compression."""
    assert (read_log_name(name).stem, read_log_name(name).rotation) == (stem, rotation)


@pytest.mark.parametrize(
    ("name", "local_us"),
    [
        ("error.20260605", DAY_US),
        ("error.2026-06-05_13.log", DAY_US + 13 * 3600 * 10**6),
        ("error.2026060513", DAY_US + 13 * 3600 * 10**6),
        ("error.2026-06-05-13-45", DAY_US + (13 * 60 + 45) * 60 * 10**6),
        ("error.20260605T134501", DAY_US + ((13 * 60 + 45) * 60 + 1) * 10**6),
    ],
)
def test_dates(name: str, local_us: int) -> None:
    """A date in the name is read as far as it goes."""
    found = read_log_name(name)
    assert (found.local_us, found.epoch_s) == (local_us, None)


def test_epoch_and_number() -> None:
    """An epoch is rotatelogs', a short number logrotate's."""
    assert read_log_name("error.1780617600").epoch_s == 1_780_617_600
    assert read_log_name("error.log.3").number == 3
    assert read_log_name("error.log.3").epoch_s is None


@pytest.mark.parametrize(
    "name",
    ["error.log", "error.log.1", "error_log-20260605", "error.1780617600", "error.20260605.log"],
)
def test_compressed(name: str) -> None:
    """The end of a name that compression adds changes nothing else of it."""
    for end in (".gz", ".bz2", ".xz", ".zst"):
        assert read_log_name(name + end) == read_log_name(name)
    assert read_log_name(f"{name}.gz.txt") != read_log_name(name)


@given(st.text(st.characters(exclude_characters="/\0"), min_size=1))
def test_any_name(name: str) -> None:
    """Any name can be taken apart."""
    assert read_log_name(name).stem is not None


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("error.log", "access.log"),
        ("ssl_error_log", "ssl_access_log"),
        ("site-errors.log", "site-access.log"),
        ("example.err", "example.access"),
    ],
)
def test_access_names(stem: str, expected: str) -> None:
    """An access log is called as its error log, one word apart."""
    assert access_names(stem)[0] == expected


def test_no_analogy() -> None:
    """A name without the word has no analogue."""
    assert access_names("httpd.log") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("access.log.1", True), ("ssl_request_log", True), ("access_error.log", False), ("x", False)],
)
def test_looks_like_access_log(name: str, expected: bool) -> None:
    """Access logs are known by the words in their names."""
    assert looks_like_access_log(name) is expected
