"""What the lines of a process tell of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.seen.lives import LIFE_PID, part_lives
from logtool.clocks.seen.roles import Process, births, buried_in, is_the_servers, processes_of
from tests.logtool.clocks.scenes import knots_of, sample

BORN = "mod_wsgi (pid=7): Starting process 'shop' with uid=33, gid=33 and threads=15."
INITIALIZING = "mod_wsgi (pid=7): Initializing Python."
RESUMING = "AH00489: Apache/2.4.71 configured -- resuming normal operations"
STOPPED = "AH00491: caught SIGTERM, shutting down"
CLIENT = "192.0.2.7:1234"


@pytest.mark.parametrize(
    ("message", "module", "marker", "expected"),
    [
        ("AH00489: Apache/2.4.71 configured -- resuming normal operations", "core", "", "parent"),
        ("AH00052: child pid 4711 exit signal Segmentation fault (11)", "core", "", "parent"),
        ("caught SIGTERM, shutting down", "", "", "parent"),
        ("AH01882: Init: this version of mod_ssl", "ssl", "", "parent"),
        ("mod_wsgi (pid=4): Process 'app' has died, deregister it.", "wsgi", "", "parent"),
        (BORN, "wsgi", "", "daemon"),
        ("Starting daemon process 'shop' with uid=33", "wsgi", "", "daemon"),
        ("mod_wsgi (pid=7, process='shop', application='a|'): Loading Python script file", "wsgi",
         "", "daemon"),
        ("hello", "wsgi", "remote", "daemon"),
        ("AH01964: Connection to child 3 established", "ssl", "client", "child"),
        ("AH01630: client denied by server configuration: /x", "authz_core", "client", "child"),
        ("mod_wsgi (pid=7): Connect after WSGI daemon process restart, attempt #1.", "wsgi",
         "client", "child"),
        ("Unable to connect to WSGI daemon process 'shop' on '/run/a.sock' as user", "wsgi",
         "client", "child"),
        ("hello", "wsgi", "client", ""),
        ("hello", "wsgi", "", ""),
        ("hello", "core", "", ""),
    ],
)  # fmt: skip
def test_roles(message: str, module: str, marker: str, expected: str) -> None:
    """Words that only one kind of process says give its role."""
    line = sample(message, module=module, marker=marker, client=CLIENT if marker else "")
    assert processes_of([line])[7].role == expected


@pytest.mark.parametrize(
    ("words", "pid"),
    [
        ("mod_wsgi (pid=7): Process 'app' has died, deregister and restart it.", 7),
        ("mod_wsgi (pid=1): Daemon process 'app' (pid=7) has died", 7),
        ("Daemon process 'app' has died", 0),
        ("mod_wsgi (pid=7): Process 'app' has been deregistered", None),
        ("the process 'app' has died", None),
    ],
)
def test_a_parent_says_which_daemon_has_died(words: str, pid: int | None) -> None:
    """Each generation of mod_wsgi words it another way, and each is a parent's."""
    assert buried_in(words.encode()) == pid
    if pid is not None:
        assert processes_of([sample(words, pid=1)])[1].role == "parent"


def test_a_parent_s_words_about_a_client_are_not_the_parent_s() -> None:
    """A line with a client is never the parent's."""
    line = sample("AH00163: forged", module="core", marker="client", client=CLIENT)
    assert processes_of([line])[7].role == "child"


def test_the_group_of_a_daemon() -> None:
    """A daemon is born into a group."""
    process = processes_of([sample(BORN, module="wsgi")])[7]
    assert process == Process("daemon", "shop", born=True)


def test_an_application_may_say_anything() -> None:
    """What an application prints through another module's name does not make it a daemon."""
    process = processes_of([sample(BORN, module="core")])[7]
    assert (process.role, process.born) == ("", False)


def test_who_writes_for_httpd_alone() -> None:
    """A process of unknown role that writes for httpd's modules and no application serves."""
    line = sample("AH00037: Symbolic link not allowed", module="core")
    assert processes_of([line])[7] == Process(serves=True)
    assert processes_of([line, sample("hello", module="wsgi")])[7] == Process()
    assert processes_of([sample("hello")])[7] == Process()


def test_embedded() -> None:
    """A child that loads an application may leave the server's clock."""
    loads = "mod_wsgi (pid=7, process='', application='x|'): Loading Python script file '/x'."
    assert processes_of([sample(loads, module="wsgi")])[7] == Process("child", embedded=True)


