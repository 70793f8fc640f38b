"""JSON formats: found by the lines' keys and values, where they are Apache's and nobody else's."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.blocks import Block
from parsers.detection.detect import detect
from parsers.detection.json_formats import NAME, json_formats
from parsers.layouts import compile_layout
from tests.parsers.columns import columns, found_columns
from tests.parsers.served import served

#: As people write them.
FORMATS = (
    '{"time":"%{%Y-%m-%dT%T}t.%{usec_frac}t","level":"%l","module":"%m","pid":%P,"tid":%T,'
    '"client":"%a","message":"%M"}',
    '{"time":"%{cu}t","level":"%l","module":"%-m","pid":"%P","tid":"%-T","client":"%-a",'
    '"message":"%M"}',
    '{"message":"%M","level":"%l","time":"%{uz}t","pid":%P}',
    '{ "time":"%{cu}tZ", "function" : "[%-m:%l]" , "process" : "[pid %P:tid %T]" ,'
    ' "message" : "%M"}',
    '{"time":"%{%Y-%m-%d}t %{%T}t %{%z}t", "remote_addr":"%a", "error_log_level":"%l",'
    ' "actual_error":"%M"}',
    '{ "timestamp": "%{%Y-%m-%d %T}t.%{usec_frac}t", "service_name": "famp",'
    ' "trace_id": "%{X-Trace-ID}i", "level": "%l", "pid": %P, "apr_os_error_state": "%E",'
    ' "src_file": "%F", "client_ip": "%a", "nabla_client_ip": "%{nabla-client-ip}i",'
    ' "message": "%M" }',
    '{"apache2":{"timestamp":"%{u}t","virtualhost":"%-v","error":{"requestid":"%-L",'
    '"connectionid":"%-{c}L","module":"%-m","level":"%l","statuscode":"%-E","message":"%M"},'
    '"connection":{"client":{"ip_port":"%-a"},"peer":{"ip_port":"%-{c}a"},'
    '"server":{"ip_port":"%-A"},"process":{"id":"%P","thread":"%-T"}}}}',
    '{"ts":"%{%d/%b/%Y:%H:%M:%S %z}t","severity":"%l","pid":%P,"who":"100%%","text":"%M",'
    '"referer":"%-{Referer}i"},',
    '{"time":"%{%Y-%m-%dT%H:%M:%SZ}t","level":"%l","module":"%-m","pid":"%P","message":"%M"}',
    '{"time":"%{%s}t","level":"%l","pid":%P,"xff":"%-{X-Forwarded-For}i","msg":"%M"}',
    '{"time":"%t", "level":"%l", "pid":%P, "request_id":" %L ", "connection":"%-{c}L",'
    ' "message":"%M"}',
    '{"time":"%t","connection":{"from":"%-a"},"id":"%-L","pid":"%P","message":"%M"}',
    '{"t":"%{cu}t","v":"%v","l":"%l","p":%P,"tid":"%T","a":"%-a","m":"%M"}',
    '{"at":"%{cu}t","m":"%-m","l":"%l","p":%P,"t":"%-T","c":"%-a","said":"%M"}',
)
MEMBERS = (
    '"time":"%{cu}t"', '"level":"%l"', '"module":"%-m"', '"pid":%P', '"tid":%-T', '"client":"%-a"',
    '"request":"%-L"', '"connection_id":"%-{c}L"', '"referer":"%-{Referer}i"', '"error":"%-E"',
    '"vhost":"%-v"', '"app":{"name":"shop","is":"%-{name}n"}',
)  # fmt: skip


def read_like(directive: str, log: str) -> bool:
    """Whether a log is read as by its own format, but for the names of notes and headers."""
    return _bare(found_columns(log)) == _bare(columns(log, [compile_layout(directive)]))


def _bare(lines: list[dict[str, str] | None]) -> list[set[tuple[str, str]] | None]:
    return [
        {(name.partition(":")[0].replace("header", "note"), text) for name, text in line.items()}
        if line is not None
        else None
        for line in lines
    ]


@pytest.mark.parametrize("directive", FORMATS)
def test_a_json_format_is_found(directive: str) -> None:
    """Its lines are read as by the format itself."""
    assert read_like(directive, served(directive, random.Random(directive)))


@given(members=st.permutations(MEMBERS), wanted=st.integers(2, len(MEMBERS)), seed=st.integers())
def test_members_stand_in_any_order(members: list[str], wanted: int, seed: int) -> None:
    """Those that may be missing too, and the message wherever it is."""
    chance = random.Random(seed)
    sure = [*MEMBERS[:2], *(one for one in members if one not in MEMBERS[:2])][:wanted]
    chance.shuffle(sure)
    sure.insert(chance.randint(0, len(sure)), '"message":"%M"')
    comma = chance.choice((",", ", ", " , "))
    directive = f"{{{comma.join(sure)}}}"

    assert read_like(directive, served(directive, chance))


def test_a_field_that_httpd_drops() -> None:
    """Lines that lack it are of the same format, which is told."""
    directive = '{ "time":"%t", "level":"%l", "client":"%a", "pid":"%P", "message":"%M" }'
    log = served(directive, random.Random(1))

    assert [one.directive for one in json_formats(Block.of(log.encode()))] == [
        directive.replace("%t", "%{*}t")
    ]


THREADED = (
    '{"time":"2026-11-22 14:05:09.12345%d", "level":"info", "pid":"7", "tid":"%d", "client":"-",'
    ' "message":"AH00128: x"}'
)


@pytest.mark.parametrize("missing", ['"tid":"81", ', '"client":"-", '])
@pytest.mark.parametrize("last", [False, True])
def test_a_field_that_hardly_any_line_lacks(missing: str, last: bool) -> None:
    """An MPM that stops has no threads to name: one line of two hundred, which is read too."""
    lines = [THREADED % (k % 10, 80 + k % 2) for k in range(200)]
    lines[199 if last else 101] = (THREADED % (1, 81)).replace(missing, "")

    found = found_columns("".join(f"{line}\n" for line in lines))

    assert [line["message"] for line in found if line] == ["AH00128: x"] * 200


def test_threads_are_dropped_from_lines_that_are_no_sample() -> None:
    """Lines that a format is found by may all be those of a server at work."""
    sample = "".join(THREADED % (k % 10, 80 + k % 2) + "\n" for k in range(20))
    layouts = [one.layout for one in detect([Block.of(sample.encode())])]

    (found,) = columns((THREADED % (1, 81)).replace('"tid":"81", ', "") + "\n", layouts)

    assert found
    assert found["message"] == "AH00128: x"


LINE = '{"time":"2026-11-22 14:05:09.12345%d","level":"error","module":"wsgi","pid":%d,"message":"'


def test_messages_with_json_in_them_are_whole() -> None:
    """No quote is escaped: what such a message holds is no column of the log."""
    messages = ["AH00128: x", "hello", '{"event":"login","user":"joe"}', 'said "a", "b": "c"', '"']
    messages += [f"plain {number}" for number in range(20)] + messages[2:4] * 4
    log = "".join(LINE % (k % 10, 70 + k % 2) + f'{text}"}}\n' for k, text in enumerate(messages))

    assert [line and line["message"] for line in found_columns(log)] == messages


def test_httpd_does_not_drop_the_middle_of_a_field() -> None:
    """Where other lines lack a key without a blank around it, they are of another format.

    Such a format would be one of any line: httpd writes the message of a field that it drops.
    """
    with_client = LINE.replace('"message"', '"client":"192.0.2.1:81","message"')
    lines = [with_client % (k % 10, 7) + 'AH00128: x"}' for k in range(20)]
    lines[10:10] = [LINE % (k, 7) + 'AH00128: x"}' for k in range(5)] + ["a plain message"] * 3

    found = found_columns("".join(f"{line}\n" for line in lines))

    assert [line is not None for line in found] == [True] * 10 + [False] * 8 + [True] * 10


def test_a_second_address_is_not_taken_for_the_client() -> None:
    """The one that is called so is."""
    line = LINE.replace('"message"', '"client":"192.0.2.1:81","proxy":"10.0.0.1:82","message"')

    found = found_columns("".join(line % (k % 10, 7) + 'AH00128: x"}\n' for k in range(9)))

    assert {line["client"] for line in found if line} == {"192.0.2.1:81"}


FOREIGN = (
    # an application's own, with everything that Apache's have but what Apache alone says
    '{"time":"2026-11-22 14:05:09.123456","level":"error","module":"views","pid":7,"message":"no"}',
    '{"level":"error","msg":"a b","time":"2026-11-22T14:05:09Z","pid":7,"remote_addr":"[::1]:81"}',
    '{"asctime":"2026-11-22 14:05:09,123","levelname":"ERROR","process":7,"message":"AH00128: x"}',
    '{"level":30,"time":1531171074631,"pid":657,"hostname":"core","msg":"AH00128: x"}',
    # escaped by another rule than httpd's
    r'{"time":"2026-11-22 14:05:09","level":"error","pid":7,"message":"AH00128: \"x\""}',
    r'{"time":"2026-11-22 14:05:09","level":"error","pid":7,"message":"AH00128: caf\u00e9"}',
    # no message, no time, no level and no process
    '{"time":"2026-11-22 14:05:09","level":"error","module":"core"}',
    '{"level":"error","module":"core","pid":7,"message":"AH00128: x"}',
    '{"time":"2026-11-22 14:05:09","client":"192.0.2.1:81","message":"AH00128: x"}',
    # no pairs of keys and values at all
    "{", "{}", '{"', '{"a"}', '{"time":', "{{{", '{"a":[1,2]}', "{ }, {",
)  # fmt: skip


@pytest.mark.parametrize("line", FOREIGN)
def test_what_others_write_is_no_log_of_apache(line: str) -> None:
    """Its lines stay without a layout."""
    assert found_columns(f"{line}\n" * 30) == [None] * 30


def test_a_known_format_keeps_its_name() -> None:
    """What reads no better than it does not take its place."""
    directive = (
        '{ "time":"%t", "function":"[%-m:%l]", "pid":"%P", "message":"%M",'
        ' "vhost-ServerName":"%v", "referer":"%-{Referer}i" }'
    )
    log = served(directive, random.Random(2))

    (found,) = detect([Block.of(log.encode())])

    assert not found.layout.name.startswith(NAME)
    assert json_formats(Block.of(log.encode()))
