"""Options that the commands share: declared by each, and meaning the same."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from logtool.__main__ import run
from logtool.commands import errlog
from logtool.commands.selection import Selection
from logtool.commands.view import filter_of
from logtool.tui.model.chosen.filters import parse_filter
from tests import places

BERLIN = str(places.SAMPLE_LOGS / "berlin_utc_django" / "error.log")
#: As scripts may use them.
READING = (
    *("--server-tz", "--clock", "--format", "--config", "--access-log", "--audit-log"),
    *("--no-neighbours", "--strict", "--color", "-q", "-v"),
)
CHOOSING = ("-S", "--since", "-U", "--until", "-l", "--level", "-g", "--grep")
#: Any finding of a log with two zones will do.
BASE = ("-q", "--server-tz", "Europe/Berlin")


def shown(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The output of a run that goes well."""
    assert run(list(arguments)) == 0
    return capfd.readouterr().out


@pytest.mark.parametrize(
    "word", ["normalize", "clocks", "flags", "pairs", "report", "export", "query", "view"]
)
def test_every_word_that_reads_logs_has_them(word: str) -> None:
    """Whoever knows the options of one command knows those of the others."""
    command = errlog.get_command(click.Context(errlog), word)
    assert command
    known = {
        name
        for one in command.params
        for name in (*one.opts, *one.secondary_opts)
        if isinstance(one, click.Option)
    }
    assert {*READING, *CHOOSING} - known == set()


