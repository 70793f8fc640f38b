"""What the order of lines leaves open is told by the truth alone."""

from __future__ import annotations

from tests.open_lines import Told, is_open, keepers, open_lines, over_nights

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
