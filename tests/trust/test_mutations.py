"""Whatever a log holds, `errlog normalize` ends well and changes nothing but stamps.

ERRLOG_MUTATIONS sets how many mutated logs are tried (default 25); the seeds are fixed, so that a
failure can be repeated. ERRLOG_LONG=1 adds what takes minutes.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.trust.mutations import MUTATIONS as MUTATIONS_OF_LOGS
from tests.trust.mutations import Mutation, mutated
from tests.trust.running import (
    CUZ,
    ERRLOG,
    ROOT,
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


@pytest.mark.parametrize("option", ["-f", "--stream"])
@pytest.mark.parametrize("mutation", MUTATIONS_OF_LOGS, ids=lambda one: one.__name__)
def test_only_stamps_change_in_a_pipe(mutation: Mutation, option: str, tmp_path: Path) -> None:
    """Read as it flows, in pieces cut anywhere, a mutated log keeps lines and bytes as well."""
    chance = random.Random(mutation.__name__)
    log = mutation(BERLIN.read_bytes(), chance)
    (tmp_path / "in.log").write_bytes(log)
    command = [*ERRLOG, "normalize", "-q", option, "--server-tz", "Europe/Berlin"]
    with (tmp_path / "out").open("wb") as out:
        ran = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.PIPE
        )
        assert ran.stdin is not None
        cuts = sorted(chance.randint(0, len(log)) for _ in range(4))
        for begin, end in pairwise([0, *cuts, len(log)]):
            ran.stdin.write(log[begin:end])
            ran.stdin.flush()
            time.sleep(0.05)
        said = ran.communicate()[1]

    assert ran.returncode == 0, said
    # What --stream had to revise is told.
    assert [line for line in said.splitlines() if b"was wrong, it is" not in line] == []
    _assert_only_stamps_changed(log, (tmp_path / "out").read_bytes())


@pytest.mark.parametrize("mutation", MUTATIONS_OF_LOGS, ids=lambda one: one.__name__)
def test_only_stamps_change_in_a_growing_log(mutation: Mutation, tmp_path: Path) -> None:
    """A log that grows by mutated pieces while it is followed comes out whole."""
    chance = random.Random(mutation.__name__)
    first = BERLIN.read_bytes().partition(b"\n")[0] + b"\n"  # when it is out, signals are heard
    log = first + mutation(BERLIN.read_bytes(), chance)
    path, out = tmp_path / "error.log", tmp_path / "out"
    half = chance.randint(len(first), len(log))
    path.write_bytes(log[:half])
    command = [*ERRLOG, "normalize", "-q", "-f", "--no-neighbours", str(path)]
    with (
        out.open("wb") as target,
        subprocess.Popen(command, cwd=ROOT, stdout=target, stderr=subprocess.PIPE) as ran,
    ):
        _await_lines(out, log[:half].count(b"\n"), ran)
        with path.open("ab") as growing:
            growing.write(log[half:])
        _await_lines(out, log.count(b"\n"), ran)
        ran.send_signal(signal.SIGINT)
        said = ran.communicate()[1]
        assert (ran.returncode, said) == (130, b"")
    _assert_only_stamps_changed(log, out.read_bytes())


def _await_lines(path: Path, lines: int, ran: subprocess.Popen[bytes]) -> None:
    while path.read_bytes().count(b"\n") < lines:
        assert ran.poll() is None
        time.sleep(0.05)


def _assert_only_stamps_changed(before: bytes, after: bytes) -> None:
    """As many lines, each the same but for one stamp in it."""
    old, new = before.split(b"\n"), after.split(b"\n")
    assert len(old) == len(new)
    for number, (line, written) in enumerate(zip(old, new, strict=True), 1):
        if line != written:
            assert any(
                line.startswith(written[: one.start()]) and line.endswith(written[one.end() :])
                for one in CUZ.finditer(written)
            ), (number, line, written)


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
