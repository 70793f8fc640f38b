"""What is known of a log: who flips, who has not loaded an application, whom others outlive."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from logtool.clocks.seen.knots import Knots
from logtool.clocks.seen.roles import Process, Sample
from logtool.clocks.seen.scene import flip_heights, sample_spans, time_range
from logtool.clocks.seen.spans import cut_spans
from logtool.clocks.seen.strands import Strands
from logtool.clocks.seen.voices import VOICE_PID
from logtool.clocks.tzdb.zones import REACH_US
from parsers.units import SECOND
from tests.logtool.clocks.scenes import HOUR, at, knots_of, sample, scene

DAEMON = Process("daemon", "app")
PARENT = Process("parent")
BORN = Process("daemon", "app", born=True)
STARTING = "mod_wsgi (pid=7): Starting process 'app' with uid=33, gid=33 and threads=15."
LOADING = "mod_wsgi (pid=7, process='app', application='{}'): Loading Python script file '/a'."
#: Of mod_wsgi 4 and 6.
ENDING_WORDS = (
    "mod_wsgi (pid={}): Shutdown requested 'app'.",
    "mod_wsgi (pid={}): Cleanup interpreter ''.",
    "mod_wsgi (pid={}): Python has shutdown.",
    "Shutdown requested for daemon process 'app'.",
    "Destroying Python sub-interpreters in daemon process 'app'.",
    "Python runtime has shut down in daemon process 'app'.",
    "Exiting daemon process 'app'.",
)
STOPPED = "AH00491: caught SIGTERM, shutting down"
RESUMING = "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations"
#: Another process, whose steps of five minutes say that 40 minutes have passed.
BUSY = [(2, 300 * step) for step in range(9)]


def said(second: float, message: str, line: int, pid: int = 7) -> Sample:
    """A line looked at closely, at a local second."""
    return replace(sample(message, line=line, pid=pid), local_us=round(second * SECOND))


class TestFlips:
    """By how much the clocks of a voice fall, and whether one process fell so twice."""

    @pytest.mark.parametrize(
        ("knots", "heights"),
        [
            pytest.param(knots_of((7, 0), (7, 1 - 5 * HOUR)), {5 * HOUR}, id="within a second"),
            pytest.param(knots_of((7, 0), (7, 59 - 5 * HOUR)), {5 * HOUR}, id="in a minute"),
            pytest.param(knots_of((7, 0), (7, 60 - 5 * HOUR)), set(), id="not at once"),
            pytest.param(knots_of((7, 0), (7, -1 - 5 * HOUR)), {5 * HOUR}, id="a line raced"),
            pytest.param(knots_of((7, 0), (7, -15 * HOUR)), {15 * HOUR}, id="as far as one leaps"),
            pytest.param(knots_of((7, 0), (7, -15.25 * HOUR)), set(), id="further than one leaps"),
            pytest.param(knots_of((7, 0), (7, 5 * HOUR)), set(), id="time moves on"),
            pytest.param(
                knots_of((7, 0), *BUSY, (7, 605)), {1800}, id="it stays while others move on"
            ),
            pytest.param(knots_of((7, 0), *BUSY, (7, 700)), set(), id="and not at once"),
        ],
    )
    def test_heights(self, knots: Knots, heights: set[int]) -> None:
        """A fall counts if the next line comes at once."""
        found = flip_heights(scene(knots))
        assert found == ({"pid 7": dict.fromkeys(heights, False)} if heights else {})

    def test_one_process_that_falls_twice_flips(self) -> None:
        """The same fall in one process twice is a habit, two different ones are not."""
        twice = knots_of((7, 0), (7, -5 * HOUR), (7, 60), (7, 60 - 5 * HOUR))
        assert flip_heights(scene(twice)) == {"pid 7": {5 * HOUR: True}}
        other = knots_of((7, 0), (7, -5 * HOUR), (7, 60), (7, 60 - 2 * HOUR))
        assert flip_heights(scene(other)) == {"pid 7": {5 * HOUR: False, 2 * HOUR: False}}

    def test_two_processes_that_fall_once(self) -> None:
        """Every application falls once as it is loaded; the daemons of a group are one voice."""
        knots = knots_of((7, 0), (8, 0), (7, -5 * HOUR), (8, -5 * HOUR))
        assert flip_heights(scene(knots, {7: DAEMON, 8: DAEMON})) == {"app": {5 * HOUR: False}}
        assert flip_heights(scene(knots, {7: DAEMON})) == {
            "app": {5 * HOUR: False}, "pid 8": {5 * HOUR: False},
        }  # fmt: skip

    @pytest.mark.parametrize(("others", "kept"), [(4, True), (5, False)])
    def test_what_is_rare_is_no_habit(self, others: int, kept: bool) -> None:
        """A fall that a voice shows less than a quarter as often as another is left out."""
        pids = range(10, 10 + others)
        first = [(pid, 0) for pid in (*pids, 30)]
        falls = [(pid, -5 * HOUR) for pid in pids]
        knots = knots_of(*first, *falls, (30, -2 * HOUR))
        found = flip_heights(scene(knots, dict.fromkeys((*pids, 30), DAEMON)))
        assert found["app"].keys() == ({5 * HOUR, 2 * HOUR} if kept else {5 * HOUR})


class TestUnloaded:
    """Spans of young processes in which no application has spoken for itself."""

    #: Spans 1 to 3 are of process 7; span 4 is another's.
    KNOTS = knots_of((7, 0), (7, 0.5), (7, 5 * HOUR), (7, 1.9), (8, 0))

    def unloaded(self, process: Process, *samples: Sample) -> set[int]:
        """The spans that are not loaded."""
        return {*scene(self.KNOTS, {7: process}, samples).unloaded}

    def test_until_the_application_speaks(self) -> None:
        """The span in which it does, and those after it, are not among them."""
        lines = [said(0, STARTING, 1), said(5 * HOUR, "hello", 3), said(1.9, "hello", 4)]
        assert self.unloaded(BORN, *lines) == {1}
        assert self.unloaded(BORN, lines[0], lines[2]) == {1, 2}
        assert self.unloaded(BORN, lines[0]) == {1, 2, 3}

    def test_within_the_second_nothing_shows(self) -> None:
        """A second is formatted once: what is said in the second of the loading tells nothing."""
        assert self.unloaded(BORN, said(0, STARTING, 1), said(0.99, "hello", 2)) == {1, 2, 3}
        assert self.unloaded(BORN, said(0, STARTING, 1), said(1, "hello", 2)) == {1}
        again = said(9, STARTING, 1)
        lines = [said(0, STARTING, 1), again, said(9.5, "hello", 2), said(5 * HOUR, "hello", 3)]
        assert self.unloaded(BORN, *lines) == {1}

    @pytest.mark.parametrize("words", ENDING_WORDS)
    def test_who_ends_before_an_application_is_loaded(self, words: str) -> None:
        """What mod_wsgi says of the end is no application's word, unless one has been loaded."""
        ending = said(5 * HOUR, f"{words.format(7)}", 3)
        assert self.unloaded(BORN, said(0, STARTING, 1), ending) == {1, 2, 3}
        loading = said(0, LOADING.format(""), 2)
        assert self.unloaded(BORN, said(0, STARTING, 1), loading, ending) == {1}
        asked = replace(ending, client=b"192.0.2.1:80")
        assert self.unloaded(BORN, said(0, STARTING, 1), asked) == {1}

    def test_a_second_application(self) -> None:
        """When another is loaded, in a later second, the first may have set its zone."""
        loading = [
            said(at, LOADING.format(app), line) for at, app, line in ((0, "", 1), (0.5, "b", 2))
        ]
        assert self.unloaded(BORN, *loading) == {1, 2, 3}
        later = said(5 * HOUR, LOADING.format("b"), 3)
        assert self.unloaded(BORN, loading[0], later) == {1}
        creating = said(5 * HOUR, "mod_wsgi (pid=7): Create interpreter 'b'.", 3)
        assert self.unloaded(BORN, loading[0], creating) == {1}
        assert self.unloaded(BORN, replace(creating, line=1), loading[1]) == {1, 2, 3}

    def test_who_was_not_seen_starting(self) -> None:
        """It is young if it is seen loading as the first thing, and not if it has spoken before."""
        loading, hello = said(0, STARTING, 1), said(0, "hello", 1)
        assert self.unloaded(DAEMON, loading) == {1, 2, 3}
        assert self.unloaded(DAEMON, hello, loading) == set()
        assert self.unloaded(DAEMON) == set()

    def test_what_httpd_says_before_an_application_is_loaded(self) -> None:
        """A child that will run an application keeps the server's clock until then."""
        file = replace(said(9, "AH00128: File does not exist: /x", 1), module=b"core")
        later = replace(file, line=4)
        loading, hello = said(11, LOADING.format(""), 3), said(12, "hello", 4)
        child = Process("child", born=True, embedded=True)
        assert self.unloaded(child, file, later) == {1, 2, 3}
        assert self.unloaded(child, file, loading, hello) == {1, 2}
        assert self.unloaded(child, loading, later) == {1, 2}
        old = Process("child", embedded=True)
        assert self.unloaded(old, file, loading, hello) == {1, 2}
        assert self.unloaded(old, file, later) == set()
        assert self.unloaded(old, file, hello) == set()

    def test_a_span_in_which_an_application_is_loaded(self) -> None:
        """Had its zone been another's, the span would have ended; what comes after may be it."""
        loading, hello = said(0, LOADING.format(""), 1), said(3, "hello", 2)
        assert self.unloaded(BORN, loading, hello) == {1}
        assert self.unloaded(BORN, loading, replace(hello, line=4)) == {1, 2}

    def test_of_several_applications_another_may_have_been_loaded(self) -> None:
        """Then who was not seen starting may have left the server's zone before."""
        first, second = said(0, LOADING.format(""), 1), said(0, LOADING.format("b"), 5, pid=8)
        knots, both = self.KNOTS, {7: DAEMON, 8: DAEMON}
        assert scene(knots, both, [first]).unloaded == {1, 2, 3}
        assert scene(knots, both, [first, second]).unloaded == set()
        same = replace(second, message=first.message.replace(b"pid=7", b"pid=8"))
        assert scene(knots, both, [first, same]).unloaded == {1, 2, 3, 4}
        assert scene(knots, {7: BORN, 8: DAEMON}, [first, second]).unloaded == {1, 2, 3}

    def test_each_process_for_itself(self) -> None:
        """Neither another's words nor a line before all of its spans matter."""
        loading = said(0, STARTING, 1)
        other = [said(0, "hello", 5, pid=8), said(0, "hello", 1, pid=9), said(0, "x", 0)]
        assert self.unloaded(BORN, *other, loading) == {1, 2, 3}
        late = knots_of((8, 0), (7, 0), (8, 5 * HOUR))
        lines = [said(0, "hello", 1, pid=8), said(0, STARTING, 2)]
        assert scene(late, {7: BORN}, lines).unloaded == {2}


