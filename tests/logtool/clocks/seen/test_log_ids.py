"""Log ids carry real time."""

from __future__ import annotations

import re

import pytest

from logtool.clocks.seen.log_ids import PERIOD_US, core_id_us, unique_id_us
from parsers.units import SECOND
from tests.exactness import us
from tests.test_samples import SAMPLE_LOGS


def test_a_core_id_of_a_real_apache() -> None:
    """The low 32 bits, little-endian, as read in a run of httpd 2.4.71."""
    assert core_id_us(b"oVYEEd7eRQA") == 285_496_993


@pytest.mark.parametrize(
    "text", [b"", b"-", b"oVYEEd7eRQ", b"oVYEEd7eRQ!", b"oVYEEd7eRQAA", b"oVY!Ed!7!!e"]
)
def test_no_core_id(text: bytes) -> None:
    """What is not 11 characters of base64 carries nothing."""
    assert core_id_us(text) is None


@pytest.mark.parametrize("length", [24, 27])
def test_a_unique_id(length: int) -> None:
    """The first 32 bits, big-endian, are the second of the request, as read in a run of httpd."""
    assert unique_id_us(b"awL4SB".ljust(length, b"A")) == us("2026-11-22T14:12:24Z")


@pytest.mark.parametrize(
    "text", [b"", b"awL4SB", b"aw L4SBAAAAAAAAAAAAAAAAAAAA", b"aw!L4!!!".ljust(24, b"A")]
)
def test_no_unique_id(text: bytes) -> None:
    """What has another length or alphabet carries nothing."""
    assert unique_id_us(text) is None


@pytest.mark.parametrize("head", [b"-_", b"@-"])
def test_both_alphabets(head: bytes) -> None:
    """The last two characters of mod_unique_id's alphabet are not those of base64."""
    assert unique_id_us(head.ljust(27, b"A")) == 0xFBF00000 * SECOND


def test_ids_of_a_sample_are_of_their_time() -> None:
    """In a real log each id was made at most twenty seconds before its line, modulo its period."""
    folder = SAMPLE_LOGS / "log_ids"
    lines = (folder / "error.log").read_bytes().splitlines()
    ages = []
    for line, instant in zip(lines, (folder / "truth.txt").read_text().split(), strict=True):
        for text in re.findall(rb"\[([\w+/]{11})\]", line):
            made = core_id_us(text)
            assert made is not None
            ages.append((us(instant) - made) % PERIOD_US)
    assert len(ages) > 50
    assert max(ages) < 20 * SECOND
