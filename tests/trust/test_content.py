"""What attackers write into logs, and the names of files, act on nobody."""

from __future__ import annotations

import csv
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from logtool.flags.wsgi_codes import default_rules
from tests.exactness import clocks_and_answers, overconfident
from tests.trust.hostile import NAME, RAW_CONTROL, hostile_log
from tests.trust.running import ROOT, SAMPLE_LOGS, errlog

#: Colours that errlog writes itself when it is told to.
_OWN_COLOURS = re.compile("\x1b\\[[0-9;]*m")
#: Words whose answer is for people or programs, not a log's own bytes. `{}` is the log.
COMMANDS = (
    ["normalize", "-v", "{}"], ["clocks", "{}"], ["clocks", "-v", "{}"], ["clocks", "--json", "{}"],
    ["clocks", "--explain", "5", "{}"], ["clocks", "--explain", "99999", "{}"], ["flags", "{}"],
    ["flags", "--json", "{}"], ["pairs", "{}"], ["pairs", "--json", "{}"], ["report", "{}"],
    ["query", "SELECT * FROM log", "{}"], ["query", "--json", "SELECT * FROM log", "{}"],
    ["format", "detect", "{}"], ["format", "detect", "--json", "{}"], ["format", "config", "{}"],
    ["format", "config", "--json", "{}"], ["normalize", "--config", "{}", "{}"],
    ["format", "check", "%M \x1b[2J"], ["format", "check", "%q\x1b[2J"], ["explain", "\x1b[2J"],
    ["normalize", "{}", "/nowhere/\x1b[2J"], ["normalize", "--server-tz", "\x1b[2J", "{}"],
    ["normalize", "--clock", "\x1b[2J", "{}"], ["normalize", "-o", "/nowhere/\x1b[2J/x", "{}"],
    ["flags", "--rules", "{}", "{}"], ["report", "-o", "x.\x1b[2J", "{}"], ["\x1b[2J"],
)  # fmt: skip


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hostile log with a hostile name."""
    path = tmp_path_factory.mktemp("hostile") / NAME
    path.write_bytes(hostile_log())
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: ascii(" ".join(command)))
def test_nothing_acts_on_a_terminal(command: list[str], log: Path) -> None:
    """No answer holds a control, a bidirectional mark or an invisible character of the log's."""
    ran = errlog(*(str(log) if word == "{}" else word for word in command))
    shown = ran.stderr if command[0] == "normalize" else ran.stdout + ran.stderr

    assert ran.returncode in (0, 2, 3)
    assert not RAW_CONTROL.findall(shown.decode())


@pytest.mark.parametrize(
    "command", [["clocks"], ["flags"], ["pairs"], ["report"], ["query", "SELECT 1 FROM log"]],
    ids=lambda command: str(command[0]),
)  # fmt: skip
def test_faults_are_told_safely(command: list[str], tmp_path: Path) -> None:
    """The name of a damaged file is written out."""
    log = tmp_path / f"{NAME}.gz"
    log.write_bytes(gzip.compress(hostile_log())[:-30])

    ran = errlog(*command, log)

    assert ran.returncode == 3
    assert not RAW_CONTROL.findall(ran.stderr.decode())


def test_colours_are_our_own(log: Path) -> None:
    """With colours a report holds those, and nothing of the log's."""
    shown = errlog("report", "--color", "always", log).stdout.decode()

    assert not RAW_CONTROL.findall(_OWN_COLOURS.sub("", shown))


class _Page(HTMLParser):
    """What a browser would run of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.addresses: list[str] = []
        self.images = 0
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what acts."""
        self._inside = tag == "script"
        self.scripts += [""] * self._inside
        self.images += tag in ("img", "iframe", "object", "embed")
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        """A script ends."""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """A script's text."""
        if self._inside:
            self.scripts[-1] += data


