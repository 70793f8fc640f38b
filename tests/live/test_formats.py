"""Every field that a real Apache prints in many ErrorLogFormats comes back as it was.

The truth is printed by the same httpd before each line: all items it has, with hyphens for empty
ones and between bars, which needs no parser to speak of. What follows the tilde is the line under
test. An independent model of httpd's printer, given the truth, says where each item must stand.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.error_log_format.fields import parse
from parsers.error_log_format.items import ITEMS, LEVELS, column_of
from parsers.layouts import compile_layout
from parsers.lines import NO_OFFSET, NO_PID, NO_TIME, Stamps
from tests.parsers.httpd_model import Printed, print_line

from .apache import Apache
from .configuration import App, Daemon
from .conftest import SEED
from .error_log_formats import ADVANCED, LIKE_2_2, SIMPLE, THREADED, WITH_IDS, WITH_OFFSET
from .zones import draw_zones

pytestmark = pytest.mark.live

#: Items of the truth by their key in the model, in order.
TRUTH = (
    "P", "T", "T:g", "m", "l", "F", "E", "a", "a:c", "A", "k", "L", "L:c", "L:C", "v", "V",
    "i:Referer", "i:User-Agent", "e:REQUEST_URI",
)  # fmt: skip
QUARTER = timedelta(minutes=15)
EPOCH = "%{%s}t"
#: A format's second time, which httpd takes anew: it may be in another second.
SECOND_TIME = "t:c"
#: How long a process may wait between two stamps of one line: the machine's affair. What a clock
#: is wrong by is a quarter of an hour at least, and the digits are compared by themselves.
WAIT = timedelta(minutes=1)
#: A time without a fraction is that much older at most.
SECOND = timedelta(seconds=1)
PREFIX = "T|%{cuz}t|" + "|".join(
    f"%-{{{key[2:]}}}{key[0]}" if ":" in key else f"%-{key}" for key in TRUTH
)

FORMATS = (
    THREADED, LIKE_2_2, SIMPLE, ADVANCED, WITH_IDS, WITH_OFFSET,
    THREADED.replace("{u}", "{uz}"),
    THREADED.replace("%{u}t", "%{%cuz}t"),
    r"%{cuz}t [pid: %P, tid: %T] [%-m:%l] [client:\ %a] [cid:\ %{c}L,\ rid:\ %-L] %7F: %E: %M",
    "%{cmz}t;%l;%m;%P;%-a;%-L;%M",
    '{"time":"%{cu}t","level":"%-l","pid":"%-P","client":"%-a","message":"%-M","id":"%-L"}',
    r'{"time":"%{%F}tT%{%T}t", "pid":"%P", "message":"%M" ,\ "referer":"%{Referer}i" }',
    "[%{%d/%b/%Y:%H:%M:%S %z}t] [%m:%l] [pid %P:tid %{g}T] %F: %E: [client %a] %M",
    "%v: [%{z}t] [%l] [pid %P] %F: %E: [client %-a] %M",
    "[%{%s}t] [%l] [pid %P] %E: [uri %-{REQUEST_URI}e] %M",
    "%A [%{m}t] [%-m:%l] %7F: %E: %M% ,\\ referer\\ %{Referer}i ,%v ,%L",
    "[%{%A, %d %B %Y %I:%M:%S %p %Z}t] [%-m:%-l] [P:%P] %M [k:%-k]",
    "%P %{cu}t %l [L:%L c:%{c}L] %E: %M",
    "[%l] [%-m] %P %M",
    "[%{u}t] [%-m:%l] [pid %P] %5F: [%{User-Agent}i] [client %a] %M at %{c}t",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A line under test, and what httpd said of it before."""

    text: str
    facts: dict[str, str]
    stamp: datetime