class TestUnmoved:
    """First spans of who is new and whose clock is seen to change then."""

    START, MOVED = [(1, 0), (1, 1)], [(7, 2 - 5 * HOUR), (1, 3)]
    NOBODY = Process()

    def unmoved(
        self, *rows: tuple[int, float], resumes: int = 1, process: Process = NOBODY
    ) -> set[int]:
        """The spans that no application has moved, if the parent resumes at a line."""
        resuming = said(0, RESUMING, resumes, pid=1)
        return {*scene(knots_of(*rows), {1: PARENT, 7: process}, [resuming]).unloaded}

    @pytest.mark.parametrize("process", [NOBODY, DAEMON, Process("child", embedded=True)])
    def test_before_its_only_change(self, process: Process) -> None:
        """Whoever may run an application, and comes after Apache says that it resumes."""
        assert self.unmoved(*self.START, (7, 1), *self.MOVED, process=process) == {2}

    def test_who_may_be_older(self) -> None:
        """Who spoke before that, or in a log in which nobody resumes, may have been moved."""
        assert self.unmoved((7, 0), *self.START, *self.MOVED, resumes=2) == set()
        assert scene(knots_of(*self.START, (7, 1), *self.MOVED)).unloaded == set()

    def test_who_falls_again(self) -> None:
        """Two applications of one process may each set their zone again and again."""
        again = [(7, 6), (1, 7), (7, 8 - 5 * HOUR), (1, 9)]
        assert self.unmoved(*self.START, (7, 1), *self.MOVED, *again) == set()

    def test_who_spoke_for_long(self) -> None:
        """An application would have moved it before: its zone's night, or another's turn."""
        long = [(7, 1 + 200 * step) for step in range(6)]
        moved = [(1, 1002), (7, 1003 - 5 * HOUR), (1, 1004)]
        assert self.unmoved(*self.START, *long, *moved) == set()
        assert self.unmoved(*self.START, *long[3:], *moved) == {2}

    def test_who_runs_none(self) -> None:
        """A child that only passes requests on is moved by nobody."""
        child = Process("child")
        assert self.unmoved(*self.START, (7, 1), *self.MOVED, process=child) == set()


