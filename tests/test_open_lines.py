"""What the order of lines leaves open is told by the truth alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from logtool.clocks.tzdb.zones import Rules, rules_of
from tests.open_lines import (
    Told,
    in_other_zones,
    is_open,
    keepers,
    moved_together,
    open_lines,
    over_nights,
)

_MINUTE = 60_000_000
_HOUR = 60 * _MINUTE


def _line(pid: int, instant: int, hours: float = 0) -> Told:
    return pid, instant + round(hours * _HOUR), instant


def test_lines_between_others_are_not_open() -> None:
    """A process that speaks by turns with another cannot be elsewhere."""
    lines = [_line(1 + turn % 2, turn * _MINUTE, 5 * (turn % 2)) for turn in range(8)]
    assert open_lines(lines, pinned=[1]) == set()


def test_a_late_speaker_is_open() -> None:
    """Who speaks once, at the end, might have spoken in any zone further west."""
    lines = [_line(1, 0), _line(1, 9 * _HOUR), _line(2, 9 * _HOUR + _MINUTE, 3)]
    assert open_lines(lines, pinned=[1]) == {2}


def test_a_change_hidden_in_a_silence_is_open() -> None:
    """Lines after a change, with nobody else near, might be before it."""
    lines = [
        _line(1, 0, 11), _line(2, 0), _line(1, _MINUTE, 11), _line(1, 40 * _MINUTE, 10.5),
        _line(2, 90 * _MINUTE), _line(1, 90 * _MINUTE, 10.5), _line(2, 91 * _MINUTE),
    ]  # fmt: skip
    assert 3 in open_lines(lines, pinned=[2])
    assert not {0, 5} & open_lines(lines, pinned=[2])


def test_a_night_in_which_a_zone_may_have_changed() -> None:
    """A clock that is told at the end may have been an hour further east before a silent night."""
    night = (10 * _HOUR, 3600, 0)
    lines = [_line(1, 0), _line(2, _MINUTE), _line(1, 20 * _HOUR)]
    assert over_nights(lines, 1, [night], tied=True) == {0}
    assert over_nights(lines, 1, [night], tied=False) == {0}
    assert over_nights(lines, 2, [night], tied=True) == set()
    elsewhere = (10 * _HOUR, 7200, 3600)
    assert over_nights(lines, 1, [elsewhere], tied=True) == set()
    assert over_nights(lines, 1, [elsewhere], tied=False) == {0}


def test_a_night_that_somebody_fills() -> None:
    """If all lines before the night came an hour later, this one would come after it."""
    later = (10 * _HOUR, -3600, 0)
    awake = [_line(1, 0), *(_line(2, n * _HOUR // 2) for n in range(1, 40)), _line(1, 20 * _HOUR)]
    assert over_nights(awake, 1, [later], tied=True) == set()
    assert over_nights([awake[0], awake[-1]], 1, [later], tied=True) == {0}


def test_lines_without_a_stamp_are_nobody_s() -> None:
    """They are left out."""
    assert open_lines([None, _line(1, 0), None], pinned=[1]) == set()


def test_errors_alone_do_not_tell_the_server_s_clock() -> None:
    """Where all lines are an application's, they may be in the server's zone or in another."""
    lines = [(7, 31_500, b"[wsgi:error] [pid 7] a"), (8, 31_500, b"[wsgi:error] [pid 8] b")]
    assert is_open(lines, {12_600})
    assert not is_open(lines, {31_500})


def test_clocks_that_change_without_a_night() -> None:
    """Applications that fight over TZ tell no more of the server's zone than others."""
    lines = [(7, 14_400, b"[wsgi:error] [pid 7] a"), (7, -34_200, b"[wsgi:error] [pid 7] b")]
    assert is_open(lines, {16_200}, nights=False)
    assert not is_open(lines, {16_200})


def test_a_line_of_the_parent_tells_the_server_s_clock() -> None:
    """Then the zone that is told belongs to somebody."""
    errors = [(7, 0, b"[wsgi:error] [pid 7] a"), (1, 3600, b"[wsgi:error] [pid 1] b")]
    parent = (1, 3600, b"[mpm_event:notice] [pid 1] AH00489: resuming normal operations")
    assert is_open(errors, {3600})
    assert not is_open([*errors, parent], {3600})
    assert keepers([*errors, parent], {3600}) == {1}


def test_a_child_without_an_application_tells_the_server_s_clock() -> None:
    """It writes of httpd's modules alone, and does keep that clock."""
    lines = [(7, 0, b"[wsgi:error] [pid 7] a"), (3, 3600, b"[core:error] [pid 3] b")]
    assert keepers(lines, {3600}) == {3}
    assert keepers(lines, {7200}) == set()


def test_a_log_whose_clocks_change_is_not_excused() -> None:
    """The night in which a zone changes may tell where the log is."""
    lines = [(7, 0, b"[wsgi:error] [pid 7] a"), (7, 3600, b"[wsgi:error] [pid 7] b")]
    assert not is_open(lines, {7200})


