"""`errlog format check` and `errlog format detect`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from logtool.commands.format import format_group
from logtool.errors import UsageError
from logtool.formats import detection as format_detection
from parsers.blocks import Block
from parsers.detection.detect import DetectedLayout, detect
from tests import places

LINE = b"[Sun Nov 22 14:26:38.335032 2026] [core:error] [pid 1:tid 2] [client ::1:9] AH00128: x\n"


def run(*arguments: str) -> Result:
    """Run `errlog format` with some arguments."""
    return CliRunner().invoke(format_group, arguments, standalone_mode=False)


def test_check_explains_and_proposes() -> None:
    """Items, samples, what to improve, and the better directive."""
    result = run("check", "[%t] [%l] [client %a] %M")
    assert result.exception is None
    assert "the client's address and port" in result.output
    assert "The time has no offset" in result.output
    assert result.output.splitlines()[-1].startswith('  ErrorLogFormat "[%{uz}t]')


def test_check_in_json() -> None:
    """The same as data."""
    data = json.loads(run("check", "--json", "[%t] %M").output)
    assert data["kind"] == "main"
    assert [item["text"] for item in data["items"]] == ["%t", "%M"]
    assert data["lints"][0]["rule"] == "offset"


def test_check_strict_tells_by_its_exit_status() -> None:
    """1 where something is to improve."""
    assert run("check", "--strict", "[%t] %M").return_value == 1
    good = r"[%{cuz}t] [%l] [pid %P] [client\ %a] [%-L] %M"
    assert run("check", "--strict", good).return_value == 0


def test_check_refuses_as_httpd_does() -> None:
    """With its reason, and a caret at the place."""
    result = run("check", "[%x] %M")
    assert isinstance(result.exception, UsageError)
    assert result.exception.lines[:3] == (
        "Unrecognized error log format directive %x",
        "  [%x] %M",
        "    ^",
    )


def test_detect_tells_layouts_and_misses(tmp_path: Path) -> None:
    """Each layout with its share; lines without one are shown."""
    log = tmp_path / "error.log"
    log.write_bytes(LINE * 3 + b"raw \x1b text\n")
    result = run("detect", str(log))
    assert result.output.splitlines() == [
        str(log),
        "   75.00%  httpd 2.4 built-in",
        "   25.00%  no layout, such as",
        "           raw \\x1b text",
    ]
    assert run("detect", "--strict", str(log)).return_value == 1
    data = json.loads(run("detect", "--json", str(log)).output)
    assert data["layouts"][0]["lines"] == 3


def test_detect_ranks_by_lines(tmp_path: Path) -> None:
    """The layout of most lines comes first, however much another one tells of its own."""
    log = tmp_path / "error.log"
    log.write_bytes(LINE + b"[Sun Nov 22 14:26:38 2026] [error] [client ::1] x\n" * 3)
    shares = [line.split()[0] for line in run("detect", str(log)).output.splitlines()[1:]]
    assert shares == ["75.00%", "25.00%"]


def test_detect_tells_what_a_member_has_from_its_set(tmp_path: Path) -> None:
    """Beside what its own lines would be read by."""
    log = tmp_path / "error.log"
    for member in (places.SAMPLE_LOGS / "rotated").glob("error.log*"):
        (tmp_path / member.name).write_bytes(member.read_bytes())
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b", referer " not in line))
    told = run("detect", f"{log}*").output.splitlines()
    assert told[-4:-1] == [
        str(log),
        "  100.00%  httpd 2.4 built-in",
        "   in its set  manual, threaded, as lines of its other members show",
    ]
    assert told[-1].strip().startswith("[%{u}t]")
    data = [json.loads(line) for line in run("detect", "--json", f"{log}*").output.splitlines()]
    assert [[one["name"] for one in each["of_set"]] for each in data] == [
        [], [], ["manual, threaded"]
    ]  # fmt: skip
    assert "in its set" not in run("detect", str(log)).output


def test_detect_looks_at_each_member_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a rotated set too: to find layouts takes most of the time."""
    looked: list[object] = []

    def counted(blocks: list[Block]) -> list[DetectedLayout]:
        looked.append(blocks)
        return detect(blocks)

    monkeypatch.setattr(format_detection, "detect", counted)
    log = places.SAMPLE_LOGS / "rotated" / "error.log"
    told = run("detect", f"{log}*").output
    assert len(looked) == len([line for line in told.splitlines() if line.startswith(str(log))])


def test_detect_says_when_it_is_no_error_log(tmp_path: Path) -> None:
    """Prose has no layout, and an empty file nothing to read."""
    log = tmp_path / "x"
    log.write_bytes(b"Dear diary\n")
    told = run("detect", str(log)).output
    assert "no line has a layout" in told
    assert "--format 'ErrorLogFormat'" in told
    log.write_bytes(b"Dear\ndiary\n" * 9)
    assert run("detect", str(log)).output.count("diary") == 2
    log.write_bytes(b"")
    assert "it is empty" in run("detect", str(log)).output
    assert run("detect", "--strict", str(log)).return_value == 0


@pytest.mark.parametrize(
    "lines",
    [
        '{"MESSAGE":"[core:info] x","_PID":"1","__REALTIME_TIMESTAMP":"1795357602868000"}\n',
        "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795357602868000\nMESSAGE=[core:info] x\n\n",
    ],
    ids=["json", "export"],
)
def test_detect_says_what_to_ask_of_a_journal(tmp_path: Path, lines: str) -> None:
    """Of its forms with fields that nobody here reads, the ones to ask for are told."""
    log = tmp_path / "journal"
    log.write_text(lines * 3)
    told = run("detect", str(log)).output
    assert "journalctl -o short-iso-precise" in told
    assert "ErrorLogFormat of yours" not in told
    log.write_text('{"msg": "_PID of another program"}\n')
    assert "journalctl" not in run("detect", str(log)).output


def test_detect_says_that_a_layout_is_probably_longer(tmp_path: Path) -> None:
    """Where it has a time and tells neither level nor process; not where it tells them."""
    log = tmp_path / "error.log"
    log.write_text("2026-11-27 13:47:39.192970\terror\t26265\t127.0.0.1:5\tNot Found: /x\n" * 30)
    assert "Messages may begin with more" in run("detect", str(log)).output
    log.write_bytes(LINE)
    assert "Messages may begin with more" not in run("detect", str(log)).output


def test_detect_says_how_to_tell_what_stands_before_a_time(tmp_path: Path) -> None:
    """No directive is known that prints it, and the pid may be left in the message."""
    log = tmp_path / "error.log"
    log.write_text("[prod] [Sun Nov 22 14:05:09 2026] [error] [pid 8] x\n")

    told = run("detect", str(log)).output

    assert "a time is found, but no process" in told
    assert "--format 'ErrorLogFormat'" in told


def test_check_contradicts_itself_nowhere() -> None:
    """Where a line can be read in two ways, nothing else is to change, but not nothing."""
    told = run("check", "[%{cuz}t] [%l] [pid %P] [%-{c}L] [%-L] %P %M").output

    assert "Can be read in two ways" in told
    assert "Nothing to change." not in told
    assert "Nothing to change." in run("check", "[%{cuz}t] [%l] [pid %P] [%-{c}L] [%-L] %M").output
