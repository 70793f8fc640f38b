"""Access logs: only lines that requests may be of are read and kept, and none of these lacks."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logtool.events import access_logs
from logtool.events.access_lines import AccessReader, access_lines
from logtool.events.access_logs import AccessLogs
from logtool.events.connections import with_requests
from logtool.events.folding import fold
from logtool.events.requests import requests
from parsers.access_log import LogFormat
from parsers.blocks import Block
from tests.logtool.events.found_requests import line
from tests.logtool.events.rows import rows

_FORMAT = LogFormat.compile('%a %l %u %t "%r" %>s %b')


def logged(second: int, path: str, host: str = "1.2.3.4", status: int = 200) -> str:
    """A line of an access log of a second of the hour in which `rows` puts lines."""
    begun = rows(line("00:00.000000", "daemon/9/91", "x"))["utc"][0]
    when = begun + timedelta(seconds=second)
    return f'{host} - - [{when:%d/%b/%Y:%H:%M:%S} +0000] "GET {path} HTTP/1.1" {status} 5\n'


def told(second: int, message: str, client: str = "1.2.3.4:5") -> str:
    """A line of an error log of that second."""
    return line(f"{second // 60:02}:{second % 60:02}.500000", "daemon/9/91", message, client)


#: Second of the hour, path and client: few of each, so that they often fit together.
_SAID = st.tuples(
    st.integers(0, 30).map(lambda at: 90 * at), st.sampled_from("abc"), st.integers(1, 4)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(_SAID, max_size=60), st.lists(_SAID, min_size=1, max_size=8), st.booleans())
def test_the_same_as_of_the_whole_log(
    tmp_path_factory: pytest.TempPathFactory,
    access: list[tuple[int, str, int]],
    errors: list[tuple[int, str, int]],
    packed: bool,
) -> None:
    """Requests get the lines of a log that is sought in, or compressed, which they get of all."""
    text = "".join(logged(at, f"/{path}", f"1.2.3.{host % 2}") for at, path, host in sorted(access))
    path = tmp_path_factory.mktemp("access") / "access.log"
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    few = [
        told(at, f"said of /{path}", f"1.2.3.{port % 2}:{port}")
        for at, path, port in sorted(errors)
    ]
    frame = fold(rows("\n".join(few)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_logs, "_AT_ONCE", 300)
        patch.setattr(access_logs, "_PROBE", 200)
        asked = [*requests(frame, AccessLogs([(path, [_FORMAT])]).lines_for)]
    whole = [*access_lines([Block.of(text.encode())], [_FORMAT])] if text else []
    assert asked == [*requests(frame, pl.concat(whole) if whole else None)]


def test_what_is_of_another_time_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a long log a few pieces are looked at, and of its lines those of the host are kept."""
    path = tmp_path / "access.log"
    path.write_text("".join(logged(at, "/a", f"1.2.3.{at % 5}") for at in range(3000)))
    monkeypatch.setattr(access_logs, "_AT_ONCE", 2000)
    monkeypatch.setattr(access_logs, "_PROBE", 500)
    monkeypatch.setattr(access_logs, "_LATE", timedelta(seconds=10))
    read: list[int] = []
    rows_of = AccessReader.rows

    def counted(reader: AccessReader, block: Block) -> pl.DataFrame | None:
        read.append(block.size)
        return rows_of(reader, block)

    monkeypatch.setattr(AccessReader, "rows", counted)
    keyed = with_requests(fold(rows(told(1504, "x"))))
    found = AccessLogs([(path, [])]).lines_for(keyed)
    assert found is not None
    assert found["utc"].dt.second().to_list() == [4]
    assert sum(read) < path.stat().st_size / 10


def test_log_ids_count_before_host_and_second(tmp_path: Path) -> None:
    """A line of a request's log ID is its, whatever else it tells."""
    form = LogFormat.compile('%a %t "%r" %>s %L')
    when = datetime(2026, 1, 1, tzinfo=UTC)
    path = tmp_path / "access.log"
    path.write_text(f'9.9.9.9 [{when:%d/%b/%Y:%H:%M:%S} +0000] "GET /mine" 500 awL4SBxyzAA\n')
    frame = fold(rows(told(10, "hello"))).with_columns(log_id=pl.lit("awL4SBxyzAA"))
    (request,) = requests(frame, AccessLogs([(path, [form])]).lines_for)
    assert request.access is not None
    assert (request.access["status"], request.access["certain"]) == (500, True)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A log that has gone is told, the others are read, and what is no access log is none."""
    other, no_log = tmp_path / "other.log", tmp_path / "access.txt"
    other.write_text(logged(10, "/a"))
    no_log.write_text("hello\n")
    logs = AccessLogs([(tmp_path / "access.log", []), (no_log, []), (other, [])])
    (request,) = requests(fold(rows(told(10, "hello"))), logs.lines_for)
    assert request.access is not None
    (why,) = logs.unread.values()
    assert why == f"cannot read access log {tmp_path / 'access.log'}: No such file or directory"


def test_what_breaks_is_told_and_used(tmp_path: Path) -> None:
    """Of a compressed log that ends early the lines before that are used, and it is told."""
    path = tmp_path / "access.log"
    text = "".join(logged(at, f"/{os.urandom(9).hex()}") for at in range(10, 300))
    path.write_bytes(gzip.compress(text.encode())[:-500])
    logs = AccessLogs([(path, [])])
    (request,) = requests(fold(rows(told(10, "hello"))), logs.lines_for)
    assert request.access is not None
    assert [*logs.unread] == [str(path)]
    assert "ends early" in logs.unread[str(path)]


def test_a_pipe_is_told(tmp_path: Path) -> None:
    """What can be read only once is not waited for each time a request is looked at."""
    path = tmp_path / "access.log"
    os.mkfifo(path)
    fd = os.open(path, os.O_RDWR)
    logs = AccessLogs([(path, [])])
    keyed = with_requests(fold(rows(told(10, "hello"))))
    assert logs.lines_for(keyed) is None
    os.close(fd)
    assert "is a pipe" in logs.unread[str(path)]