def test_daemons_that_speak_by_turns_may_move_together() -> None:
    """Neither can be elsewhere alone; both may be later, for nobody speaks after them."""
    lines = [_line(1, 0), *(_line(2 + turn % 2, turn * _MINUTE, 3) for turn in range(8))]
    assert open_lines(lines, pinned=[1]) == set()
    assert moved_together(lines, pinned=[1]) == set(range(1, 9))
    assert moved_together([*lines, _line(1, 9 * _MINUTE)], pinned=[1]) == set()
    assert moved_together(lines, pinned=[1, 2]) == set()


def test_those_who_move_together_take_no_more_clocks() -> None:
    """Who leaves a clock that another keeps must go where there is one."""
    lines = [_line(1, 0), _line(2, _MINUTE), _line(3, 2 * _MINUTE), _line(2, 3 * _MINUTE)]
    assert moved_together(lines, pinned=[1]) == set()
    assert moved_together([_line(1, 0), _line(4, _MINUTE // 2, -3), *lines[1:]], pinned=[1, 4]) == {
        2, 3, 4,
    }  # fmt: skip


def test_summer_time_does_not_move() -> None:
    """What lies an hour apart in one process is held by the night between."""
    lines = [_line(1, 0), _line(2, _MINUTE, 3), _line(2, 5 * _HOUR, 2), _line(3, 6 * _HOUR, 2)]
    assert moved_together(lines, pinned=[1]) == set()
    born = [_line(1, 0), _line(2, 1), _line(2, _MINUTE, 3), _line(3, 2 * _MINUTE, 3)]
    assert moved_together(born, pinned=[1]) == {2, 3}


def _read(lines: list[Told], *zones: Rules) -> list[list[int]]:
    """All readings in which one clock keeps one of these zones."""
    every = in_other_zones(lines, ["all"] * len(lines), {"all": zones})
    return [reading.tolist() for reading in every]


def test_a_log_that_one_zone_explains() -> None:
    """All clocks may be the server's where that breaks no order of lines."""
    berlin = rules_of("Europe/Berlin", 0, 365 * 24 * _HOUR)
    utc = rules_of("UTC", 0, 365 * 24 * _HOUR)
    lines = [_line(1, 100 * _HOUR, 1), None, _line(2, 101 * _HOUR, 5)]
    assert _read(lines, berlin) == [[100 * _HOUR, 105 * _HOUR]]
    assert _read([*lines, _line(1, 102 * _HOUR, 1)], berlin) == []
    assert _read([None], berlin) == []
    assert len(_read(lines, utc, berlin)) == 2


def test_one_zone_in_the_night_of_its_change() -> None:
    """Its skipped hour is nobody's; in its repeated hour the order of lines chooses."""
    autumn = datetime(2026, 10, 25, tzinfo=UTC)
    low, high = (int((autumn + timedelta(days=day)).timestamp()) * 10**6 for day in (-1, 1))
    berlin = rules_of("Europe/Berlin", low, high)
    local = low + 26 * _HOUR
    lines: list[Told] = [(1, local + 50 * _MINUTE, 0), (1, local + 10 * _MINUTE, 0)]
    late = [local + 50 * _MINUTE - 2 * _HOUR, local + 10 * _MINUTE - _HOUR]
    assert _read(lines, berlin) == [late]
    assert _read([*lines, (1, local + 5 * _MINUTE, 0)], berlin) == []
    spring = datetime(2026, 3, 29, 2, 30, tzinfo=UTC)
    skipped = int(spring.timestamp()) * 10**6
    zone = rules_of("Europe/Berlin", skipped - 24 * _HOUR, skipped + 24 * _HOUR)
    assert _read([(1, skipped, 0)], zone) == []


def test_clocks_that_may_keep_other_zones() -> None:
    """The same lines are the same clock's; what is known of one clock holds the others."""
    zones = {
        name: rules_of(name, 0, 365 * 24 * _HOUR) for name in ("UTC", "Europe/Berlin", "Asia/Tokyo")
    }
    every = list(zones.values())
    lines = [_line(1, 100 * _HOUR), _line(2, 101 * _HOUR, 9), _line(1, 103 * _HOUR)]
    clocks = ["server", "app", "server"]
    here = [100 * _HOUR, 101 * _HOUR, 103 * _HOUR]
    told = list(in_other_zones(lines, clocks, {"server": [zones["UTC"]], "app": every}))
    assert [reading.tolist() for reading in told] == [here]
    told = list(in_other_zones(lines, clocks, {"server": every, "app": every}))
    west = [99 * _HOUR, 101 * _HOUR, 102 * _HOUR]
    assert [reading.tolist() for reading in told] == [here, west]
    late = list(in_other_zones(lines[:2], clocks[:2], {"server": [zones["UTC"]], "app": every}))
    assert [reading[1] // _HOUR for reading in late] == [110, 109, 101]
