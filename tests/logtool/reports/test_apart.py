"""Apart: what children read makes the report that one process makes, whatever happens to them."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from itertools import count, islice
from pathlib import Path

import pytest

from benchmarks.large_log import lives
from tests.logtool.reports.conftest import SAMPLES, report_by


@pytest.fixture(name="logs", scope="module")
def _logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three members of a rotated set, the oldest compressed, one with lines that nobody knows."""
    folder = tmp_path_factory.mktemp("logs")
    texts = [b"".join(islice(some, 560)) for some in [lives(vary=True)] for _ in range(3)]
    assert all(len(text) > 9 << 20 for text in texts)
    (folder / "error.log.2.gz").write_bytes(gzip.compress(texts[0], 1))
    (folder / "error.log.1").write_bytes(texts[1] + b"what is that?\n\xff\xfe\n")
    (folder / "error.log").write_bytes(texts[2][:-40])
    return folder


def test_children_make_the_same_report(logs: Path, tmp_path: Path) -> None:
    """Every number, of logs that are compressed and that are not."""
    assert report_by("apart", logs, tmp_path) == report_by("here", logs, tmp_path)


def test_children_do_without_polars(logs: Path, tmp_path: Path) -> None:
    """Whoever loads it in a child would take 60 MB and a quarter of a second."""
    options = ("--since", "2026-11-23 21:00", "--until", "2026-12-24 21:00:00.5")
    told = report_by("bare", logs, tmp_path, *options)

    assert told == report_by("here", logs, tmp_path, *options)
    assert told["hosts"][0]["lines"] > 0


def test_children_find_out_themselves_what_is_new(logs: Path, tmp_path: Path) -> None:
    """Where new messages are many, children tell what is to be known of them."""
    assert report_by("learned", logs, tmp_path) == report_by("here", logs, tmp_path)


def test_many_clocks_are_put_into_words_before_lines_are_counted(
    logs: Path, tmp_path: Path
) -> None:
    """Both would take much memory at once; what is told is the same."""
    assert report_by("many clocks", logs, tmp_path) == report_by("here", logs, tmp_path)


def test_layouts_that_differ_in_where_a_message_ends(tmp_path: Path) -> None:
    """It does not matter which of two logs is read first, or by whom."""
    logs = SAMPLES / "rotated"

    assert report_by("learned", logs, tmp_path) == report_by("here", logs, tmp_path)


def test_children_choose_lines(logs: Path, tmp_path: Path) -> None:
    """Children leave out the lines that are not asked for."""
    options = ("--level", "warn", "--grep", "shop|Trace")
    told = report_by("apart", logs, tmp_path, *options)

    assert told == report_by("here", logs, tmp_path, *options)
    assert told["hosts"][0]["lines"] > 0


def test_children_for_each_host(logs: Path, tmp_path: Path) -> None:
    """Each of several hosts has children: nothing that is made of the first loads polars here."""
    hosts = tmp_path / "hosts"
    for name, member in (("web1", "error.log.1"), ("web2", "error.log.2.gz")):
        (hosts / name).mkdir(parents=True)
        (hosts / name / "error.log").write_bytes((logs / member).read_bytes())
    told = report_by("hosts", hosts, tmp_path, "--by-host")

    assert told == report_by("here", hosts, tmp_path, "--by-host")
    assert [one["host"] for one in told["hosts"]] == ["web1", "web2"]


def test_clients_that_are_too_many_for_a_child(logs: Path, tmp_path: Path) -> None:
    """It names them anew, from time to time: each is counted right nevertheless."""
    known = count()
    log = tmp_path / "error.log"
    text = (logs / "error.log").read_bytes()
    log.write_bytes(re.sub(rb"127\.0\.0\.1", lambda _: b"10.0.0.%d" % (next(known) % 200), text))
    few, here = (report_by(how, log, tmp_path)["hosts"][0] for how in ("few", "here"))

    assert few["clients"] == here["clients"]
    assert few["forgotten_clients"] == 0


def test_a_fifo_among_several_hosts(tmp_path: Path) -> None:
    """Nothing is read of it before it is read."""
    plain, fifo = tmp_path / "web1" / "error.log", tmp_path / "web2" / "error.log"
    for path in (plain, fifo):
        path.parent.mkdir()
    sample = SAMPLES / "compact" / "error.log"
    plain.write_bytes(sample.read_bytes())
    os.mkfifo(fifo)
    out = tmp_path / "report.json"
    command = [sys.executable, "-m", "logtool", "report", "-q", "--by-host"]
    command += [str(plain), str(fifo), "-o", str(out)]
    with subprocess.Popen(["/bin/sh", "-c", 'cat "$1" > "$2"', "sh", str(sample), str(fifo)]):
        subprocess.run(command, check=True, timeout=600)

    first, second = json.loads(out.read_text())["hosts"]
    assert first["lines"] == second["lines"] > 0


def test_a_child_that_dies(logs: Path, tmp_path: Path) -> None:
    """What a dead child leaves undone is done here."""
    assert report_by("killed", logs, tmp_path) == report_by("here", logs, tmp_path)


@pytest.mark.parametrize("how", ["bare clocks", "told", "many, told"])
def test_a_child_that_dies_while_it_finds_clocks(how: str, logs: Path, tmp_path: Path) -> None:
    """They are found here then, or what is told of them."""
    assert report_by(how, logs, tmp_path) == report_by("here", logs, tmp_path)


def test_a_child_that_dies_while_it_counts(logs: Path, tmp_path: Path) -> None:
    """All is counted here then."""
    assert report_by("uncounted", logs, tmp_path) == report_by("here", logs, tmp_path)


def test_a_child_that_fails_while_it_counts(logs: Path, tmp_path: Path) -> None:
    """What it has counted so far is no report."""
    assert report_by("miscounted", logs, tmp_path) == report_by("here", logs, tmp_path)


def test_a_child_that_fails_before_it_counts(logs: Path, tmp_path: Path) -> None:
    """Of plain logs work is given ahead: what was given then is no report either."""
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("error.log.1", "error.log"):
        (plain / name).write_bytes((logs / name).read_bytes())
    assert report_by("miscounted", plain, tmp_path) == report_by("here", plain, tmp_path)


def test_a_log_that_changes_in_between(logs: Path, tmp_path: Path) -> None:
    """A log that is written over between two readings is read on, and no fault of errlog's."""
    whole = report_by("here", logs, tmp_path)["hosts"][0]
    changed = report_by("changed", logs, tmp_path)["hosts"][0]

    assert abs(changed["lines"] - whole["lines"]) <= 1
    assert [one["name"] for one in changed["files"]] == [one["name"] for one in whole["files"]]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--grep", "(", "errlog: --grep: '(' is no regular expression"),
        ("--rules", "{}/none.toml", "none.toml"),
    ],
)
def test_what_is_refused_is_told_at_once(
    option: str, value: str, told: str, tmp_path: Path
) -> None:
    """A bad expression or rule file is told before any log is read."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # nobody writes into it: whoever reads it waits for ever
    command = [sys.executable, "-m", "logtool", "report", str(pipe), option, value.format(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)

    assert done.returncode in (2, 3)
    assert told in done.stderr
    assert len(done.stderr.splitlines()) <= 3
