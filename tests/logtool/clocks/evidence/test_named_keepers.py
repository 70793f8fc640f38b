"""What a user says of a process's zone holds once Python has set it, and turns nothing wrong."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from tests.exactness import NO_STAMP, clocks_and_answers, overconfident, us
from tests.logtool.clocks.scenes import line, solved
from tests.places import SAMPLE_LOGS

#: What mod_wsgi says of a process before its application speaks.
_BIRTH = re.compile(
    r"mod_wsgi \(pid=|Starting daemon|Initializing Python|Attaching to|Loading|Creating sub|Adding"
)
#: A daemon of a server in Kolkata whose application sets UTC.
BORN = (
    "[Thu Nov 26 12:50:52.100000 2026] [wsgi:info] [pid 213:tid 1] mod_wsgi (pid=213): Starting "
    "process 'shop' with uid=33, gid=33 and threads=3.",
    "[Thu Nov 26 12:50:52.150000 2026] [wsgi:info] [pid 213:tid 1] mod_wsgi (pid=213): "
    "Initializing Python.",
    "[Thu Nov 26 12:50:52.200000 2026] [mpm_event:notice] [pid 211:tid 1] AH00489: Apache/2.4.71 "
    "(Debian) configured -- resuming normal operations",
    "[Thu Nov 26 12:50:52.300000 2026] [wsgi:info] [pid 213:tid 1] mod_wsgi (pid=213): Attach "
    "interpreter ''.",
    "[Thu Nov 26 12:50:52.350000 2026] [wsgi:info] [pid 213:tid 1] mod_wsgi (pid=213, "
    "process='shop', application=''): Loading Python script file '/srv/shop.wsgi'.",
)
TALK = (
    "[Thu Nov 26 07:20:53.100000 2026] [wsgi:error] [pid 213:tid 2] [client 127.0.0.1:57284] one",
    "[Thu Nov 26 12:50:54.200000 2026] [core:notice] [pid 211:tid 1] AH00094: Command line: 'a'",
    "[Thu Nov 26 07:20:55.100000 2026] [wsgi:error] [pid 213:tid 2] [client 127.0.0.1:57284] two",
)


def said(who: str, zone: str) -> ClockOptions:
    """What `--clock WHO=ZONE` says."""
    return ClockOptions(clocks=((who, zone),), neighbours=False)


@pytest.mark.parametrize(
    ("who", "zone", "lines"),
    [
        # Only the last line is of the zone that an application has set in the child.
        (
            "718",
            "Asia/Tokyo",
            (
                "[Wed Nov 11 03:22:21.361060 2026] [core:notice] [pid 712:tid 1] AH00094: Command "
                "line: 'a'",
                "[Wed Nov 11 03:22:22.061060 2026] [core:error] [pid 718:tid 3] [client "
                "127.0.0.1:5] AH00128: File does not exist: /srv/6",
                "[Wed Nov 11 11:22:25.771060 2026] [wsgi:error] [pid 718:tid 3] [client "
                "127.0.0.1:6] INFO emb: hello",
            ),
        ),
        # An application that writes nothing may have moved the child before this.
        (
            "child",
            "Asia/Kolkata",
            (
                "[Thu Nov 26 04:12:00.659675 2026] [wsgi:error] [pid 336:tid 3] [client "
                "192.0.2.1:5] Truncated or oversized response headers received from daemon process "
                "'late': /srv/late.wsgi",
                "[Thu Nov 26 13:12:02.323000 2026] [core:notice] [pid 300:tid 1] AH00094: Command "
                "line: 'a'",
            ),
        ),
    ],
)
def test_no_child_is_certain_that_an_application_may_have_moved(
    who: str, zone: str, lines: tuple[str, ...]
) -> None:
    """What is said of a child does not tell since when."""
    _, answers = solved([*lines], said(who, zone))
    assert {answer and answer[1] for answer in answers} == {"likely"}


@pytest.mark.parametrize("marker", ["", "client", "remote"])
def test_nobody_is_certain_of_whom_nothing_was_seen_before(marker: str) -> None:
    """A pid may speak before it sets the zone, and be a child: rotation has cut that off."""
    words = f"[{marker} 192.0.2.1:5] INFO shop: hello" if marker else "INFO shop: hello"
    talk = [line(f"2026-11-11 03:22:2{second}", 718, words) for second in range(4)]
    for lines in (talk, [*talk, *(text.replace("03:22:2", "18:52:4") for text in talk)]):
        _, answers = solved(lines, said("718", "Asia/Tokyo"))
        assert {answer and answer[1] for answer in answers} == {"likely"}


@pytest.mark.parametrize("missing", [None, 0, 1, 3, 4])
@pytest.mark.parametrize(
    ("who", "zone"),
    [
        ("shop", "UTC"),
        ("daemon", "UTC"),
        ("213", "UTC"),
        ("parent", "Asia/Kolkata"),
        ("211", "Asia/Kolkata"),
    ],
)
def test_a_daemon_is_born_with_the_servers_clock(who: str, zone: str, missing: int | None) -> None:
    """The zone of a daemon is not that of its birth, whichever line of it is missing."""
    lines = [line for at, line in enumerate(BORN) if at != missing] + [*TALK]
    _, answers = solved(lines, said(who, zone))
    assert [answer and answer[0] for answer in answers] == [*[5.5] * (len(lines) - 3), 0, 5.5, 0]
    assert all(answer and answer[1] in ("certain", "likely") for answer in answers)


def test_what_a_process_says_before_it_sets_its_zone() -> None:
    """One change of clock is Python's: the zone is that of the lines after it."""
    early = BORN[4].replace("mod_wsgi (pid=213, process='shop', application='')", "here")
    talk = [*TALK, TALK[1].replace("54.2", "56.2"), TALK[2].replace("55.1", "57.1")]
    lines = [BORN[2], early, TALK[1].replace("54.2", "52.6"), *talk]
    _, answers = solved(lines, said("213", "UTC"))
    assert [answer and answer[0] for answer in answers] == [5.5, 5.5, 5.5, 0, 5.5, 0, 5.5, 0]