@pytest.mark.parametrize("word", ["flags", "pairs", "clocks"])
def test_color(
    word: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Colours come where they are asked for, and change nothing else."""
    plain = shown(capfd, word, *BASE, BERLIN)
    colored = shown(capfd, word, *BASE, "--color", "always", BERLIN)
    assert "\x1b" not in plain
    assert "\x1b[0m" in colored
    assert click.unstyle(colored) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert shown(capfd, word, *BASE, "--color", "auto", BERLIN) == plain


@pytest.mark.parametrize("grep", ["report started", r'a "quoted" \d+', "level>=warn", "!x"])
def test_view_begins_with_a_filter(grep: str) -> None:
    """What is chosen on the command line is the filter that a user could have typed."""
    since = datetime(2026, 11, 23, 19, 58, 24, 500_000, tzinfo=UTC)
    chosen = parse_filter(filter_of(Selection(since, None, "warn", grep)))
    assert [(term.name, term.sign, term.value) for term in chosen.terms] == [
        ("level", ">=", "warn"),
        ("since", "=", "2026-11-23T19:58:24.500000Z"),
    ]
    assert [pattern.text for pattern in chosen.include] == [grep]
    assert filter_of(Selection(None, None, None, None)) == ""


@pytest.mark.parametrize("grep", [r"say \"hi\"", r'C:\\"tmp', r'"\\', r"\\\"", '"'])
def test_view_takes_any_expression(grep: str) -> None:
    """Quotes and backslashes of an expression mean in the filter of `view` what they mean in it."""
    (pattern,) = parse_filter(filter_of(Selection(None, None, None, grep))).include

    for text in ('say "hi"', 'C:\\"tmp', '"\\', '\\"', '"', "\\", ""):
        assert bool(re.search(pattern.text, text)) == bool(re.search(grep, text))


def test_lines_of_a_log_are_never_colored(capfd: pytest.CaptureFixture[str]) -> None:
    """Normalize changes nothing but stamps."""
    plain = shown(capfd, "normalize", *BASE, BERLIN)
    assert shown(capfd, "normalize", *BASE, "--color", "always", BERLIN) == plain


@pytest.mark.parametrize(
    ("selection", "groups"),
    [
        ((), {None, "shop"}),
        (("-g", "report started"), {"shop"}),
        (("-l", "error", "-g", "HTTP: failed to make connection"), {None}),
        (("-U", "2026-11-23T19:58:22.900000Z"), {None, "shop"}),
        (("-l", "emerg"), set()),
    ],
)
def test_chosen_clocks(
    selection: tuple[str, ...], groups: set[str | None], capfd: pytest.CaptureFixture[str]
) -> None:
    """Only clocks that stamp a chosen line are told, as they are told among all."""
    every = shown(capfd, "clocks", *BASE, "--json", BERLIN).splitlines()
    some = shown(capfd, "clocks", *BASE, "--json", *selection, BERLIN).splitlines()
    assert [line for line in every if line in some] == some
    assert {json.loads(line)["group"] for line in some} == groups


def test_chosen_requests(capfd: pytest.CaptureFixture[str]) -> None:
    """A request is told whole if one of its lines is chosen, and numbered as among all."""
    every = shown(capfd, "pairs", *BASE, "--json", BERLIN).splitlines()
    some = shown(capfd, "pairs", *BASE, "--json", "-g", "HTTP: failed", BERLIN).splitlines()
    assert 0 < len(some) < len(every)
    told = [any("HTTP: failed" in (x["message"] or "") for x in json.loads(line)["lines"])
            for line in every]  # fmt: skip
    assert some == [line for line, is_told in zip(every, told, strict=True) if is_told]


STDOUT = """\
[Sun Nov 22 14:26:42.000000 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:5] Traceback (most recent call last):
[Sun Nov 22 14:26:42.000001 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:5]   File "/srv/app.wsgi", line 3, in application
[Sun Nov 22 14:26:42.000002 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:5] OSError: sys.stdout access restricted by mod_wsgi
[Sun Nov 22 15:26:43.000000 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:6] OSError: sys.stdout access restricted by mod_wsgi
"""  # noqa: E501 - lines of a log


@pytest.mark.parametrize(
    ("selection", "count"),
    [
        ((), 2),
        (("-S", "2026-11-22T15:00:00Z"), 1),
        (("-U", "2026-11-22T15:00:00Z"), 1),
        (("-g", "app.wsgi"), 1),  # an event counts if any of its lines does
        (("-l", "crit"), 0),
    ],
)
def test_chosen_events(
    selection: tuple[str, ...], count: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A problem counts as often as there are chosen events of it."""
    log = tmp_path / "error.log"
    log.write_text(STDOUT)
    some = ("flags", "-q", "--server-tz", "UTC", "--json", "--rule", "stdout-restricted")
    found = [json.loads(line) for line in shown(capfd, *some, *selection, str(log)).splitlines()]
    assert sum(one["count"] for one in found) == count


@pytest.mark.parametrize(("word", "told"), [("flags", "known problem"), ("pairs", "request")])
@pytest.mark.parametrize("text", ["", "garbage\nand more of it\n"])
def test_nothing_read(
    word: str, told: str, text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of a log of which no line could be read that is said, in the words of normalize."""
    path = tmp_path / "error.log"
    path.write_text(text)
    assert run(["normalize", str(path)]) == 0
    said = capfd.readouterr().err
    assert ("2 lines with no known layout" in said) == bool(text)
    assert run([word, str(path)]) == 0
    nothing = f"no {told} found"
    if word == "flags" and text:
        nothing = "no line was understood: 2 lines with no known layout"
    assert capfd.readouterr() == (f"{nothing}\n", said)
    assert run([word, "-q", "--json", str(path)]) == 0
    assert capfd.readouterr() == ("", "")


def test_a_glob_of_a_log_to_come(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nobody knows which file that will be: what to write instead is told."""
    glob = str(tmp_path / "error*")
    assert run(["normalize", "-f", glob]) == 3
    told = " ".join(capfd.readouterr().err.split())
    assert told.startswith(f"errlog: {glob}: no file matches; a log that is still to come is named")


@pytest.mark.parametrize(
    "word", [["normalize"], ["flags"], ["pairs"], ["clocks"], ["clocks", "--json"]]
)
@pytest.mark.parametrize(("lines", "all_of_them"), [(3, True), (2, False)])
def test_nothing_understood(
    word: list[str],
    lines: int,
    all_of_them: bool,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Of a log of which nothing is understood the last word is that, and what to do."""
    path = tmp_path / "error.log"
    path.write_text("garbage\n" * lines + STDOUT * (not all_of_them))
    assert run([*word, "--server-tz", "UTC", str(path)]) == 0
    said = capfd.readouterr().err.strip().rpartition("errlog: ")[2]
    told = "NOTHING WAS UNDERSTOOD of 3 lines: errlog format detect shows what they look like, "
    told += "--format 'ErrorLogFormat' or --config HTTPD.CONF names their layout; of a "
    told += (
        "journal, journalctl -o short-iso-precise gives lines that are understood, and -o json none"
    )
    assert (" ".join(said.split()) == told) == all_of_them
    assert ("NOTHING" in said) == all_of_them


def test_heads_without_a_time(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Lines that syslog dated are told without its heads, and which format of it tells instants."""
    path, line = tmp_path / "error.log", "[wsgi:info] [pid 5:tid 5] a\n"
    path.write_text(line * 3)
    assert run(["normalize", "--server-tz", "UTC", str(path)]) == 0
    said = " ".join(capfd.readouterr().err.split())
    assert "errlog: NO LINE HAS A TIME: httpd leaves it to syslog and the journal" in said
    assert "those of RSYSLOG_FileFormat and journalctl -o short-iso-precise tell instants" in said
    path.write_text(f"Mar  7 23:00:00 web1 apache2[5]: {line}" * 3)
    assert run(["normalize", "--server-tz", "UTC", str(path)]) == 0
    said = " ".join(capfd.readouterr().err.split())
    assert "NO LINE" not in said
    assert "note: lines of" in said
    assert "write no year" in said


@pytest.mark.parametrize("word", [["query", "SELECT utc FROM log"], ["export", "-o", "x.csv"]])
def test_tables_without_a_time(
    word: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Who asks for a table is told that none of its lines has a time."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "error.log").write_text("garbage\n" * 2)
    for quiet, told in (([], "errlog: no line with a time\n"), (["-q"], "")):
        assert run([*word, *quiet, "error.log"]) == 0
        assert capfd.readouterr().err == told


@pytest.mark.parametrize(
    ("terminal", "columns", "expected"), [(True, 72, 72), (True, 20, 60), (False, 200, 100)]
)
@pytest.mark.parametrize("word", ["flags", "clocks"])
def test_sentences_fit(
    word: str,
    terminal: bool,
    columns: int,
    expected: int,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cause, cure, notes and advice fit the terminal, or 100 columns where there is none.

    A word that is longer, such as a URL, is never broken.
    """
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    lines = shown(capfd, word, *BASE, "--color", "never", BERLIN).splitlines()
    sentences = ("  note: ", "  cause: ", "  cure: ", "advice: ", "    ")
    told = [line for line in lines if line.startswith(sentences) and "error.log" not in line]
    some = [line for line in told if line.startswith(sentences[:-1])]
    assert some
    told = told if word == "flags" else lines[lines.index(some[0]) :]
    assert all(len(line) <= expected for line in told if len(line.split()) > 1)
    assert max(map(len, told)) > expected - 15


@pytest.mark.parametrize(
    "words",
    [("export", "-o", "x.csv"), ("query", "SELECT utc FROM log"), ("flags",), ("pairs",)],
    ids=lambda words: words[0],
)
def test_assumed_instants_are_told(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """On standard error, unless --quiet asks for none of it."""
    monkeypatch.chdir(tmp_path)
    line = "[Mon Nov 23 20:58:22.844548 2026] [wsgi:error] [pid 1:tid 1] [remote 192.0.2.7:1] x\n"
    Path("error.log").write_text(line)
    assert run([*words, "error.log"]) == 0
    assert "errlog: 1 line rests on an assumption: " in capfd.readouterr().err
    assert run([*words, "-q", "error.log"]) == 0
    assert capfd.readouterr().err == ""