class TestOutlived:
    """A pid that wrote before a restart and after it is likely another process."""

    #: Spans: the parent 1, process 7 before a silence 2, the parent after it 3, and 7 again 4.
    KNOTS = knots_of((1, 0), (7, 1), (1, 2), (1, 3), (7, 5 * HOUR), (1, 5 * HOUR), (7, 5 * HOUR))

    def outlived(self, *lines: int, knots: Knots = KNOTS) -> list[int]:
        """The spans that are outlived if the parent resumes at these lines."""
        samples = [said(0, RESUMING, line, pid=1) for line in lines]
        log = scene(knots, {1: PARENT}, samples)
        return [span for span in range(1, len(log.spans)) if log.outlived(span)]

    def test_a_restart_in_between(self) -> None:
        """Only one between its last line before the silence and its first one after it counts."""
        assert self.outlived(3) == self.outlived(4) == self.outlived(5) == [3]
        assert self.outlived(1) == self.outlived(2) == self.outlived(6) == self.outlived() == []

    def test_one_of_several(self) -> None:
        """Other restarts, earlier or later, change nothing."""
        assert self.outlived(1, 4, 7) == self.outlived(4, 3, 4) == [3]
        assert self.outlived(1, 2, 6) == []

    def test_the_restart_s_line_may_not_be_kept(self) -> None:
        """Knots are few: the next one after the line stands for it."""
        knots = self.KNOTS.take(np.array([0, 1, 4, 5, 6]))
        assert self.outlived(3, knots=knots) == [3]

    def test_other_words_are_no_restart(self) -> None:
        """Only the parent's word that it resumes is one."""
        log = scene(self.KNOTS, {1: PARENT}, [said(0, "hello", 3, pid=1)])
        assert not log.restarts

    def test_files_are_in_order(self) -> None:
        """A line of a later file is later, whatever its number."""
        knots = replace(
            self.KNOTS,
            file=np.array([0, 0, 0, 0, 1, 1, 1], np.int32),
            line=np.array([10, 20, 30, 40, 1, 2, 3]),
        )
        assert self.outlived(30, knots=knots) == [3]
        assert self.outlived(20, knots=knots) == self.outlived(10, knots=knots) == []


