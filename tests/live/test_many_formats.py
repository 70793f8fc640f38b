"""Directives of all kinds, given to a real Apache: what it refuses, what it prints."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

import pytest

from logtool.formats.checking import explain
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.error_log_format.ambiguities import ambiguities
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import ErrorLogFormat, FormatError, parse
from parsers.layouts import compile_layouts
from parsers.lines import NO_TIME
from tests import places

from .apache import HTTPD
from .configuration import MODULES, quoted
from .conftest import SEED
from .many_hosts import ManyHosts
from .test_formats import PREFIX, check_times, expected, lines_of, read
from .zones import draw_zones

pytestmark = pytest.mark.live

IN_USE = places.ERROR_LOG_FORMATS.read_text(
    "utf-8"
).splitlines()  # fmt: skip
#: Formats with everything that is to improve.
ODD = (
    "%M", "%t %M", "%P:%M", "%a %M", "[%a] %M", "%a:%M", "[%{%cuz}t] %M", "[%{usec_frac}t] %M",
    "%{%F %T}t.%{msec_frac}t %M", "[%{%FT%TZ}t] %M", "[client %a] [%t] [pid %P tid %T] %M",
    "(%F %E) %M", "%M [%a]", "%M [%a %L]", "{%a} %M", '{"m":"%M"}', '{"t":"%t","c":"%a","m":"%M"}',
    '{"m":"%M","r":"%{Referer}i"}', '{ "pid": %P, "tid": %T, "m": "%M" }', "%l;%P;%M", "100%% %M",
    r"a\tb\\ %M", r"[x\ %a %L] %M", "[%{c}t] %-7F %M", r"\"%t\" %M",
    'request "[x %+a] %+{User-Agent}i"', 'request "%L"', 'connection "%a"', 'connection "%t (%A)"',
)  # fmt: skip


@pytest.fixture
def check_config(folder: Path) -> Path:
    """A folder with the head of an httpd.conf."""
    (folder / "head.conf").write_text(
        f"LoadModule mpm_event_module {MODULES}/mod_mpm_event.so\n"
        f"ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:1\nErrorLog e.log\n"
    )
    return folder


def refusal(folder: Path, line: str) -> str:
    """Why `apache2 -t` refuses a line, with what the terminal's escapes hide taken back."""
    conf = folder / "httpd.conf"
    conf.write_bytes((folder / "head.conf").read_bytes() + f"{line}\n".encode())
    ran = subprocess.run([HTTPD, "-t", "-f", conf], capture_output=True, check=False)
    if ran.returncode == 0:
        return ""
    told = [x for x in ran.stderr.decode().splitlines() if not x.startswith("AH00526")]
    return told[0].replace("\\\\", "\\").replace("\\t", "\t")


_BITS = (
    "%", "%%", "%M", "%{", "}", "\\", " ", "% ", "+", "-", "7", "16", "a", "E", "F", "L", "m", "P",
    "t", "T", "v", "x", "h", "[", "]", ",", "request", "%{u}t", "{Referer}", "#", "<",
)  # fmt: skip


def random_directive(rng: random.Random) -> str:
    """A line with an ErrorLogFormat that may be right or wrong."""
    text = "".join(rng.choice(_BITS) for _ in range(rng.randint(0, 12)))
    text += rng.choice(["", " %M", " %M"])
    kind = rng.choice(["", "", "", "request ", "Connection ", "vhost "])
    form = rng.choice(['"{}"', '"{}"', "'{}'", "{}", '"{}', '"{}" x', '"{}" "b"'])
    return f"ErrorLogFormat {kind}{form.format(text)}".rstrip("\\")


def test_httpd_refuses_what_we_refuse(check_config: Path) -> None:
    """Directives in use, and random ones: the same verdict, for the same reason."""
    rng = random.Random(f"{SEED} directives")
    lines = [*IN_USE, *(random_directive(rng) for _ in range(250))]
    verdicts = set()
    for line in lines:
        try:
            parse_directive(line)
            ours = ""
        except FormatError as fault:
            ours = fault.reason
        verdicts.add(ours)
        assert ours.strip() == refusal(check_config, line).strip(), line
    assert len(verdicts) > 5


def test_the_better_directive_runs_and_tells_the_offset(folder: Path) -> None:
    """Whatever was given: httpd takes what we propose, and every line says its offset."""
    better = [explain(parse_directive(line)).improved for line in (*IN_USE, *ODD)]
    formats = [parse_directive(line) for line in better]
    lines = [
        [line, *(['ErrorLogFormat "M %M"'] if parsed.kind != "main" else ())]
        for line, parsed in zip(better, formats, strict=True)
    ]
    with ManyHosts(folder, lines, "Asia/Kathmandu") as server:
        server.visit()
    for number, parsed in enumerate(formats):
        log = server.log(number).read_bytes().splitlines(keepends=True)
        own = [line for line in log if parsed.kind == "main" or not line.startswith(b"M ")]
        _check_offset(parsed, b"".join(own))


