"""Layouts: lines of real logs, the manual's own examples, connection and request lines."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parsers.blocks import Block
from parsers.built_in import BARE_TIME, BUILT_IN, HTTPD_24
from parsers.decode import Decoder
from parsers.detection.detect import detect, likely_layouts
from parsers.detection.proposed_formats import proposed_formats
from parsers.detection.wrapped_layouts import behind
from parsers.error_log_format.fields import parse
from parsers.error_log_format.known import KNOWN_FORMATS, KnownFormat
from parsers.layouts import Layout, compile_layout, known_layout
from parsers.lines import NO_LAYOUT, Stamps
from parsers.steps.wrappers import HeadStep
from tests.parsers.test_decode import DECODER, read

#: One line of each layout met in 231,000 lines of public logs (addresses and names replaced),
#: with the columns that a person reads in it.
REAL_LINES = [
    json.loads(row)
    for row in (Path(__file__).parent / "data" / "layouts.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("row", REAL_LINES, ids=lambda row: str(row["line"])[:60])
def test_lines_of_real_logs_read_to_the_right_columns(row: dict[str, Any]) -> None:
    """Layout, time, and every column; what is not httpd's has no layout."""
    line = row["line"].encode()
    stamps = DECODER.stamps(Block.of(line + b"\n"))
    layout = int(stamps.layout[0])
    got = {
        name: value.encode("latin-1").decode() if isinstance(value, str) else value
        for name, value in read(line).items()
    }
    got["layout"] = _settled(DECODER.layouts[layout], stamps) if layout >= 0 else None
    got.pop("stamp", None)
    if "message" in got:
        got["message_starts"] = str(got.pop("message"))[:24]
    assert got == row["expected"]


def _settled(layout: Layout, stamps: Stamps) -> str:
    return layout.settled(stamps, np.arange(1))[0][0].name