#: WHO, sample log: what its about.md says of WHO is true.
_TRUE = [
    *[(who, "berlin_utc_django") for who in ("shop", "daemon", "parent", "child")],
    *[(who, "three_groups") for who in ("group-a", "group-b", "group-c", "parent")],
    *[(who, "daemon_crash_and_rebirth") for who in ("talk", "daemon", "child")],
    *[(who, "fall_back") for who in ("away", "home", "parent")],
    *[("talk", "tzset_mid_life"), ("talk", "graceful_restart"), ("daemon", "compact")],
    *[("parent", "embedded"), ("child", "embedded")],
]


@pytest.mark.parametrize("born", [True, False], ids=["births", "no births"])
@pytest.mark.parametrize(("who", "name"), _TRUE)
def test_a_true_statement(
    who: str, name: str, born: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It turns no right answer wrong, on a host in the server's zone; none is certain and wrong."""
    about = (SAMPLE_LOGS / name / "about.md").read_text()
    told = dict(re.findall(r"^- (server|daemon \S+): (\S+)$", about, re.MULTILINE))
    zones = {key.removeprefix("daemon "): zone for key, zone in told.items()}
    zone = zones.get(who) or zones[[*zones][1] if who == "daemon" else "server"]
    lines = (SAMPLE_LOGS / name / "error.log").read_text("utf-8").split("\n")[:-1]
    truth = (SAMPLE_LOGS / name / "truth.txt").read_text().split()
    kept = [at for at, line in enumerate(lines) if born or not _BIRTH.search(line)]
    log = tmp_path / "error.log"
    log.write_text("".join(lines[at] + "\n" for at in kept), "utf-8")
    os.utime(log, (1, 1))
    monkeypatch.setenv("TZ", zones["server"])
    right = [truth[at] for at in kept]

    _, answers = clocks_and_answers(log, said(who, zone))

    assert overconfident(answers, right) == []
    wrong = [
        row
        for row, ((given, _), true) in enumerate(zip(answers, right, strict=True))
        if true != NO_STAMP and given is not None and given != us(true)
    ]
    assert wrong == []
