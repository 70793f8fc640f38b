"""What the order of lines leaves open is told by the truth alone."""

from __future__ import annotations

from tests.open_lines import Told, open_lines

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


def test_lines_without_a_stamp_are_nobody_s() -> None:
    """They are left out."""
    assert open_lines([None, _line(1, 0), None], pinned=[1]) == set()