MANUAL_PREFORK = KNOWN_FORMATS[0].directive.replace("*", "u")
TEXTS = [
    # prefork has no thread ID, so the field with the closing bracket is gone
    (MANUAL_PREFORK, "[Sun Nov 22 19:42:22.725117 2026] [core:notice] [pid 17:tid AH00163: up",
     {"pid": 17, "message": "AH00163: up", "tag": "AH00163"}),
    # no client: the unescaped space leaves `[client` behind
    ("[%t] [%l] [pid %P] %F: %E: [client %a] %M",
     "[Sun Nov 22 19:42:22 2026] [error] [pid 9] core.c(12): [client AH00015: Unable to open logs",
     {"pid": 9, "source": "core.c(12)", "message": "AH00015: Unable to open logs"}),
    ("[%t] [%l] [pid %P] %F: %E: [client %a] %M",
     "[Sun Nov 22 19:42:22 2026] [error] [pid 9] core.c(12): (13)Permission denied: [client "
     "1.2.3.4:5] x",
     {"source": "core.c(12)", "status": "(13)Permission denied", "client": "1.2.3.4:5",
      "message": "x"}),
    # httpd loses a message when two fields are empty around it
    (r"[%t] %a:%M% ,\ referer\ %{Referer}i", "[Sun Nov 22 19:43:32 2026]", {"message": ""}),
    (r"[L:%L c:%{c}L C:%{C}L] %M", "[L:awL4R000001 c:oVYEEd7eRQA hello",
     {"log_id": "awL4R000001", "connection_log_id": "oVYEEd7eRQA", "message": "hello"}),
    ("[%t] %-a %-{Referer}i %-L %7F: %-7F %-v %-V %M",
     "[Sun Nov 22 19:43:32 2026] - - - localhost - AH00489: up",
     {"virtual_host": "localhost", "message": "AH00489: up"}),
    # JSON-shaped
    ('{"time":"%{cu}t","client":"%-a","level":"%-l","pid":"%-P","message":"%-M","id":"%-L"}',
     '{"time":"2026-06-05 08:42:36.978307","client":"::1:80","level":"error","pid":"7",'
     '"message":"say "hi", {ok}","id":"-"}',
     {"client": "::1:80", "level": "error", "pid": 7, "message": 'say "hi", {ok}',
      "time": "2026-06-05 08:42:36.978307"}),
    (r'{ "time":"%{%F}tT%{%T}t.%{u}tZ", "pid" : "%P:%T" , "m" : "%M" ,\ "r"\ : "%{Referer}i" },',
     '{ "time":"2026-06-05T08:42:36.Fri Jun 05 08:42:36.978307 2026Z", "pid" : "7:8" , '
     '"m" : "oops" , "r" : "http://a/" },',
     {"pid": 7, "tid": "8", "message": "oops", "referer": "http://a/",
      "time": "2026-06-05 08:42:36.978307"}),
    # semicolons
    ("%{cuz}t;%l;%m;%P;%-a;%M", "2026-06-05 08:42:36.978307 +0200;warn;core;7;-;x;y",
     {"level": "warn", "module": "core", "pid": 7, "message": "x;y", "offset": 7200}),
    # no stamp at all
    ("[SIMPLE-API][%l] %M", "[SIMPLE-API][info] hi", {"level": "info", "message": "hi"}),
    # fields after the message, one missing
    (r"[%{u}t] [%l] %M% ,\ referer\ %{Referer}i ,%v ,%L",
     "[Sun Nov 22 19:42:22.725117 2026] [error] a, b, referer http://x/?a b ,example.com",
     {"message": "a, b", "referer": "http://x/?a b", "virtual_host": "example.com"}),
    # the first bracket behind the message is not the last one
    ("[%P] %M [%l] [%m]", "[3] a [b] c [info] [core]",
     {"pid": 3, "message": "a [b] c", "level": "info", "module": "core"}),
    ("[%{cu}t] [%m:%l] %E: %M [request_uri %{REQ}e]",
     "[2026-06-05 08:42:36.978307] [core:error] x y [request_uri /a b]",
     {"message": "x y", "env:REQ": "/a b"}),
    ("[%{cu}t] [%m:%l] %E: %M [request_uri %{REQ}e]",
     "[2026-06-05 08:42:36.978307] [core:error] x y [request_uri", {"message": "x y"}),
    ('{"m":"%M" ,\\ "r":"%{Referer}i" }', '{"m":"say "x"" , "r":"http://a/" }',
     {"message": 'say "x"', "referer": "http://a/"}),
    ('{"m":"%M" ,\\ "r":"%{Referer}i" }', '{"m":"say "x"" }', {"message": 'say "x"'}),
    # an optional field that looks like the sure one behind it
    ("[%P] [%{User-Agent}i] [client %a] %M", "[3] [client [a] b", {"pid": 3, "message": "[a] b"}),
    # a line cut at 8190 bytes has lost what stands behind the message
    ('{"l":"%l","m":"%M","p":"%P"}', '{"l":"info","m":"long', {"message": "long"}),
    # the time behind other things, and behind the message
    ("%v: [%t] [%l] [pid %P] %M", "a.example: [Sun Nov 22 19:42:22 2026] [info] [pid 3] x",
     {"virtual_host": "a.example", "time": "2026-11-22 19:42:22", "pid": 3, "message": "x"}),
    ("%l %M at %{cz}t by %P", "info a at b at 2026-11-22 19:42:22 -0330 by 3",
     {"message": "a at b", "time": "2026-11-22 19:42:22", "offset": -12600, "pid": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("directive", "line", "expected"), TEXTS)
def test_a_format_reads_what_httpd_prints(
    directive: str, line: str, expected: dict[str, object]
) -> None:
    """Fields that httpd dropped, cut or lost leave the others right."""
    got = read(line.encode(), Decoder([compile_layout(directive)]))
    assert {name: got.get(name) for name in expected} == expected


def test_once_per_request_lines_are_read() -> None:
    """They have no level, module or message, and end with their last item."""
    layout = compile_layout(r"ErrorLogFormat request "
                            r'"[%{uc}t] [R:%L] Request %k on C:%{c}L pid:%P tid:%T"')  # fmt: skip
    line = b"[2026-11-22 19:42:22.725117] [R:awL4R000001] Request 0 on C:oVYEEd7eRQA pid:7 tid:8"
    got = read(line, Decoder([layout]))
    assert got["log_id"] == "awL4R000001"
    assert got["keepalives"] == "0"
    assert got["connection_log_id"] == "oVYEEd7eRQA"
    assert (got["pid"], got["tid"]) == (7, "8")
    assert read(line + b" and more", Decoder([layout])) == {}


def test_a_quoted_header_may_hold_quotes() -> None:
    """What closes the last item is the last such byte of the line."""
    layout = compile_layout(parse("[R:%L] UA:'%+{User-Agent}i'", "request"))
    got = read(b"[R:awL4R000001] UA:'it's me'", Decoder([layout]))
    assert got["header:User-Agent"] == "it's me"


def test_a_log_with_several_layouts_gets_several() -> None:
    """The best layout first, then the best for what it leaves; raw lines are misses."""
    built_in = b"[Sun Nov 22 14:26:38.335032 2026] [core:error] [pid 1:tid 2] [client ::1:9] x\n"
    compact = b"[2026-11-22 14:26:38.335032 +0100] [core:error] [pid 1:tid 2] [client ::1:9] x\n"
    block = Block.of(built_in * 60 + compact * 30 + b"raw\n" * 10)
    found = detect([block])
    assert [f.layout.name for f in found] == [
        HTTPD_24.name,
        "manual, threaded, compact, with offset",
    ]
    assert [f.share for f in found] == [0.6, 0.3]
    assert found[0].misses[0].startswith(b"[2026")
    assert found[1].misses == (b"raw",) * 5


def test_a_log_of_the_advanced_format_is_told_from_simpler_ones() -> None:
    """The layout that fills most columns explains the lines best."""
    line = b"[2026-11-22 14:26:38.335032] [core:error] [R:awL4R000001] [C:oVYEEd7eRQA] AH00128: x\n"
    assert detect([Block.of(line * 20)])[0].layout.name == "manual, advanced"


def test_nothing_is_found_in_other_text() -> None:
    """Prose has no layout, and an empty log neither."""
    assert detect([Block.of(b"Dear diary,\ntoday nothing happened.\n")]) == []
    assert detect([]) == []


def test_a_decoder_of_a_whole_log_knows_every_layout() -> None:
    """Those of the lines looked at come first."""
    line = b"[2026-11-22 14:26:38.335032 +0100] [core:error] [pid 1:tid 2] [client ::1:9] x\n"
    layouts = likely_layouts([Block.of(line * 5)])
    assert layouts[0].name == "manual, threaded, compact, with offset"
    assert set(layouts[1:]) == set(BUILT_IN)


def test_layouts_come_back_from_other_processes_as_the_same_objects() -> None:
    """Whatever may be found is pickled by what it was made of; what was told is not."""
    block = Block.of(b"[Mon Jun 01 08:00:00.123 2026] [error] [pid 7] [client 10.0.0.1:5] said\n")
    stamps = Decoder(BUILT_IN).stamps(block)
    found = [BARE_TIME, *BUILT_IN, *map(known_layout, proposed_formats())]
    found += [one for layout in found for one, _ in layout.settled(stamps, np.arange(1))]
    found += [behind(one, HeadStep(sure=sure)) for one in found for sure in (True, False)]
    again = pickle.loads(pickle.dumps(found))
    assert all(one is other for one, other in zip(again, found, strict=True))
    with pytest.raises(pickle.PicklingError, match="told"):
        pickle.dumps(compile_layout("[%t] %M"))


def _torn_lines() -> list[bytes]:
    """Real lines, and each of them a few times with a piece cut out."""
    chance = random.Random("torn")
    lines = [row["line"].encode() for row in REAL_LINES]
    for line in tuple(lines):
        for _ in range(8):
            at = chance.randrange(len(line))
            lines.append(line[:at] + line[at + chance.randint(1, 6) :])
    return lines


@pytest.mark.parametrize("known", KNOWN_FORMATS, ids=lambda known: known.name)
def test_no_line_lacks_what_its_layout_needs(known: KnownFormat) -> None:
    """Where a log has not what is sure to be printed, it need not be read by that layout."""
    lines = _torn_lines()
    layout = known_layout(known)
    stamps = Decoder([layout]).stamps(Block.of(b"".join(line + b"\n" for line in lines)))
    for row in np.flatnonzero(stamps.layout != NO_LAYOUT).tolist():
        assert layout.may_read({lines[row][0]}, lines[row])


def test_what_known_formats_need_is_told() -> None:
    """What the test above checks is in use: of most formats, the brackets around the time."""
    agents = next(known for known in KNOWN_FORMATS if known.name == "manual, user agents")
    for text, may in ((b"[x] UA:'y'", True), (b"[x] UA: y", False), (b"x] [ UA:'y'", False)):
        assert known_layout(agents).may_read({text[0]}, text) is may
    lacking = [not known_layout(known).may_read({ord("[")}, b"[") for known in KNOWN_FORMATS]
    assert sum(lacking) > len(lacking) / 2
