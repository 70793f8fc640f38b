"""`errlog pairs`: what it shows of requests."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from logtool.commands import pairs
from tests.parsers.served import served
from tests.places import SAMPLE_LOGS

LOG = """\
[Sun Nov 22 14:26:42.000000 2026] [ssl:info] [pid 9:tid 9] [client 1.2.3.4:5] AH01964: Connection to child 1 established (server localhost:443)
[Sun Nov 22 14:26:42.100000 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:5] WARNING shop: slow
[Sun Nov 22 14:26:42.200000 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:5] OSError: sys.stdout access restricted by mod_wsgi
[Sun Nov 22 14:26:43.000000 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:6] OSError: sys.stdout access restricted by mod_wsgi
"""  # noqa: E501 - lines of a log


Shown = Callable[..., list[str]]


@pytest.fixture(name="shown")
def _shown(capfd: pytest.CaptureFixture[str]) -> Shown:
    """The lines of the output, for some arguments."""

    def run(*arguments: str) -> list[str]:
        some = ["-q", "--server-tz", "UTC", *arguments]
        assert pairs.command.main(some, standalone_mode=False) == 0
        return capfd.readouterr().out.splitlines()

    return run


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A log of two requests."""
    path = tmp_path / "error.log"
    path.write_text(LOG)
    return str(path)


def test_told(shown: Shown, log: str) -> None:
    """A heading, how it was joined, and the lines with Python's own level beside httpd's."""
    assert shown("--client", "1.2.3.4:5", log)[:4] == [
        "2026-11-22T14:26:42Z  1.2.3.4:5  connection 1, request 1",
        "  joined by client, daemon after 100 ms, perhaps several requests",
        "  14:26:42.000000  worker 9  [ssl:info] AH01964: Connection to child 1 established "
        "(server localhost:443)",
        "  14:26:42.100000  daemon 7  [wsgi:error WARNING] WARNING shop: slow",
    ]


def test_a_long_wait_is_told_exactly(shown: Shown, log: str) -> None:
    """However long a daemon was waited for, it is told to the microsecond."""
    late = LOG.replace("14:26:42.1", "14:28:45.1").replace("14:26:42.2", "14:28:46.2")
    Path(log).write_text(late.replace("45.100000", "45.556789"))

    assert "daemon after 123,556.789 ms" in shown("--client", "1.2.3.4:5", log)[1]


def test_a_guess_is_told(shown: Shown, log: str, tmp_path: Path) -> None:
    """An access log's line that only host and second join is `perhaps` this request's."""
    when = '1.2.3.4 - - [22/Nov/2026:14:26:43 +0000] "GET /'
    (tmp_path / "access.log").write_text(f'{when} HTTP/1.1" 200 1\n')
    assert shown(log)[-1] == "  access, perhaps: GET / HTTP/1.1 200"
    Path(log).write_text(LOG.replace("OSError", "/mine OSError"))
    (tmp_path / "access.log").write_text(f'{when}mine HTTP/1.1" 200 1\n')
    assert shown(log)[-1] == "  access: GET /mine HTTP/1.1 200"


