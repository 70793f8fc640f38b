"""`errlog report` as a command: files, exit statuses, and what is new."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from logtool.commands import report
from logtool.errors import ReadError, UsageError, WriteError
from tests.places import SAMPLE_LOGS

CRASH = SAMPLE_LOGS / "daemon_crash_and_rebirth" / "error.log"


def run(*arguments: object, word: click.Command = report.command) -> Result:
    """Run the command; its errors come as they are."""
    return CliRunner().invoke(
        word, [str(one) for one in arguments], catch_exceptions=False, standalone_mode=False
    )


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        ("html", b"<!DOCTYPE html>"),
        ("md", b"# Error log report"),
        ("json", b'{\n "schema": "errlog-report/1.5"'),
        ("csv", b"host,section,name,count"),
        ("parquet", b"PAR1"),
        ("txt", b"errlog 0."),
    ],
)
def test_file_endings(tmp_path: Path, ending: str, begins: bytes) -> None:
    """The ending of the file says how the report is written."""
    out = tmp_path / f"x.{ending}"

    assert run(CRASH, "-o", out).return_value == 0
    assert out.read_bytes().startswith(begins)


def test_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    """Without a file the report is text, without colours where nobody sees them."""
    run(CRASH)

    out = capfd.readouterr().out
    assert "KNOWN PROBLEMS" in out
    assert "\x1b" not in out
    assert all(len(line) <= 78 for line in out.splitlines() if "/" not in line)


def test_fail_on() -> None:
    """The exit status is 1 for a problem as severe or worse."""
    quiet = SAMPLE_LOGS / "quiet_server" / "error.log"

    assert run(CRASH, "--fail-on", "critical").return_value == 1
    assert run(CRASH, "--fail-on", "notice").return_value == 1
    assert run(quiet, "--fail-on", "critical").return_value == 0


def test_only_what_is_new(tmp_path: Path) -> None:
    """A second report tells nothing again, a third only what came in between."""
    log, state, out = tmp_path / "error.log", tmp_path / "state", tmp_path / "x.json"
    shutil.copy(CRASH, log)

    def told() -> dict[str, list[dict[str, object]]]:
        run(log, "--new-since", state, "-o", out)
        (host,) = json.loads(out.read_text())["hosts"]
        return {name: host[name] for name in ("findings", "exceptions", "messages")}

    first, second = told(), told()
    with log.open("a") as file:
        file.write(
            "[Mon Nov 23 19:59:17.000000 2026] [core:crit] [pid 13308:tid 13308] "
            "(24)Too many open files: AH00099: something unheard of\n"
        )
    third = told()

    assert all(first.values())
    assert not any(second.values())
    assert [one["template"] for one in third["messages"]] == ["AH00099: something unheard of"]
    assert third["messages"][0]["is_new"] is True
    assert third["exceptions"] == []


@pytest.mark.parametrize("ending", ["txt", "md", "html"])
def test_what_was_told_before_is_counted(tmp_path: Path, ending: str) -> None:
    """A second report says that there is nothing new, not that there is nothing."""
    out = tmp_path / f"x.{ending}"
    for _ in range(2):
        run(CRASH, "--new-since", tmp_path / "state", "-o", out)
    told = out.read_text().replace("\\", "")  # Markdown has them before brackets

    assert len(re.findall(r"none new \(\d+ in all\)", told)) == 2
    assert len(re.findall(r"None new \(\d+ in all\)\.", told)) == 2


def test_new_and_fail_on_agree(tmp_path: Path) -> None:
    """A problem that was told before does not fail again."""
    state = tmp_path / "state"

    assert run(CRASH, "--new-since", state, "--fail-on", "critical").return_value == 1
    assert run(CRASH, "--new-since", state, "--fail-on", "critical").return_value == 0


def test_resolved_times_are_told() -> None:
    """With -v the span of time is told in UTC."""
    ran = run(CRASH, "-v", "--since", "2026-11-23 20:59:11 +0100", "--until", "2026-11-23 19:59:13")

    assert "from 2026-11-23 19:59:11Z until 2026-11-23 19:59:13Z" in ran.stderr


def test_level_and_grep(tmp_path: Path) -> None:
    """Lines can be chosen by level and by text."""
    out = tmp_path / "x.json"

    run(CRASH, "-l", "warn", "-g", "AH0", "-o", out)

    lines = [
        line for line in CRASH.read_text().splitlines() if ":error]" in line or ":warn]" in line
    ]
    (host,) = json.loads(out.read_text())["hosts"]
    assert host["lines"] == sum("AH0" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (["-o", "x.doc"], UsageError, r"\.html"),
        (["-o", "x.jsn"], UsageError, r"did you mean \.json\?"),
        (["--host-pattern", "("], UsageError, "regular expression"),
        (["-o", "/nowhere/x.html"], WriteError, "No such file"),
        (["--new-since", "/"], ReadError, "/: Is a directory"),
        (["--new-since", str(CRASH)], ReadError, "no state file"),
    ],
)
def test_faults(arguments: list[str], error: type[Exception], said: str) -> None:
    """What makes no sense is told in a line; a foreign file is not taken for a state."""
    with pytest.raises(error, match=said):
        run(CRASH, *arguments)


def test_a_state_of_another_shape(tmp_path: Path) -> None:
    """Nor is one that says what none of errlog's does."""
    (tmp_path / "state").write_text('{"kind": "errlog-state/1", "known": 3}')
    with pytest.raises(ReadError, match="no state file"):
        run(CRASH, "--new-since", str(tmp_path / "state"))


def test_schema_is_printed() -> None:
    """--json-schema prints the schema of JSON reports."""
    assert json.loads(run("--json-schema").output)["title"] == "A report of errlog"


def test_torn_file(tmp_path: Path) -> None:
    """A report of a torn member tells so, and the exit status is 3."""
    import gzip

    log = tmp_path / "error.log.1.gz"
    log.write_bytes(gzip.compress(CRASH.read_bytes())[:-50])
    out = tmp_path / "x.json"

    assert run(log, "-o", out).return_value == 3
    (host,) = json.loads(out.read_text())["hosts"]
    assert host["files"][0]["faults"]
