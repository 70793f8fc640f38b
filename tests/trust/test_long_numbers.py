"""Numbers as long as anybody writes them, in what a user says and in what a log holds."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import logtool
from logtool.clocks.options import ClockOptions
from logtool.commands.asked_line import AskedLine
from logtool.commands.options import _Size
from logtool.errors import UsageError
from logtool.flags.rule import BadRule, parse_rules
from logtool.flags.wsgi_codes import default_rules
from logtool.moments import moment
from logtool.reports.making import make_report
from logtool.reports.wish import Wish
from logtool.tui.model.commands import parse_command
from parsers.audit_log import read_denial
from parsers.error_log_format.fields import FormatError, parse
from parsers.whole_numbers import MOST
from tests.logtool.tui.pilots import DJANGO
from tests.logtool.tui.test_model import looking_at, raw_lines, wait

#: Longer than Python reads, longer than 64 bits, and of 64 bits.
LONG = ("9" * 5000, "0" * 5000 + "7", "9" * 25, "9" * 19)
lengths = st.sampled_from([*LONG, "1" * 4301, "8" * 20])
NOW = datetime(2026, 6, 6, tzinfo=UTC)
HEAD = "[Sun Nov 22 14:26:42.534839 2026] [wsgi:error] [pid %s:tid 7] [remote 127.0.0.1:48334] "


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["N", "-", ":", "/", ".", " ", "h", "days ago", "T", "+", "@", "last ", "Jun", "Z", "e"]
        ),
        min_size=1,
        max_size=6,
    ).map("".join),
    lengths,
)
@example("08:N", LONG[0])
@example("-Nh", LONG[0])
def test_a_moment_is_one_or_none(form: str, digits: str) -> None:
    """A text of long numbers is a time or is refused; nothing else is raised."""
    with suppress(ValueError, OverflowError, OSError, UsageError):
        assert moment(form.replace("N", digits), NOW).tzinfo is UTC


_RULE = """[[rule]]
id = "some-rule"
title = "T"
severity = "error"
when = { message = ["hello"]%s }
cause = "c"
cure = "c"
see = "s"
%s
"""


@pytest.mark.parametrize("digits", LONG, ids=len)
def test_what_a_user_writes(digits: str) -> None:
    """Places, sizes, formats, rules and commands take long numbers, or say what is wrong."""
    asked = AskedLine.at(digits, ["error.log"])
    assert asked.line == (7 if digits.startswith("0") else MOST)
    assert AskedLine.at(f"error.log:{digits}", ["error.log"]).line == asked.line
    assert _Size().convert(f"{digits}M", None, None) > 0
    with pytest.raises(FormatError):
        parse(f"%{digits}t %M %")
    assert parse_command(digits).word == "line"
    for condition, more in (
        (f", status = [{digits}]", ""),
        ("", f'at_least = {digits}\nwithin = "1s"'),
        ("", f'once_per = "pid"\nonce_within = "{digits}h"'),
    ):
        with suppress(BadRule):
            parse_rules(_RULE % (condition, more), "mine.toml")


def test_filters_of_long_numbers() -> None:
    """No process has such a pid; a line beyond the last one is the last one."""
    with looking_at(DJANGO, folding=False) as session:
        for text in (f"pid={LONG[0]}", f"process={LONG[0]}", f"pid={LONG[2]},{LONG[3]}"):
            session.filter(text)
            wait(session)
            assert raw_lines(session) == []
        session.filter(f"pid={'0' * 5000}12558")
        wait(session)
        assert raw_lines(session)


_SAID = (
    "hello",
    "({0})Permission denied: AH00035: access to / denied",
    "AH00052: child pid {0} exit signal Segmentation fault (11)",
    "AH00046: child process {0} still did not exit, sending a SIGKILL",
    "mod_wsgi (pid={0}): Process 'shop' has died, deregister and restart it.",
    "mod_wsgi (pid={0}): Process 'shop' terminated by signal {0}",
    "mod_wsgi (pid={0}): Starting process 'shop' with uid={0}, gid={0} and threads={0}.",
    "AH01964: Connection to child {0} established (server localhost:{0})",
    "AH{0}: hello",
    "2026-11-23 10:00:00,{0} ERROR shop hello",
    "Traceback (most recent call last):",
    '  File "/srv/shop/views.py", line {0}, in order',
    "  [Previous line repeated {0} more times]",
    "KeyError: {0}",
)
_RAW = """Fatal Python error: Aborted

Current thread 0x00007f0a3d7fa640 (most recent call first):
  File "/srv/shop/views.py", line {0} in order
{0}
"""


@pytest.mark.parametrize("digits", LONG, ids=len)
def test_what_a_log_holds(tmp_path: Path, digits: str) -> None:
    """A log of long numbers is read by every word that puts its lines together."""
    log = tmp_path / "error.log"
    said = [text.format(digits) for text in _SAID]
    lines = [HEAD % pid + text for text in said for pid in ("7", digits)]
    daemon = [line.replace(" [remote 127.0.0.1:48334]", "") for line in lines]
    log.write_text("\n".join((*lines, *daemon, _RAW.format(digits), *lines)) + "\n")
    found = {one.rule for one in logtool.flags(str(log), server_tz="UTC")}
    assert "daemon-crashed" in found
    assert logtool.pairs(str(log), server_tz="UTC")
    wish = Wish([str(log)], options=ClockOptions("UTC"), rules=default_rules)
    report, _ = make_report(wish)
    assert any(one.type == "KeyError" for one in report.hosts[0].exceptions)


@pytest.mark.parametrize("digits", LONG, ids=len)
def test_what_an_audit_log_holds(digits: str) -> None:
    """A denial is told whatever numbers it has."""
    text = f"type=AVC msg=audit(1795357602.868:{digits}): avc:  denied  {{ map }} for  pid={digits}"
    denial = read_denial(text.encode())
    assert denial is not None
    assert denial.pid == (7 if digits.endswith("7") else MOST)