def test_who_keeps_the_server_s_clock() -> None:
    """The parent, children without an application, and who writes for httpd alone."""
    kinds = {
        1: PARENT,
        2: Process("child"),
        3: Process("child", embedded=True),
        4: DAEMON,
        5: Process(),
        6: Process(serves=True),
        VOICE_PID: PARENT,
        VOICE_PID - 1: Process("child", embedded=True),
        VOICE_PID - 2: BORN,
        VOICE_PID - 3: Process(serves=True),
    }
    log = scene(knots_of(*((pid, 0) for pid in kinds)), kinds)
    serving = [pid for span, pid in enumerate(kinds, 1) if log.serves(span)]
    assert serving == [1, 2, 6, VOICE_PID, VOICE_PID - 1, VOICE_PID - 2]


def test_how_firmly_a_clock_is_kept() -> None:
    """The server's most, then a settled application's, then that of a process just born."""
    knots = knots_of((1, 0), (7, 0), (8, 0), (7, 5 * HOUR), (8, 5 * HOUR), (9, 0), (7, 9 * HOUR))
    kinds = {1: PARENT, 7: BORN, 8: DAEMON, 9: BORN}
    lines = [said(0, STARTING, 2), said(9 * HOUR, "hello", 7), said(0, "hello", 6, pid=9)]
    log = scene(knots, kinds, lines)
    assert log.spans.pid[1:].tolist() == [1, 7, 8, 7, 8, 9, 7]
    assert [log.is_birth(span) for span in range(1, 8)] == [
        False, True, False, False, False, True, False,
    ]  # fmt: skip
    assert [log.steadiness(span) for span in range(1, 8)] == [14, 3, 6, 3, 6, 3, 6]


