"""Whatever a log holds, `errlog normalize` ends well and changes nothing but stamps.

ERRLOG_MUTATIONS sets how many mutated logs are tried (default 25); the seeds are fixed, so that a
failure can be repeated. ERRLOG_LONG=1 adds what takes minutes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.trust.mutations import mutated
from tests.trust.running import (
    SAMPLE_LOGS,
    assert_only_stamps_changed,
    normalized,
    samples,
    stamp_spans,
)

MUTATIONS = int(os.environ.get("ERRLOG_MUTATIONS", "25"))
LONG = "ERRLOG_LONG" in os.environ
BERLIN = SAMPLE_LOGS / "berlin_utc_django" / "error.log"


def _in_berlin(seed: int) -> list[str]:
    return ["--server-tz", "Europe/Berlin"] if seed % 3 else []


@pytest.mark.parametrize("seed", range(MUTATIONS))
def test_only_stamps_change(seed: int, tmp_path: Path) -> None:
    """A mutated log keeps every line and every byte beside its stamps; a second pass changes none.

    A line whose stamp could not be written is not told from one that has none.
    """
    logs = samples()
    log = mutated(logs[seed % len(logs)].read_bytes(), seed)

    once = normalized(log, tmp_path, *_in_berlin(seed))
    assert_only_stamps_changed(log, once, stamp_spans(tmp_path))

    assert normalized(once, tmp_path, *_in_berlin(seed)) == once


def _huge(size: int) -> dict[str, bytes]:
    head = BERLIN.read_bytes()
    stamp = b"[Mon Nov 23 20:58:22.846903 2026] [core:error] [pid 1:tid 1] "
    return {
        "no newline": head + stamp + b"x" * size,
        "stamps without newline": head + stamp * (size // len(stamp)),
        "empty lines": head + b"\n" * (size // 50),
        "NUL": head + b"\0" * size + b"\n" + head,
        "brackets": head + b"[" * size,
        "blanks": head + stamp + b" " * size + b"x\n" + head,
        "one line each": b"[\n" * (size // 50),
        "only newlines and returns": b"\r\n" * (size // 50),
    }


@pytest.mark.parametrize("kind", list(_huge(0)))
def test_huge(kind: str, tmp_path: Path) -> None:
    """Megabytes without a line, or of nothing but lines, come out as they are."""
    log = _huge(100_000_000 if LONG else 5_000_000)[kind]

    once = normalized(log, tmp_path, "--server-tz", "Europe/Berlin")

    assert_only_stamps_changed(log, once, stamp_spans(tmp_path))


@pytest.mark.parametrize("year", ["0000", "0001", "1970", "2038", "9999"])
@pytest.mark.parametrize("sample", ["berlin_utc_django", "fall_back"])
@pytest.mark.parametrize("server_tz", [[], ["--server-tz", "Europe/Berlin"]])
def test_one_forged_year_moves_no_other_line(
    year: str, sample: str, server_tz: list[str], tmp_path: Path
) -> None:
    """A raw line that claims any year leaves the clocks of all lines before it as they were."""
    log = (SAMPLE_LOGS / sample / "error.log").read_bytes()
    forged = f"[Mon Nov 23 20:58:22.846903 {year}] [core:notice] [pid 1:tid 1] forged\n".encode()

    honest = normalized(log, tmp_path, *server_tz)

    assert normalized(log + forged, tmp_path, *server_tz).startswith(honest)
