"""Lives of servers: what a line tells of them."""

from __future__ import annotations

import polars as pl
import pytest

from logtool.events.lives import LIVES, RESTARTED, STARTED, STOPPED, Restarts, life_of

PARENT, DAEMON = "mod_wsgi (pid=7): ", "WSGI0113: "
ASKED, KILLED = "child did not end when asked", "child had to be killed"


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


@pytest.mark.parametrize(
    ("tag", "message", "name"),
    [
        *((tag, "whatever it says", life.name) for life in LIVES for tag in life.tags),
        ("AH00489", None, "server started"),
        (None, f"{PARENT}Starting process 'shop' with uid=33.", "daemon started"),
        ("AH00001", f"{PARENT}Starting daemon process 'shop'.", "daemon started"),
        (None, f"{DAEMON}Stopping process 'shop'.", "daemon stopped"),
        (None, f"{DAEMON}{PARENT}Aborting daemon process 'shop'.", "daemon aborted"),
        (None, "Process 'shop' has died, deregister and restart it.", "daemon ended"),
        (None, f"{PARENT}Daemon process 'a b' (pid=9) appears to have crashed.", "daemon ended"),
        (None, f"{PARENT}Maximum requests reached, triggering.", "daemon reached its requests"),
        (None, f"ValueError: {PARENT}Starting process 'shop'", ""),
        (None, f"{PARENT}Starting thread 3 in daemon process 'shop'.", ""),
        ("AH00094", "Command line: '/usr/sbin/apache2'", ""),
        ("AH00045", "child process 7 still did not exit, sending a SIGTERM", ASKED),
        ("AH00046", "child process 7 still did not exit, sending a SIGKILL", KILLED),
        (None, None, ""),
    ],
)
def test_what_a_line_tells(tag: str | None, message: str | None, name: str) -> None:
    """The parent's tags, and what mod_wsgi says of its daemons at the start of a message."""
    line = pl.DataFrame(
        {"tag": [tag], "message": [message]}, {"tag": pl.String, "message": pl.String}
    )
    (told,) = line.select(life_of(pl.col("tag"), pl.col("message"))).to_series()
    assert ["", *(life.name for life in LIVES)][told] == name
