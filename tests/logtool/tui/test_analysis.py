"""P and X look closely at few lines only, and tell what a look at all of them would."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import logtool
from logtool.events.fingerprints import exceptions
from logtool.events.folding import fold
from logtool.tui.model.found.request_search import RequestSearch
from logtool.tui.model.told.request_listing import request_listing
from tests.logtool.events.torn_logs import TORN
from tests.logtool.tui.pilots import DJANGO, SAMPLES, Flight, fly
from tests.logtool.tui.test_follow import line, until_shown
from tests.logtool.tui.test_model import looking_at

_HOUR = timedelta(hours=1)
_TRACEBACK = "Traceback (most recent call last):", '  File "/srv/a.py", line 1, in a'


_LOGS = {
    name: SAMPLES / name / "error.log" for name in ("berlin_utc_django", "raw_stderr", "embedded")
}
_LOGS["torn"] = TORN


@pytest.mark.parametrize("log", _LOGS.values(), ids=_LOGS)
def test_few_lines_tell_what_all_do(log: Path) -> None:
    """Events and exceptions are those of all lines, problems those of `errlog flags`."""
    folded = fold(logtool.scan(log).collect())
    raised = exceptions(folded).sort("event").select("event", "fingerprint").rows()
    with looking_at(log) as session:
        analysis = session.analyse()
        assert analysis is not None
        assert analysis.folds.tolist() == folded["event"].to_list()
        found = [(row, name) for name, rows in analysis.raised.items() for row in rows.tolist()]
        assert sorted(found) == raised
        rules = {finding.rule for finding in logtool.flags([log])}
        assert {finding.rule for finding in analysis.findings} == rules


def test_what_came_since_goes_on_with_what_was_there(tmp_path: Path) -> None:
    """The head of a traceback was the last line of the log, and nothing said what follows."""
    log = tmp_path / "error.log"
    texts = "ERROR shop: nothing is left", *_TRACEBACK, "Odd: 9"
    head, *rest = [line(4242, _HOUR, text) for text in texts]
    log.write_bytes((SAMPLES / "berlin_utc_django" / "error.log").read_bytes() + head)

    async def steps(flight: Flight) -> None:
        await flight.press("F")
        with log.open("ab") as out:
            out.write(b"".join(rest))
        await until_shown(flight, "Odd: 9")
        await flight.press("X")
        await until_shown(flight, " Odd ")
        await flight.press("G", "enter")
        await until_shown(flight, "▸4 Odd: 9 ")

    fly([log], steps, (120, 24))


def test_values_are_written_as_they_were(tmp_path: Path) -> None:
    """Httpd escapes letters that are no ASCII; X and the folded line show what Python printed."""
    log = tmp_path / "error.log"
    texts = *_TRACEBACK, r"RuntimeError: final: \xc3\xbcn\xc3\xaf \x1b[31m"
    log.write_bytes(b"".join(line(4242, _HOUR, text) for text in texts))
    with looking_at(log) as session:
        analysis = session.analyse()
        assert analysis is not None
        (group,) = analysis.exceptions.values()

        assert group.value == "final: \u00fcn\u00ef \x1b[31m"

    async def steps(flight: Flight) -> None:
        await flight.press("X")
        await until_shown(flight, "final: \u00fcn\u00ef \\x1b[31m")

    fly([log], steps, (120, 24))


def test_what_requests_wait_for() -> None:
    """R says what it waits for, the clocks first, then what it finds."""
    with looking_at(DJANGO) as session:
        builder, table = session.builder, session.builder.table
        assert table is not None
        note = request_listing(session.view, None).note
        assert note == "The clocks are being found, then this is listed."
        search = RequestSearch(session.view.index, builder.logs, builder.opened, table)
        listing = request_listing(session.view, search)
        assert (listing.note, listing.finished) == ("Requests are looked for.", False)
        search.work()
        assert request_listing(session.view, search).note == ""


def test_requests_say_what_is_worst_of_them(tmp_path: Path) -> None:
    """Behind a proxy all clients look alike: level and message of the worst line are there."""
    log = tmp_path / "error.log"
    texts = "INFO shop: begins", r"WARNING shop: caf\xc3\xa9 is low", "DEBUG shop: ends"
    head = "[Mon Nov 23 19:58:2{}.000000 2026] [wsgi:error] [pid 9:tid 8] [remote 192.0.2.1:5]"
    log.write_text("".join(f"{head.format(at)} {text}\n" for at, text in enumerate(texts)))

    async def steps(flight: Flight) -> None:
        await flight.press("R")
        await until_shown(flight, "WARNING  3      WARNING shop: ca")

    fly([log], steps, (80, 24))