def lines_of(log: Path) -> Iterator[Line]:
    """Cut the truth from each line; start-up lines have none and are left out."""
    for raw in log.read_text("latin-1").split("\n"):
        if raw.startswith("T|"):
            truth, _, text = raw.partition("~")
            _, stamp, *values = truth.split("|")
            facts = {k: v for k, v in zip(TRUTH, values, strict=True) if v != "-"}
            yield Line(text, facts, datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S.%f %z"))


def visit(server: Apache) -> None:
    """Make children and daemons write lines of all kinds."""
    headers = {"Referer": "https://shop.example/a?b=c, d", "User-Agent": "Me/1.0 (x; y)"}
    with server.client(tls=True) as browser:
        for path in ("/talk/log", "/talk/print", "/talk/fail", "/missing", "/talk/unicode"):
            browser.get(path, headers)
    server.get("/talk/errors", tls=False)
    server.get("/missing", tls=False, headers=headers)
    server.get("/down/x", tls=False, headers=headers)


def read(form: str, lines: list[Line]) -> tuple[Stamps, list[dict[str, str]]]:
    """The stamps and the columns of all lines."""
    layout = compile_layout(form)
    decoder = Decoder([layout])
    block = Block.of("".join(f"{line.text}\n" for line in lines).encode("latin-1"))
    stamps = decoder.stamps(block)
    fields = decoder.fields(block, stamps, np.arange(len(block)), layout.columns)
    columns: list[dict[str, str]] = [{} for _ in lines]
    for name, spans in fields.items():
        for row in np.flatnonzero(spans.start >= 0).tolist():
            text = block.data[spans.start[row] : spans.end[row]].tobytes()
            columns[row][name] = text.decode("latin-1")
    return stamps, columns


def expected(form: str, line: Line, message: str) -> dict[str, str]:
    """The columns of a line by the truth and the model, which must print the very line."""
    printed = printed_by_model(form, line, message, line.stamp)
    columns = {}
    for key, (start, end) in printed.spans.items():
        letter, _, argument = key.partition(":")
        if letter != "t":
            columns[column_of(ITEMS[letter], argument)] = line.text[start:end]
            assert printed.text[start:end] == line.text[start:end]
    return columns


def printed_by_model(form: str, line: Line, message: str, when: datetime) -> Printed:
    """What httpd must print of the truth's facts, at a local time of the truth's offset."""
    zone = timezone(line.stamp.utcoffset() or timedelta(), line.text.split("]")[0].split()[-1])
    level = LEVELS.index(line.facts["l"])
    facts = {**line.facts, "M": message}
    return print_line(form, facts, level, when.replace(tzinfo=UTC if EPOCH in form else zone))


@pytest.mark.parametrize("form", FORMATS)
def test_every_field_comes_back(form: str, folder: Path) -> None:
    """Layout, pid, columns and time of every line of a fresh log."""
    server_tz, app_tz = draw_zones(random.Random(f"{SEED} {form}"), 2)
    with Apache(
        folder,
        tz=server_tz,
        daemons=[Daemon("talk", [App("/talk", app_tz)])],
        error_log_format=f"{PREFIX}~% {form}",
        log_level="debug",
    ) as server:
        visit(server)
        alive = set(server.pids())
    log, _ = server.capture()
    lines = list(lines_of(log))
    assert len(lines) > 60
    stamps, columns = read(form, lines)
    assert (stamps.layout == 0).all()
    if any(d.item.letter == "P" for d in parse(form).directives()):
        assert stamps.pid.tolist() == [int(line.facts["P"]) for line in lines]
        assert alive <= set(stamps.pid.tolist()) | {server.pid}
    else:
        assert (stamps.pid == NO_PID).all()
    messages = [got["message"] for got in columns]
    assert any(message.startswith("AH00489: ") for message in messages)
    assert any("Attach interpreter" in message for message in messages)
    for line, got in zip(lines, columns, strict=True):
        got.pop("time", None)
        assert got == expected(form, line, got["message"]), line
    check_times(form, lines, stamps, messages)


def check_times(form: str, lines: list[Line], stamps: Stamps, messages: list[str]) -> None:
    """The local time that each line shows, and the offset of the truth, stamped a moment before."""
    arguments = [d.argument or "" for d in parse(form).directives() if d.item.letter == "t"]
    if not arguments:
        assert (stamps.local_us == NO_TIME).all()
        return
    epoch = EPOCH in form
    for row, line in enumerate(lines):
        local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(stamps.local_us[row]))
        printed = printed_by_model(form, line, messages[row], local)
        for key, (start, end) in printed.spans.items():
            if key.startswith("t") and key != SECOND_TIME:
                assert printed.text[start:end] == line.text[start:end], line
        zone = line.stamp.utcoffset() or timedelta()
        said = line.stamp if epoch else line.stamp.replace(tzinfo=UTC)
        late = local - said
        if epoch:
            # strftime's %s reads the broken-down time in the zone of now: in the second in which
            # a process changes its zone, httpd still has that second in the old zone.
            late -= round(late / QUARTER) * QUARTER
        assert -SECOND <= late <= WAIT, line
        if epoch:
            assert stamps.offset_s[row] == 0
        elif any("z" in argument.replace("%cuz", "") for argument in arguments):
            assert stamps.offset_s[row] == zone.total_seconds()
        else:
            assert stamps.offset_s[row] == NO_OFFSET