def test_html_runs_only_our_script(log: Path, tmp_path: Path) -> None:
    """The page holds the script that comes with errlog, no handler, image or address elsewhere.

    But for what rules name to be read on, which is a link.
    """
    target = tmp_path / "report.html"
    assert errlog("report", "-o", target, log).returncode == 0
    text = target.read_text()
    page = _Page(text)

    ours = (ROOT / "logtool" / "reports" / "outputs" / "page.js").read_text()
    assert [script.strip() for script in page.scripts] == [ours.strip()]
    assert page.handlers == []
    assert page.images == 0
    elsewhere = {address for address in page.addresses if not address.startswith("#")}
    assert elsewhere <= {"data:,", *(rule.see for rule in default_rules())}
    assert not RAW_CONTROL.findall(text)


@pytest.mark.parametrize("command", ["report", "export"])
def test_csv_cells_are_no_formulas(command: str, log: Path, tmp_path: Path) -> None:
    """No cell begins, behind blanks, with what a spreadsheet computes; numbers may be negative."""
    target = tmp_path / "out.csv"
    assert errlog(command, "-o", target, log).returncode == 0
    with target.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]

    acting = [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@|%")]
    assert [cell for cell in acting if not re.fullmatch(r"-?\d+(\.\d+)?", cell)] == []
    assert not RAW_CONTROL.findall("".join(cells))


def test_markdown_and_json_are_safe_to_show(log: Path, tmp_path: Path) -> None:
    """A Markdown report has no markup of the log's outside code; the JSON one is JSON."""
    for ending in ("md", "json"):
        assert errlog("report", "-o", tmp_path / f"x.{ending}", log).returncode == 0
    text = (tmp_path / "x.md").read_text()
    shown = [line for line in text.splitlines() if not line.startswith("    ")]

    assert [line for line in shown if "<script" in line or "<img" in line] == []
    assert [line for line in shown if re.search(r"(?<!\\)\]\(javascript", line)] == []
    assert not RAW_CONTROL.findall(text)
    json.loads((tmp_path / "x.json").read_text())


#: Raw lines (only what writes to descriptor 2 can make them) that claim to be somebody.
FORGED = (
    "[Mon Nov 23 08:00:00.000000 2026] [core:notice] [pid {}:tid 1] AH00094: Command line: 'x'",
    "[Mon Nov 23 23:59:59.000000 2026] [wsgi:error] [pid {}:tid 1] hello",
    "[Tue Nov 24 23:59:59.000000 2026] [wsgi:info] [pid {}:tid 1] mod_wsgi (pid={}): Attach "
    "interpreter ''.",
    "2026-11-23 00:00:00 +1400 [pid {}] hello",
    "[2026-11-23 03:00:00.000000 -1200] [core:error] [pid {}:tid 1] hello",
)  # fmt: skip


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("sample", ["berlin_utc_django", "three_groups", "tzset_mid_life"])
def test_forged_lines_make_no_certain_clock_wrong(
    forged: str, times: int, sample: str, tmp_path: Path
) -> None:
    """Raw lines that imitate a stamp and a real pid leave no other line certain of a wrong time."""
    folder = SAMPLE_LOGS / sample
    lines = (folder / "error.log").read_text().splitlines(keepends=True)
    truth = (folder / "truth.txt").read_text().split()
    pids = sorted({found[1] for line in lines if (found := re.search(r"\[pid (\d+)", line))})
    places = [len(lines) * part // (times + 1) for part in range(1, times + 1)]
    for place in reversed(places):
        for pid in pids:
            lines.insert(place, forged.replace("{}", pid) + "\n")
            truth.insert(place, "-")
    log = tmp_path / "error.log"
    log.write_text("".join(lines))
    server = re.search(r"^- server: (\S+)$", (folder / "about.md").read_text(), re.MULTILINE)
    assert server is not None

    options = ClockOptions(server[1], neighbours=False)

    assert overconfident(clocks_and_answers(log, options)[1], truth) == []
