"""Targets: each takes any bytes, hands them to one reader, and holds it to what it promises.

A target may raise nothing but the reader's own refusals, which it swallows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np

from logtool.errors import UsageError
from logtool.flags.rule import parse_rules
from parsers.access_log.log_format import LogFormat, LogFormatError
from parsers.audit_log import read_denials
from parsers.blocks import Block
from parsers.built_in import BUILT_IN
from parsers.decode import Decoder
from parsers.error_log_format.directive import parse_directive
from parsers.error_log_format.fields import FormatError
from parsers.httpd_conf import ConfigError, daemon_groups, read_config, servers, zone_for
from parsers.layouts import Layout, compile_layout
from parsers.lines import NO_TIME, Stamps
from parsers.tracebacks import parse_traceback
from tests.kernel_memory import lent

Target = Callable[[bytes], None]

#: A stamp is read from a line of this ErrorLogFormat, one for each kind of time.
_TIMES = tuple(
    compile_layout(f"[{item}] %M")
    for item in ("%t", "%{u}t", "%{cu}t", "%{cuz}t", "%{%s}t", "%{%d/%b/%Y:%H:%M:%S %z}t",
                 "%{%c}t", "%{%A, %d. %B %Y %I:%M:%S %p %Z}t", "%{%j %Y %T}t", "%{%e.%m.%y %R}t")
)  # fmt: skip


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def error_log_format(data: bytes) -> None:
    """A format is compiled or refused; what is compiled reads any line or none."""
    head, _, lines = data.partition(b"\n")
    try:
        layout = compile_layout(_text(head))
    except FormatError:
        return
    _holds(layout, lines)


def access_log_format(data: bytes) -> None:
    """A LogFormat is compiled or refused."""
    try:
        LogFormat.compile(_text(data))
    except LogFormatError:
        return


def stamps(data: bytes) -> None:
    """Any block is read by any layout that is built in; the block's length tells which."""
    _holds(BUILT_IN[len(data) % len(BUILT_IN)], data)


def timestamps(data: bytes) -> None:
    """Any line is read for any kind of time; its length tells which."""
    _holds(_TIMES[len(data) % len(_TIMES)], b"[" + data)


def _holds(layout: Layout, data: bytes) -> None:
    """Places are within their lines, and what is read does not depend on the lines around."""
    block = Block.of(data)
    decoder = Decoder([layout])
    found = decoder.stamps(block)
    rows = np.flatnonzero(found.layout >= 0)
    timed = rows[found.time_start[rows] >= 0]
    assert np.all(found.time_start[timed] >= block.starts[timed])
    assert np.all(found.time_end[timed] <= block.ends[timed])
    assert np.all(found.time_start[timed] <= found.time_end[timed])
    assert np.all(found.local_us[found.layout < 0] == NO_TIME)
    with lent() as memory:
        compiled = decoder.stamps(memory.block(data))
        for field in fields(Stamps):
            assert np.array_equal(getattr(compiled, field.name), getattr(found, field.name))
    spans = decoder.fields(block, found, rows, {*layout.columns, "tag"})
    for one in spans.values():
        there = one.start >= 0
        assert np.all(one.start[there] >= block.starts[rows[there]])
        assert np.all(one.end[there] <= block.ends[rows[there]])
    for row in range(min(len(block), 3)):
        alone = decoder.stamps(Block.of(block.line(row)))
        if len(alone.layout):
            assert alone.local_us[0] == found.local_us[row], block.line(row)
            assert alone.pid[0] == found.pid[row], block.line(row)
            assert alone.layout[0] == found.layout[row], block.line(row)


def directive(data: bytes) -> None:
    """A line of httpd.conf with a format is parsed or refused."""
    try:
        parse_directive(_text(data))
    except FormatError:
        return


def tracebacks(data: bytes) -> None:
    """Any lines have a structure."""
    parse_traceback(data.decode("utf-8", "replace").split("\n"))


def httpd_conf(data: bytes) -> None:
    """Any configuration is read, or refused."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "httpd.conf")
        path.write_bytes(data)
        try:
            config = read_config(path, root=Path(folder))
        except ConfigError:
            return
        servers(config)
        daemon_groups(config)
        zone_for(config)


def rules(data: bytes) -> None:
    """Any rules are read, or refused with their place."""
    try:
        parse_rules(data.decode("utf-8", "replace"), "rules.toml")
    except UsageError:
        return


def audit_log(data: bytes) -> None:
    """Any audit log is read."""
    list(read_denials([data[:50], data[50:]]))


TARGETS: dict[str, Target] = {
    target.__name__: target
    for target in (
        error_log_format, access_log_format, stamps, timestamps, directive, tracebacks, httpd_conf,
        rules, audit_log,
    )
}  # fmt: skip