@pytest.mark.parametrize("named", [".", "err*.log"])
def test_access_log_of_a_folder(
    shown: Shown, log: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The access log beside is found however the error log is named."""
    when = '1.2.3.4 - - [22/Nov/2026:14:26:43 +0000] "GET /'
    (tmp_path / "access.log").write_text(f'{when} HTTP/1.1" 200 1\n')
    monkeypatch.chdir(tmp_path)
    assert shown(named) == shown(log)
    assert shown(named)[-1] == "  access, perhaps: GET / HTTP/1.1 200"


def test_explained(shown: Shown, log: str) -> None:
    """Cause and cure follow the first line that tells of a problem; later ones are named only."""
    lines = shown("-x", log)
    problem = [number for number, line in enumerate(lines) if "sys.stdout access" in line]
    assert lines[problem[0] + 1].startswith("    -- stdout-restricted (")
    assert lines[problem[0] + 2].startswith("    --   Cause: ")
    assert lines[problem[1] + 1] == lines[problem[0] + 1]
    assert len(lines) == problem[1] + 2
    assert not any("--" in line for line in shown(log))


def test_explained_json(shown: Shown, log: str) -> None:
    """In JSON each line names the rules that hold on it, if that is asked for."""
    some = [json.loads(line) for line in shown("-x", "--json", log)]
    rules = [line["rules"] for request in some for line in request["lines"]]
    assert rules == [[], [], ["stdout-restricted"], ["stdout-restricted"]]
    plain = [json.loads(line) for line in shown("--json", log)]
    assert all("rules" not in line for request in plain for line in request["lines"])


@pytest.mark.parametrize("beside", ["--neighbours", "--no-neighbours"])
@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLE_LOGS.iterdir()))
def test_samples(shown: Shown, sample: str, beside: str) -> None:
    """The lines of every request of every sample log are in UTC order, with access log or not."""
    lines = shown("--json", beside, str(SAMPLE_LOGS / sample / "error.log"))
    assert lines
    for line in lines:
        times = [said["utc"] for said in json.loads(line)["lines"] if said["utc"]]
        assert times == sorted(times, key=lambda time: time.rstrip("Z").ljust(26, "0"))


def test_controls_of_a_message(shown: Shown, tmp_path: Path) -> None:
    """They are as `query` and `view` show them, and no other line is begun by them."""
    path = tmp_path / "error.log"
    path.write_text(LOG.replace("shop: slow", r"shop: caf\xc3\xa9\nslow\tby \x1b[2J"))
    assert any(line.endswith(r"WARNING shop: café\nslow\tby \x1b[2J") for line in shown(str(path)))


@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("told", [True, False])
def test_whose_log_ids_are(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, early: bool, told: bool
) -> None:
    """Where neither lines nor --format tell whether they are requests', that is said."""
    directive = r"[%{uz}t] [%-m:%l] [pid %P] [%-{c}L] [%-L] %E: [client\ %a] %M"
    path = tmp_path / "error.log"
    path.write_text(served(directive, random.Random(1), early=early, requests=1))
    some = ["--format", directive, str(path)] if told else [str(path)]

    assert pairs.command.main(some, standalone_mode=False) == 0

    said = capfd.readouterr().err
    assert ("is not told by its lines; --format or --config does" in said) is not (early or told)


def test_an_access_log_in_json(shown: Shown, log: str, tmp_path: Path) -> None:
    """--config tells the LogFormat of an access log beside; without it the log says nothing."""
    (tmp_path / "access.log").write_text(
        '{"t":"2026-11-22T14:26:43+0000","ip":"1.2.3.4","r":"GET /mine","s":500}\n'
    )
    config = tmp_path / "httpd.conf"
    json_format = r"""{\"t\":\"%{%FT%T%z}t\",\"ip\":\"%a\",\"r\":\"%r\",\"s\":%>s}"""
    config.write_text(f'CustomLog {tmp_path}/access.log "{json_format}"\n')
    assert not any(line.startswith("  access") for line in shown(log))
    assert shown("--config", str(config), log)[-1] == "  access, perhaps: GET /mine 500"


def test_why_there_is_no_request(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A layout that is not wholly known loses clients; a choice of lines is a reason of its own."""
    log = tmp_path / "error.log"
    log.write_text("[Sun Nov 22 14:26:42 2026] [error] ?1.2.3.4:5? hello\n")
    for options, told in ((), True), (("-g", "no such text"), False):
        arguments = ["--server-tz", "UTC", *options, str(log)]
        assert pairs.command.main(arguments, standalone_mode=False) == 0
        out, err = capfd.readouterr()
        assert out == "no request found\n"
        assert ("no line was found to have a client or a log ID" in " ".join(err.split())) is told
