"""An access log beside an error log: its offset is believed as far as its requests coincide."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logtool.clocks.evidence.access_facts import AccessFacts
from logtool.clocks.evidence.access_sampling import sample_file
from logtool.clocks.evidence.coincidences import Meetings
from logtool.clocks.evidence.neighbours import NeighbourFacts, find_neighbours
from tests.logtool.clocks.evidence.test_neighbours import access_line
from tests.logtool.clocks.scenes import Answer, at, line, resuming, sample, solved

BEGIN = datetime(2026, 6, 5, 8, 42, 36, 978307, tzinfo=UTC)
SERVER, APPLICATION, PROXY = ZoneInfo("America/Bogota"), ZoneInfo("Asia/Tokyo"), 0
HERE_S = -5 * 3600
PARENT, CHILD, DAEMON = 4001, 4002, 4007
DENIED = "AH01630: client denied by server configuration: /srv/x"
#: An instant and a line stamped in the clock of who wrote it.
Word = tuple[datetime, str]


def local(instant: datetime, zone: ZoneInfo) -> str:
    """The local time in a zone, as `line` takes it."""
    return instant.astimezone(zone).replace(tzinfo=None).isoformat(" ")


def error_log(hosts: list[str]) -> Iterator[Word]:
    """A server in Bogota and its application in Tokyo, both with lines about clients."""
    yield BEGIN, resuming(local(BEGIN, SERVER), PARENT)
    for turn, host in enumerate(hosts, start=1):
        here = BEGIN + timedelta(seconds=71 * turn)
        text = f"[client {host}:{40_000 + turn}] {DENIED}"
        yield here, line(local(here, SERVER), CHILD, text, "authz_core:error")
        here += timedelta(milliseconds=300)
        text = f"[remote {host}:{40_000 + turn}] no such order"
        yield here, line(local(here, APPLICATION), DAEMON, text)


HOSTS = [f"192.0.2.{number}" for number in range(1, 11)]
#: By a proxy all requests come from one host.
BEHIND_PROXY = ["10.0.0.1"] * 10


def access_log(
    folder: Path, hosts: list[str], offset_s: int, *, all_day: bool, every_s: int = 7
) -> NeighbourFacts:
    """An access log that is found beside: of those clients, and of others all day or meanwhile."""
    begin = int(BEGIN.timestamp())
    made = [(begin + 71 * turn, host) for turn, host in enumerate(hosts, start=1)]
    times = range(begin - 43_000, begin + 43_000, every_s) if all_day else range(0)
    made += [(second, f"198.51.100.{second % 97}") for second in times]
    (folder / "error.log").touch()
    (folder / "access.log").write_text(
        "".join(access_line(second, offset_s, 403, host) for second, host in sorted(made))
    )
    return find_neighbours([folder / "error.log"], var_log=folder)


def answers(words: list[Word], beside: NeighbourFacts, mtime_us: int | None = None) -> list[Answer]:
    """The answer for the parent and the child, and that for the daemon."""
    _, found = solved([text for _, text in words], beside=beside, mtime_us=mtime_us)
    return sorted({*found}, key=str)


@pytest.mark.parametrize("all_day", [True, False])
@pytest.mark.parametrize("with_mtime", [True, False])
def test_a_proxy_in_another_zone(tmp_path: Path, all_day: bool, with_mtime: bool) -> None:
    """Its requests coincide with the lines under Apache's offset, whatever it writes beside."""
    words = list(error_log(HOSTS))
    mtime_us = at(f"{words[-1][0]:%F %T.%f}") + 300_000 if with_mtime else None
    beside = access_log(tmp_path, HOSTS, PROXY, all_day=all_day)
    assert answers(words, beside, mtime_us) == [(-5.0, "likely"), (9.0, "likely")]


@pytest.mark.parametrize(("offset_s", "told"), [(PROXY, ["access-log"]), (HERE_S, [])])
def test_an_access_log_that_is_not_believed_is_told(
    tmp_path: Path, offset_s: int, told: list[str]
) -> None:
    """A note names it, where its requests speak against the offset it writes."""
    beside = access_log(tmp_path, HOSTS, offset_s, all_day=True)
    table, _ = solved([text for _, text in error_log(HOSTS)], beside=beside)
    notes = [note for note in table.notes if note.kind == "access-log"]
    assert [note.kind for note in notes] == told
    assert all(str(tmp_path / "access.log") in note.text for note in notes)


@pytest.mark.parametrize("all_day", [True, False])
def test_a_proxy_that_hides_the_clients(tmp_path: Path, all_day: bool) -> None:
    """Apache sees the proxy's address only: the modification time outweighs the offset written."""
    words = list(error_log(BEHIND_PROXY))
    beside = access_log(tmp_path, HOSTS, PROXY, all_day=all_day)
    mtime_us = at(f"{words[-1][0]:%F %T.%f}") + 300_000
    assert answers(words, beside, mtime_us) == [(-5.0, "likely"), (9.0, "likely")]


def test_apaches_own(tmp_path: Path) -> None:
    """Several requests, each within moments of a line of its client: that proves the offset."""
    words = list(error_log(HOSTS))
    beside = access_log(tmp_path, HOSTS, HERE_S, all_day=True)
    assert answers(words, beside) == [(-5.0, "certain"), (9.0, "certain")]


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize("late", [timedelta(hours=1), timedelta(hours=2)])
def test_a_slow_answer(tmp_path: Path, late: timedelta, lines: int) -> None:
    """What comes long after its request meets it under another offset, by chance.

    It does not outweigh the order of lines, and makes nobody else less sure.
    """
    words = [text for _, text in error_log(HOSTS)]
    here = local(BEGIN + timedelta(seconds=71) + late, APPLICATION)
    words += [line(here, DAEMON + 1, f"[remote {HOSTS[0]}:40001] export done")] * lines
    _, found = solved(words, beside=access_log(tmp_path, HOSTS, HERE_S, all_day=True))
    assert {*found[:-lines]} == {(-5.0, "certain"), (9.0, "certain")}
    assert {*found[-lines:]} == {(9.0, "likely")}


