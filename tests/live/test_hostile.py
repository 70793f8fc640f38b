"""Visitors and applications that try to shift clocks, on a real Apache."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from logtool.clocks.options import ClockOptions
from tests.exactness import clocks_and_answers, overconfident, us

from .apache import Apache
from .configuration import App, Daemon
from .problems import Faulty, at_request
from .test_flags_of_servers import send
from .visits import browse

pytestmark = pytest.mark.live

#: What looks like the head of a line, a first line of a process, or evidence of its clock.
IMITATIONS = (
    "[{then:%a %b %d %H:%M:%S.%f %Y}] [core:error] [pid {pid}:tid {pid}] ",
    "[{then:%a %b %d %H:%M:%S.%f %Y}] [wsgi:info] [pid {pid}:tid {pid}] mod_wsgi (pid={pid}): "
    "Starting process 'talk' with uid=33, gid=33 and threads=15.",
    "[{then:%Y-%m-%d %H:%M:%S.%f} -1200] [core:error] [pid {pid}] ",
    "mod_wsgi (pid={pid}): Starting process 'talk' with uid=33, gid=33 and threads=15.",
    "AH00489: Apache/2.4.71 (Debian) configured -- resuming normal operations",
    "mod_wsgi (pid={pid}): Attach interpreter ''.",
    "{then:%Y-%m-%dT%H:%M:%S}+14:00", "AH01964: Connection to child 2 established (server x:443)",
)  # fmt: skip
_TO_TOKYO = "os.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()"
#: Writes what it is asked to straight to descriptor 2, line breaks and all.
_RAW = (
    "from urllib.parse import unquote_to_bytes\n"
    "os.write(2, unquote_to_bytes(environ['QUERY_STRING']) + b'\\n')"
)


def _pids(server: Apache) -> list[str]:
    """The parent, and a process of each group."""
    found = [server.pids()[0], server.daemon_pids("talk")[0], server.daemon_pids("evil")[0]]
    return list(map(str, found))


def _imitations(server: Apache) -> list[str]:
    """Each imitation with each pid, seven hours ago."""
    then = server.now() - timedelta(hours=7)
    return [text.format(pid=pid, then=then) for pid in _pids(server) for text in IMITATIONS]


def _unforged(server: Apache) -> tuple[list[tuple[int | None, str]], list[str], list[str]]:
    """Answers, truths and texts of the lines that nobody forged."""
    log, truth = server.capture()
    options = ClockOptions("Europe/Berlin", neighbours=False)
    answers = clocks_and_answers(log, options)[1]
    texts = log.read_text(errors="replace").splitlines()
    kept = [row for row, text in enumerate(texts) if "forged" not in text]
    return [answers[row] for row in kept], [truth[row] for row in kept], texts


#: Says what the visitor calls itself.
_GREETED = "print('visit of', environ.get('HTTP_USER_AGENT'))"


def _daemons(script: str) -> list[Daemon]:
    """One application in UTC, and one in Tokyo that does what is asked in each request."""
    evil = Faulty("/evil", source=at_request(f"{_TO_TOKYO}\n{script}"))
    return [Daemon("talk", [App("/talk", "UTC")]), Daemon("evil", [evil])]


def test_visitors_shift_no_clock(folder: Path, mod_wsgi: Path) -> None:
    """Addresses and headers that imitate stamps, pids and first lines leave every line exact."""
    with Apache(
        folder, tz="Europe/Berlin", daemons=_daemons(_GREETED), mod_wsgi=mod_wsgi,
        log_level="info http:trace8 core:trace8",
    ) as server:  # fmt: skip
        browse(server, random.Random(1), ["/talk/log", "/talk/hush", "/evil"], 2.5)
        for said in _imitations(server):
            send(server, f"/evil/{quote(said)}", said)
            send(server, f"/%0A{quote(said)}", f"\\n{said}")
        browse(server, random.Random(2), ["/talk/log", "/talk/hush"], 1.5)
    answers, truth, texts = _unforged(server)

    assert sum("visit of" in text for text in texts) >= 3 * len(IMITATIONS)
    assert sum("AH00128" in text for text in texts) >= 3 * len(IMITATIONS)
    wrong = [
        (given, word, instant)
        for (given, word), instant in zip(answers, truth, strict=True)
        if instant != "-" and given != us(instant)
    ]
    assert wrong == []


def test_raw_lines_make_nothing_certain_wrong(folder: Path, mod_wsgi: Path) -> None:
    """What an application writes to descriptor 2 in others' names leaves them right or unsure."""
    daemons = _daemons(_RAW)
    with Apache(folder, tz="Europe/Berlin", daemons=daemons, mod_wsgi=mod_wsgi) as server:
        browse(server, random.Random(1), ["/talk/log", "/talk/hush", "/evil"], 2.5)
        for said in _imitations(server):
            server.get(f"/evil?{quote(said + ' forged')}")
        browse(server, random.Random(2), ["/talk/log", "/talk/hush"], 1.5)
    answers, truth, texts = _unforged(server)

    assert sum("forged" in text for text in texts) > 20
    assert overconfident(answers, truth) == []