@pytest.mark.parametrize(
    ("lines", "apart", "expected"), [(6, 121, True), (6, 120, False), (5, 200, False)]
)
def test_what_lasts(lines: int, apart: int, expected: bool) -> None:
    """More than ten minutes and five lines are more than is said before a zone is set."""
    log = scene(knots_of(*((7, 100 + apart * row) for row in range(lines))))
    assert len(log.spans) == 2
    assert log.lasts(1) is expected
    assert (log.local_first(1), log.local_last(1)) == (
        100 * SECOND, (100 + apart * (lines - 1)) * SECOND,
    )  # fmt: skip


def test_who_shares_a_clock() -> None:
    """Daemons by their group, others by their role, and whoever is unknown is alone."""
    kinds = {1: PARENT, 7: DAEMON, 8: Process("daemon")}
    log = scene(knots_of((1, 0), (7, 0), (8, 0), (9, 0)), kinds)
    assert [log.voice(span) for span in range(1, 5)] == ["parent", "app", "daemon", "pid 9"]
    assert log.process(4) == Process()


def test_the_time_of_a_log() -> None:
    """It reaches as far as offsets do beyond its lines; a line decades away is left out."""
    middle, day = at("2026-06-05 12:00"), 86_400 * SECOND
    ends = [middle - day, middle + 2 * day]
    far = 12 * 366 * day
    expected = (ends[0] - REACH_US, ends[1] + REACH_US)

    def told(*extra: int) -> tuple[int, int]:
        times = np.array([middle, *ends, *extra])
        knots = knots_of(*((7, 0) for _ in times))
        return time_range(replace(knots, local_us=times))

    assert told() == expected
    assert told(middle + far + 1, middle - far - 1) == expected
    assert told(middle + far, middle - far) == (middle - far - REACH_US, middle + far + REACH_US)


def test_samples_of_two_files() -> None:
    """A line of a later file belongs to the newest span, whatever its number."""
    knots = replace(
        knots_of((7, 0), (8, 0), (7, 5 * HOUR), (7, 10 * HOUR)),
        file=np.array([0, 0, 0, 1], np.int32),
        line=np.array([5, 6, 7, 2]),
    )
    find = sample_spans(knots, cut_spans(Strands.of(knots)))
    places = [(0, 4), (0, 5), (0, 6), (0, 7), (0, 99), (1, 1), (1, 2), (2, 1)]
    found = [find(replace(sample("x", line=line), file=file)) for file, line in places]
    assert found == [None, 1, 1, 3, 3, 3, 4, 4]


@pytest.mark.parametrize(
    ("heads", "stops"),
    [
        pytest.param(((7, 1, RESUMING), (8, 4, RESUMING)), [2], id="another parent begins"),
        pytest.param(((7, 2, STOPPED), (8, 4, RESUMING)), [2], id="the first start is not told"),
        pytest.param(((7, 1, RESUMING), (7, 4, RESUMING)), [], id="the same begins anew"),
        pytest.param(((7, 1, RESUMING),), [], id="it begins once"),
        pytest.param(((-1, 1, RESUMING), (8, 4, RESUMING)), [], id="no line tells whose it is"),
    ],
)
def test_stops(heads: tuple[tuple[int, int, str], ...], stops: list[int]) -> None:
    """Apache was stopped after the last word of a parent that is not the next one's."""
    knots = knots_of((7, 0), (7, 60), (9, 61), (8, 62))
    assert_stops(knots, heads, stops)


def test_old_daemons_that_speak_on() -> None:
    """Who was seen before the last word of a parent is not of the next one."""
    knots = knots_of((7, 0), (9, 1), (7, 60), (9, 61), (5, 62), (8, 63))
    assert_stops(knots, ((7, 1, RESUMING), (8, 6, RESUMING)), [4])


def assert_stops(knots: Knots, heads: tuple[tuple[int, int, str], ...], stops: list[int]) -> None:
    """The stops of a log in which parents begin or end at these lines."""
    samples = [said(0, words, line, pid) for pid, line, words in heads]
    assert list(scene(knots, samples=samples).stops) == stops