def _check_offset(parsed: ErrorLogFormat, log: bytes) -> None:
    block = Block.of(log)
    stamps = Decoder(compile_layouts(parsed)).stamps(block)
    assert len(block), parsed.text
    stamped = stamps.local_us != NO_TIME
    assert stamped.any(), log
    assert (stamps.offset_s[stamped] == 20_700).all(), log
    assert (stamps.layout >= 0).all(), log


_FIELDS = ("[{}]", r"[{name}\ {}]", "{}:", "{name}={}", "[{name}:{},{}]", "{}", "<{}>", "{};{}")
_ENDS = ("", "", r"% ,\ referer\ %{Referer}i", " <%L>")
_ITEMS = (
    "%P", "%T", "%{g}T", "%m", "%l", "%F", "%E", "%a", "%{c}a", "%A", "%k", "%L", "%{c}L",
    "%{C}L", "%v", "%V", "%{Referer}i", "%{User-Agent}i", "%{REQUEST_URI}e",
)  # fmt: skip
_TIMES = ("%{u}t", "%{cuz}t", "%t", "%{cm}t", "%{mz}t", "%{%d/%b/%Y:%T %z}t", "%{%s}t", "%{c}t")


def random_format(rng: random.Random) -> str:
    """A main ErrorLogFormat that can be read in one way only."""
    while True:
        fields = []
        for _ in range(rng.randint(0, 6)):
            items = [
                f"%{rng.choice(['', '', '-', '7', '-5'])}{item[1:]}"
                for item in rng.sample(_ITEMS, 2)
            ]
            fields.append(rng.choice(_FIELDS).format(*items, name=rng.choice(("id", "x", "by"))))
        if rng.random() < 0.8:
            time = rng.choice(("[{}]", "{}", "{},", "at={}")).format(rng.choice(_TIMES))
            fields.insert(rng.randint(0, len(fields)), time)
        text = " ".join([*fields, "%M"]) + rng.choice(_ENDS)
        if not ambiguities(parse(text)):
            return text


def test_random_formats_come_back(folder: Path) -> None:
    """Forty formats that nobody wrote: every field and every time of every line."""
    rng = random.Random(f"{SEED} formats")
    formats = [random_format(rng) for _ in range(40)]
    (zone,) = draw_zones(rng, 1)
    told = [[f'ErrorLogFormat "{PREFIX}~% {quoted(form)}"'] for form in formats]
    with ManyHosts(folder, told, zone) as server:
        server.visit()
    for number, form in enumerate(formats):
        lines = list(lines_of(server.log(number)))
        assert len(lines) > 5, form
        stamps, columns = read(form, lines)
        assert (stamps.layout == 0).all(), (form, lines)
        for line, got in zip(lines, columns, strict=True):
            got.pop("time", None)
            assert "message" in got, (form, line)
            assert got == expected(form, line, got["message"]), (form, line)
        check_times(form, lines, stamps, [got["message"] for got in columns])


#: Formats that break their lines, with how many lines a message has at least.
BROKEN = (
    (r"[%-l] %-m\n [pid %P]\n at %{cu}t\n %M", 4),
    (r"{\n \"time\":\"%{u}t\",\n \"pid\":%P,\n \"message\":\"%M\"\n}", 5),
    (r"%P %E:\n%{cuz}t\n%M\n", 3),
)


def test_formats_that_break_their_lines_are_read_whole(folder: Path) -> None:
    """Every line of a fresh log has a layout, and every time the pid of its record."""
    directives = [[f'ErrorLogFormat "{form}"'] for form, _ in BROKEN]
    with ManyHosts(folder, directives, "Asia/Kathmandu") as server:
        server.visit()
    for number, (form, at_least) in enumerate(BROKEN):
        log = server.log(number).read_bytes()
        block = Block.of(log)
        stamps = Decoder(compile_layouts(f'ErrorLogFormat "{form}"')).stamps(block)
        timed = stamps.local_us != NO_TIME
        assert (stamps.layout >= 0).all(), log
        assert len(block) >= at_least * timed.sum() > 0
        # A field with a status takes its line break along where there is none.
        texts = [block.line(row).decode() for row in range(len(block))]
        pids = [int(found[found.lastindex or 0]) for text in texts if (found := _PID.match(text))]
        assert stamps.pid[timed].tolist() == pids


_PID = re.compile(r'^ \[pid (\d+)\]$|^ "pid":(\d+),$|^(\d+)(?: \(.*:)?$')
