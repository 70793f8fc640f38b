"""Lives of servers: what a line tells of them."""

from __future__ import annotations

from logtool.events.lives import RESTARTED, STARTED, STOPPED, Restarts


def test_who_restarts_says_once_that_he_goes_on() -> None:
    """After a restart the server says that it resumes; the next time that is a start."""
    restarts = Restarts()
    told = [restarts.goes_on(life) for life in (STARTED, RESTARTED[0], STARTED, STARTED)]
    assert told == [False, False, True, False]


def test_who_stops_while_restarting_does_not_go_on() -> None:
    """A server that is stopped before it has resumed starts anew."""
    restarts = Restarts()
    told = [restarts.goes_on(life) for life in (RESTARTED[1], STOPPED, STARTED)]
    assert told == [False, False, False]
