"""The simulator writes what httpd writes, and tells the truth about it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from benchmarks.clock_accuracy import Answers, one_clock, score
from tests.logtool.clocks.simulate import PRESETS, Group, Simulated, Spec, random_spec, simulate
from tests.logtool.clocks.simulate.layouts import FORMATS, LAYOUTS, Line, tokens, write_items
from tests.logtool.clocks.simulate.strategies import simulations
from tests.logtool.clocks.simulate.zones import DAY, HOUR, SECOND, offset_at, us, zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STAMP = re.compile(
    r"(?P<day>[A-Z]\w\w) (?P<month>[A-Z]\w\w) (?P<date>\d\d) (?P<clock>[\d:]{8})"
    r"(?P<fraction>\.\d+)? (?P<year>\d{4})|(?P<compact>\d{4}-\d\d-\d\d [\d:]{8})(?P<rest>\.\d+)?"
)
_LEAST = settings(max_examples=60, deadline=None)


def _naive_us(line: bytes) -> int:
    """What a line's clock said, read with the standard library alone."""
    found = _STAMP.search(line.decode())
    assert found is not None, line
    if found["compact"]:
        text, form = found["compact"] + (found["rest"] or ".0"), "%Y-%m-%d %H:%M:%S.%f"
    else:
        parts = (found["day"], found["month"], found["date"], found["clock"], found["year"])
        text, form = " ".join(parts) + (found["fraction"] or ".0"), "%a %b %d %H:%M:%S %Y.%f"
    return (datetime.strptime(text, form).replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def _stamped(log: Simulated) -> Iterator[tuple[bytes, int, tuple[str, int], int]]:
    """The lines that httpd alone wrote: text, instant, (zone, offset), pid."""
    rows = zip(log.lines, log.truth_us, log.process_zone, log.pids, log.kinds, strict=True)
    for line, truth_us, where, pid, kind in rows:
        if kind == "httpd":
            assert truth_us is not None
            assert where is not None
            yield line, truth_us, where, pid


def _set_back_us(log: Simulated) -> int:
    """By how much the host's clock was set back."""
    return -sum(step for step in log.spec.steps_us if step < 0)


def _line(text: str, **knowledge: str | int) -> Line:
    """A message at 2026-11-22 14:26:38.335032 UTC in the clock of UTC."""
    known: dict[str, str | int] = {
        "module": "core", "level": "error", "pid": 14606, "thread": 14606,
        "handle": 139_704_932_599_808, **knowledge,
    }  # fmt: skip
    at_us = us(2026, 11, 22, 14, 26) + 38_335_032
    return Line(at_us // SECOND, at_us % SECOND, 0, text=text, **known)  # type: ignore[arg-type]


def test_the_same_seed_gives_the_same_log() -> None:
    """A failing case can be run again."""
    first, again = (simulate(Random(7), random_spec(Random(3))) for _ in range(2))
    assert first.log == again.log
    assert first.truth_us == again.truth_us
    assert first.access_log == again.access_log


@pytest.mark.parametrize("kind", PRESETS)
def test_every_preset_makes_a_log_of_its_kind(kind: str) -> None:
    """A preset has lines with a truth, and a name of its own."""
    log = simulate(Random(1), PRESETS[kind])
    assert log.spec.kind == kind
    assert len(log.lines) > 20
    assert len(log.lines) == len(log.truth_us) == len(log.process_zone) == len(log.kinds)


@_LEAST
@given(simulations())
def test_lines_say_what_their_zone_says(log: Simulated) -> None:
    """A stamp is its instant in the offset of its zone, except in a second that a change cut."""
    for line, truth_us, (name, offset_s), _ in _stamped(log):
        assert _naive_us(line) == truth_us + offset_s * SECOND
        there = datetime.fromtimestamp(truth_us // SECOND, zone(name)).utcoffset()
        assert there == timedelta(seconds=offset_s)


@_LEAST
@given(simulations())
def test_no_local_time_is_in_a_skipped_hour(log: Simulated) -> None:
    """Every stamp is a time that its zone had, at the instant or at its twin of the fold."""
    for line, truth_us, (name, _), _ in _stamped(log):
        naive = (_EPOCH + timedelta(microseconds=_naive_us(line))).replace(tzinfo=None)
        local = naive.replace(tzinfo=zone(name))
        twins = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
        assert _EPOCH + timedelta(microseconds=truth_us) in twins


@_LEAST
@given(simulations())
def test_real_time_does_not_run_backwards(log: Simulated) -> None:
    """Lines stand in the order of writing, so instants fall back by a race or a digit at most."""
    digits = {LAYOUTS[name].digits for name in log.spec.layouts}
    grain_us = 10 ** (6 - min(digits))
    latest_us = 0
    for _, truth_us, _, _ in _stamped(log):
        assert truth_us > latest_us - log.spec.race_us - grain_us - _set_back_us(log) - 5000
        latest_us = max(latest_us, truth_us)


@_LEAST
@given(simulations())
def test_a_second_has_one_zone_per_process(log: Simulated) -> None:
    """Httpd explodes a second once, so a process that changes TZ keeps its zone to the second."""
    seen: dict[tuple[int, int], int] = {}
    for _, truth_us, (_, offset_s), pid in _stamped(log):
        assert seen.setdefault((pid, truth_us // SECOND), offset_s) == offset_s


@_LEAST
@given(simulations())
def test_unstamped_lines_have_no_instant(log: Simulated) -> None:
    """Raw standard error, forged or not, has no truth; every line of httpd's has one."""
    for truth_us, kind in zip(log.truth_us, log.kinds, strict=True):
        assert (truth_us is None) == (kind in ("raw", "forged"))


@_LEAST
@given(simulations())
def test_the_last_write_is_the_file_s_time(log: Simulated) -> None:
    """The file's time is that of the last line's write, at most a timer tick before its stamp."""
    last_us = max(truth_us for _, truth_us, _, _ in _stamped(log)) if log.lines else 0
    assert last_us - _set_back_us(log) - 5000 < log.mtime_us
    if set(log.kinds) == {"httpd"}:
        assert log.mtime_us < last_us + log.spec.race_us + SECOND + 5000


@_LEAST
@given(simulations(["plain", "two groups", "graceful", "autumn", "pid reuse", "flips"]))
def test_without_embedded_applications_the_access_log_has_the_server_s_clock(
    log: Simulated,
) -> None:
    """Children never leave the zone in which Apache was started."""
    for text in re.findall(rb"\[([^]]+)\] \"GET", log.access_log):
        stamp = datetime.strptime(text.decode(), "%d/%b/%Y:%H:%M:%S %z")
        assert stamp.utcoffset() == stamp.astimezone(zone(log.server_zone)).utcoffset()


@_LEAST
@given(simulations(["format ids", "format ids-hyphen", "format wsgi", "pidless ids-no-pid"]))
def test_log_ids_carry_the_time_they_were_made(log: Simulated) -> None:
    """The low 32 bits of an id are microseconds UTC: its request's, not later than its lines."""
    for line, truth_us, _, _ in _stamped(log):
        for text in re.findall(rb"\b(?:R|C|cid|rid): ?([A-Za-z0-9+/]{11})(?=[],])", line):
            made = int.from_bytes(base64.b64decode(text + b"="), "little")
            age_us = (truth_us - made) % 2**32
            assert age_us < 10 * 60 * SECOND


def test_a_unique_id_carries_its_second() -> None:
    """The first 32 bits of mod_unique_id's are the request's epoch, big end first."""
    log = simulate(Random(2), PRESETS["unique ids"])
    found = 0
    for line, truth_us, _, _ in _stamped(log):
        if match := re.search(rb"\[R:([-\w]{27})\]", line):
            found += 1
            made = int.from_bytes(base64.urlsafe_b64decode(match[1] + b"=")[:4], "big")
            assert 0 <= truth_us // SECOND - made < 600
    assert found > 50


def test_a_written_offset_is_the_true_one() -> None:
    """Where the layout writes `z`, it writes the offset of the stamp."""
    for line, _, (_, offset_s), _ in _stamped(simulate(Random(4), PRESETS["written"])):
        match = re.match(rb"\[\S+ \S+ ([-+])(\d\d)(\d\d)\]", line)
        assert match is not None
        size = int(match[2]) * 3600 + int(match[3]) * 60
        assert offset_s == (-size if match[1] == b"-" else size)


@pytest.mark.parametrize("kind", ["plain", "graceful", "maximum requests", "mod_wsgi 6"])
def test_daemons_are_born_in_the_server_s_zone(kind: str) -> None:
    """Birth lines bear the server's clock, last words the application's."""
    log = simulate(Random(6), PRESETS[kind])
    births = [row for row in _stamped(log) if re.search(rb"Starting (?:daemon )?process", row[0])]
    ends = [row for row in _stamped(log) if re.search(rb"Exiting (?:daemon )?process", row[0])]
    assert births
    assert {where for _, _, (where, _), _ in births} == {log.server_zone}
    assert kind == "plain" or {where for _, _, (where, _), _ in ends} - {log.server_zone}


def test_a_change_is_seen_from_the_next_second_only() -> None:
    """A process that stamped a line in the second of its `tzset()` keeps the old zone in it."""
    log = simulate(Random(0), PRESETS["flips in bursts"])
    zones: dict[int, list[tuple[int, str]]] = {}
    for _, truth_us, (where, _), pid in _stamped(log):
        zones.setdefault(pid, []).append((truth_us // SECOND, where))
    changes = [
        (early, late)
        for told in zones.values()
        for (early, old), (late, new) in pairwise(told)
        if old != new
    ]
    assert len(changes) > 20
    assert all(early < late for early, late in changes)


def test_embedded_applications_move_children() -> None:
    """A child's own lines and access lines leave the server's zone once it has the application."""
    log = simulate(Random(5), PRESETS["embedded"])
    tls = {where for line, _, (where, _), _ in _stamped(log) if b"[ssl:info]" in line}
    assert tls == {"Europe/Berlin", "Asia/Tokyo"}
    assert set(re.findall(rb" ([-+]\d{4})\] \"", log.access_log)) == {b"+0200", b"+0900"}


def test_a_dead_process_gives_its_pid_away() -> None:
    """A reused pid has two births, and the second life begins after the first."""
    log = simulate(Random(5), PRESETS["maximum requests, pid reuse"])
    born = [pid for line, _, _, pid in _stamped(log) if b"Starting process" in line]
    assert len(born) > len(set(born))


def test_the_dead_do_not_write() -> None:
    """No line of a daemon is younger than its last words, in none of its lives."""
    log = simulate(Random(5), PRESETS["maximum requests"])
    ended = {pid: t for line, t, _, pid in _stamped(log) if b"Exiting process" in line}
    assert len(ended) > 5
    for _, truth_us, _, pid in _stamped(log):
        assert truth_us < ended.get(pid, truth_us) + 5000


def test_races_swap_lines() -> None:
    """A stamp is taken before the line is written, so another process may write first."""
    log = simulate(Random(5), PRESETS["races"])
    instants = [truth_us for _, truth_us, _, _ in _stamped(log)]
    assert any(late < early for early, late in pairwise(instants))


def test_late_groups_speak_late() -> None:
    """A one-sided process is silent until the log's last part."""
    log = simulate(Random(5), PRESETS["late errors"])
    spec = log.spec
    tokyo = [t for _, t, (where, _), _ in _stamped(log) if where == "Asia/Tokyo"]
    assert tokyo
    assert min(tokyo) > spec.start_us + 0.95 * spec.span_us


def test_the_office_sleeps_at_weekends() -> None:
    """Office hours leave silences longer than two days."""
    log = simulate(Random(5), PRESETS["office"])
    instants = [truth_us for _, truth_us, _, _ in _stamped(log)]
    assert max(b - a for a, b in pairwise(instants)) > 2 * DAY


def test_a_fold_shows_the_same_hour_twice() -> None:
    """In autumn a local time is followed by an earlier one of the same process."""
    log = simulate(Random(5), PRESETS["autumn hour"])
    berlin = [_naive_us(line) for line, _, (name, _), _ in _stamped(log) if "Berlin" in name]
    falls = [b - a for a, b in pairwise(berlin)]
    assert min(falls) < -HOUR // 2


def test_apia_skipped_a_day() -> None:
    """Zones come from tzdata, with all their history."""
    eve = us(2011, 12, 30, 9, 59) // SECOND
    assert offset_at("Pacific/Apia", eve) == -10 * 3600
    assert offset_at("Pacific/Apia", eve + 60) == 14 * 3600
    assert isinstance(zone("Pacific/Apia"), ZoneInfo)


def test_the_built_in_format() -> None:
    """Source at debug, then status, then client, then message, then referer."""
    line = _line(
        "AH01626: authorization result of Require all granted: granted",
        module="authz_core", level="debug", source="mod_authz_core.c(815)",
        client="127.0.0.1:46606", referer=r"x\"y\\z",
    )  # fmt: skip
    assert LAYOUTS["built-in"].write(line) == (
        "[Sun Nov 22 14:26:38.335032 2026] [authz_core:debug] [pid 14606:tid 14606] "
        "mod_authz_core.c(815): [client 127.0.0.1:46606] AH01626: authorization result of Require "
        r"all granted: granted, referer: x\"y\\z"
    )


def test_the_built_in_format_without_threads() -> None:
    """Up to 2.4.59 prefork writes no thread."""
    line = _line("hello", module="wsgi", handle=0, client="::1:48334", word="remote")
    assert LAYOUTS["pthread"].write(line) == (
        "[Sun Nov 22 14:26:38.335032 2026] [wsgi:error] [pid 14606] [remote ::1:48334] hello"
    )


def test_the_format_of_22() -> None:
    """2.2 has no fraction, no module, no pid, no port and no tags, and the client before errno."""
    line = _line(
        "AH00035: access to / denied", client="192.0.2.1:4000", status="(13)Permission denied"
    )
    assert LAYOUTS["2.2"].write(line) == (
        "[Sun Nov 22 14:26:38 2026] [error] [client 192.0.2.1] (13)Permission denied: "
        "access to / denied"
    )


def test_an_empty_item_takes_its_field_along() -> None:
    """The manual's format under prefork never closes the bracket of the pid."""
    assert LAYOUTS["manual"].write(_line("AH00163: hello", module="mpm", handle=0)) == (
        "[Sun Nov 22 14:26:38.335032 2026] [mpm:error] [pid 14606:tid AH00163: hello"
    )


def test_a_stale_field_can_erase_the_message() -> None:
    """Httpd's own bug: a field dropped before and after `%M` in one field takes it away."""
    items = tokens(r"[%t] %a:%M% ,\ referer\ %{Referer}i")
    assert write_items(items, _line("lost")) == "[Sun Nov 22 14:26:38 2026]"


def test_hyphens_and_levels() -> None:
    """`%-` prints a hyphen for nothing, but not where `%7` drops the field."""
    items = tokens("[%t] %-a %-{Referer}i %-L %7F: %-7F %M")
    assert write_items(items, _line("AH00489: up", source="core.c(1)")) == (
        "[Sun Nov 22 14:26:38 2026] - - - AH00489: up"
    )


def test_a_required_item_drops_the_line() -> None:
    """`%+` without text drops the whole line."""
    assert not write_items(tokens("[%t] %+a %M"), _line("hello"))


def test_every_format_writes_its_message() -> None:
    """No format of the simulator loses the message."""
    for name in FORMATS:
        assert "hello" in LAYOUTS[name].write(_line("hello", client="192.0.2.1:4000"))


def test_no_server_no_lines() -> None:
    """Without clients a log has the lines of the start, each in the server's zone."""
    spec = Spec(requests=0, groups=(Group("app", ("UTC",)),), server_zone="Asia/Kathmandu")
    log = simulate(Random(1), spec)
    assert {where for _, _, where, _ in _stamped(log)} == {("Asia/Kathmandu", 20_700)}


def _answers(log: Simulated, confidence: str, late_us: int = 0) -> Answers:
    return [(None if t is None else t + late_us, confidence) for t in log.truth_us]


def test_the_benchmark_counts_the_truth_as_exact() -> None:
    """An engine that knows everything is perfect, also where lines are raw, torn or forged."""
    for kind in ("raw", "glued", "forged"):
        log = simulate(Random(3), PRESETS[kind])
        counts = score(log, _answers(log, "certain"), forgive_shift=False)
        assert (counts.perfect, counts.overconfident, counts.invented) == (1, 0, 0)
        assert counts.exact == counts.lines
        assert counts.glued_exact == counts.glued


def test_the_benchmark_forgives_a_common_shift_but_no_certainty() -> None:
    """Without an anchor a whole log may be an hour late, but its clocks may not be certain."""
    log = simulate(Random(3), PRESETS["plain"])
    modest = score(log, _answers(log, "likely", HOUR), forgive_shift=True)
    assert (modest.exact, modest.overconfident) == (modest.lines, 0)
    sure = score(log, _answers(log, "certain", HOUR), forgive_shift=True)
    assert (sure.exact, sure.overconfident) == (sure.lines, sure.lines)
    told = score(log, _answers(log, "likely", HOUR), forgive_shift=False)
    assert told.exact == 0


def test_one_clock_for_all_is_exact_for_the_server_s_lines() -> None:
    """The benchmark's baseline places what is stamped in the zone it was told, and no more."""
    log = simulate(Random(3), PRESETS["plain"])
    counts = score(log, one_clock(log.log, server_tz=log.server_zone), forgive_shift=False)
    at_home = sum(where == log.server_zone for _, _, (where, _), _ in _stamped(log))
    assert counts.exact == at_home < counts.lines