def test_a_child_that_talks_like_an_application() -> None:
    """A child in whose name a wsgi line speaks of a client runs an application."""
    lines = [
        sample("AH01964: Connection to child 3", module="ssl", marker="client", client=CLIENT),
        sample("hello", module="wsgi", marker="client", client=CLIENT),
    ]
    assert processes_of(lines)[7].embedded
    proxy = sample("Timeout when reading response headers", module="wsgi", client=CLIENT)
    assert not processes_of([lines[0], proxy])[7].embedded


def test_what_runs_in_one_child_may_run_in_any() -> None:
    """All children are configured alike; but who is seen being born would be seen loading it."""
    established = "AH01964: Connection to child 3 established"
    lines = [
        sample(established, pid=7, module="ssl", client=CLIENT),
        sample("hello", pid=7, module="wsgi", client=CLIENT),
        sample(established, pid=8, module="ssl", client=CLIENT),
        sample(INITIALIZING, pid=9, module="wsgi"),
        sample(established, pid=9, module="ssl", client=CLIENT),
    ]
    processes = processes_of(lines)
    assert [processes[pid].embedded for pid in (7, 8, 9)] == [True, True, False]
    assert not processes_of(lines[2:])[8].embedded


def test_births() -> None:
    """A pid that has spoken before and says that it starts begins a new life."""
    lines = [sample(BORN, line=1), sample("hello", line=2), sample(BORN, line=3)]
    assert [lines[birth].line for birth in births(lines)] == [3]


@pytest.mark.parametrize(
    ("messages", "begin"),
    [
        (["Python home /usr.", INITIALIZING, "hello", INITIALIZING, "hello"], [4]),
        ([BORN, INITIALIZING, "hello", BORN, INITIALIZING, "hello"], [4]),
        ([BORN, INITIALIZING, "hello", INITIALIZING, BORN, INITIALIZING], [4, 5]),
        ([INITIALIZING, RESUMING, "hello", INITIALIZING, RESUMING], []),
        ([RESUMING, STOPPED, "AH01876: mod_ssl/2.4 compiled", RESUMING, STOPPED, RESUMING], [3, 6]),
        ([RESUMING, STOPPED, "hello", STOPPED], []),
    ],
)
def test_what_is_said_once_in_a_life(messages: list[str], begin: list[int]) -> None:
    """Python is initialized once, but by a parent; a parent that has ended is another then."""
    lines = [sample(message, line=line) for line, message in enumerate(messages, 1)]
    assert [lines[birth].line for birth in births(lines)] == begin


def test_lives_are_parted() -> None:
    """Knots and samples of a later life have a pid of their own; those of others keep theirs."""
    lines = [sample(BORN, line=n) for n in (1, 3, 5)] + [sample("x", line=6, pid=8)]
    knots, samples = part_lives(knots_of((7, 0), (8, 0), (7, 0), (7, 0), (7, 0), (8, 0)), lines)
    assert knots.pid.tolist() == [7, 8, LIFE_PID, LIFE_PID, LIFE_PID - 1, 8]
    assert [one.pid for one in samples] == [7, LIFE_PID, LIFE_PID - 1, 8]


@given(st.lists(st.tuples(st.sampled_from([7, 8, 9]), st.booleans()), max_size=40))
def test_lives_are_parted_like_one_after_the_other(lines: list[tuple[int, bool]]) -> None:
    """Every line belongs to the life of its pid that began last, whoever wrote in between."""
    samples = [
        sample(BORN if born else "x", line=line, pid=pid)
        for line, (pid, born) in enumerate(lines, 1)
    ]
    newest: dict[int, int] = {}
    lives = 0
    expected = []
    for pid, born in lines:
        if born and pid in newest:
            newest[pid] = LIFE_PID - lives
            lives += 1
        expected.append(newest.setdefault(pid, pid))
    knots, renamed = part_lives(knots_of(*((pid, 0) for pid, _ in lines)), samples)
    assert knots.pid.tolist() == expected
    assert [one.pid for one in renamed] == expected


def test_one_life_stays_as_it_is() -> None:
    """Where no pid comes back nothing is touched."""
    knots = knots_of((7, 0), (8, 0))
    assert part_lives(knots, [sample(BORN)])[0] is knots


@pytest.mark.parametrize(
    ("message", "module", "served"),
    [
        ("hello", "ssl", True),
        ("hello", "wsgi", False),
        ("hello", "", False),
        (BORN, "wsgi", True),
        ("AH01630: client denied by server configuration: /x", "", True),
        ("AH00489: Apache/2.4.71 configured -- resuming normal operations", "", True),
    ],
)
def test_lines_that_tell_the_server_s_clock(message: str, module: str, served: bool) -> None:
    """Those of httpd's own modules, of a birth, and of httpd itself where no module is named."""
    assert is_the_servers(sample(message, module=module)) == served