@pytest.mark.parametrize("hosts", [HOSTS[:2], BEHIND_PROXY, []])
def test_too_few_coincide(tmp_path: Path, hosts: list[str]) -> None:
    """Two requests, or none of a client of the error log, may be chance: likely at most."""
    words = list(error_log(hosts))
    beside = access_log(tmp_path, hosts if hosts != BEHIND_PROXY else [], HERE_S, all_day=True)
    assert {sure for _, sure in filter(None, answers(words, beside))} == {"likely"}


@pytest.mark.parametrize("offset_s", [PROXY, HERE_S])
def test_a_monitor(tmp_path: Path, offset_s: int) -> None:
    """Who asks every minute all day coincides under every offset, and proves none."""
    words = [
        (
            here,
            line(local(here, SERVER), CHILD, f"[client 10.0.0.1:9] {DENIED}", "authz_core:error"),
        )
        for here in (BEGIN + timedelta(minutes=minute) for minute in range(20))
    ]
    begin = int(BEGIN.timestamp())
    # The log was rotated just before: what came earlier is not in it.
    seconds = range(begin, begin + 20 * 60, 60)
    (tmp_path / "error.log").touch()
    (tmp_path / "access.log").write_text(
        "".join(access_line(second, offset_s, 403, "10.0.0.1") for second in seconds)
    )
    beside = find_neighbours([tmp_path / "error.log"], var_log=tmp_path)
    assert [sure for _, sure in filter(None, answers(words, beside))] == ["likely"]


@pytest.mark.parametrize(
    ("hosts", "offset_s", "sure"),
    [(HOSTS, HERE_S, "certain"), ([], HERE_S, "certain"), (HOSTS, PROXY, "likely")],
)
def test_named(tmp_path: Path, hosts: list[str], offset_s: int, sure: str) -> None:
    """What the user names is believed, unless its own requests speak against it."""
    words = list(error_log(HOSTS))
    access_log(tmp_path, hosts, offset_s, all_day=True)
    beside = find_neighbours([], access_logs=[tmp_path / "access.log"])
    assert answers(words, beside) == [(-5.0, sure), (9.0, sure)]


def facts(folder: Path, made: list[tuple[int, str]]) -> AccessFacts:
    """An access log of these seconds and hosts."""
    path = folder / "access.log"
    path.write_text("".join(access_line(second, 0, host=host) for second, host in made))
    found = sample_file(path)
    assert found is not None
    return found


@given(
    made=st.lists(st.tuples(st.integers(100, 160), st.sampled_from("abc")), max_size=20),
    asked=st.lists(st.tuples(st.integers(90, 170), st.sampled_from("abcd")), min_size=1),
)
def test_meetings(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int, str]],
    asked: list[tuple[int, str]],
) -> None:  # fmt: skip
    """A line meets a request of its client, else of anybody, from 3 s before it to 1 s after."""
    folder = tmp_path_factory.mktemp("meetings")
    meetings = Meetings([facts(folder, made)] if made else [])
    clients = [meetings.client_of(sample("x", client=f"{host}:80")) for _, host in asked]
    seconds = [second for second, _ in asked]
    known = {host for _, host in made}
    assert len(meetings) == len(made)
    assert meetings.met(np.array(clients), np.array(seconds)).tolist() == [
        any(
            second - 3 <= here <= second + 1 and (host not in known or host == whose)
            for here, whose in made
        )
        for second, host in asked
    ]


@pytest.mark.parametrize("client", ["10.0.0.1:443", "10.0.0.1", "2001:db8::7:443", "2001:db8::7"])
def test_clients_with_and_without_ports(tmp_path: Path, client: str) -> None:
    """Apache 2.2 writes no port; of IPv6 neither writes brackets."""
    meetings = Meetings([facts(tmp_path, [(100, "10.0.0.1"), (200, "2001:db8::7")])])
    assert meetings.knows(meetings.client_of(sample("x", client=client)))
    assert not meetings.knows(meetings.client_of(sample("x", client="10.0.0.11:443")))


def test_odds(tmp_path: Path) -> None:
    """A line that meets a request speaks for it by how rare that is by chance; others against it.

    In a hundred seconds, and the hour that is looked at besides, a request covers four.
    """
    meetings = Meetings([facts(tmp_path, [(100, "a"), (150, "b"), (150, "b"), (200, "c")])])
    client = {host: meetings.client_of(sample("x", client=f"{host}:80")) for host in "abz"}
    for asked, second, requests in (("a", 100, 1), ("a", 150, 1), ("b", 150, 2), ("z", 200, 4)):
        chance = 1 - np.exp(-4 * requests / 3700)
        whose, local = np.array([client[asked]]), np.array([second])
        here, away = meetings.odds(whose, local, np.array([0, 3600])).tolist()
        missed = np.log(0.05 / (1 - chance))
        met = np.log(0.95 / chance)
        assert here == pytest.approx(missed if (asked, second) == ("a", 150) else met)
        assert away == pytest.approx(missed)
