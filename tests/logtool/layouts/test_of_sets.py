"""Layouts that the members of a rotated set have from each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logtool.layouts.found import found_layouts
from logtool.layouts.of_sets import set_layouts
from logtool.sources.opening import open_sources
from logtool.sources.source import Source
from parsers.blocks import Block
from parsers.built_in import BRACKETED_TIME, HTTPD_22, HTTPD_24
from parsers.decode import Decoder
from parsers.detection.detect import detect
from parsers.layouts import Layout
from tests.places import SAMPLE_LOGS

_ROTATED = SAMPLE_LOGS / "rotated"
_LINE = b"[Tue Nov 24 06:09:4%d.047443 2026] [core:error] [pid 7:tid%s] [client ::1:%d] text%s\n"
_PLAIN = [_LINE % (k, b" 8", k, b"") for k in range(9)]
_REFERER = _LINE % (5, b" 8", 5, b", referer https://shop.example/")
_NO_CLIENT = _REFERER.replace(b"[client ::1:5] ", b"")
#: As httpd's own format prints it.
_REFERER_24 = _REFERER.replace(b"referer", b"referer:")
_REMOTE = _PLAIN[3].replace(b"client", b"remote")
#: As only a format with `tid %T]` prints it.
_NO_THREAD = (_LINE % (6, b"", 6, b"")).replace(b":tid]", b":tid")
_OF_22 = b"[Tue Nov 24 06:09:40 2026] [error] [client ::1] text\n"
_ANY = b"[Tue Nov 24 06:09:40 2026] anything\n"
_MANUAL, _HTTPD_24, _HTTPD_22 = "manual, threaded", HTTPD_24.name, HTTPD_22.name


class _Sampled(Source):
    """A log that is only looked at."""

    def __init__(self, block: Block, sequence: int) -> None:
        self.sequence, self.block = sequence, block

    def samples(self) -> list[Block]:  # type: ignore[override]
        """All of it."""
        return [self.block]


def test_a_captured_set_has_one_layout(tmp_path: Path) -> None:
    """Its youngest member alone would be read by httpd's own; as children find it too."""
    for member in _ROTATED.glob("error.log*"):
        lines = member.read_bytes().splitlines(keepends=True)
        told = [line for line in lines if member.suffix != ".log" or b", referer " not in line]
        (tmp_path / member.name).write_bytes(b"".join(told))
    with open_sources([str(tmp_path)]) as sources:
        for some, names in (
            (sources, ["manual, threaded"] * 3),
            (sources[-1:], ["httpd 2.4 built-in"]),
        ):
            for apart in (False, True):
                with found_layouts(some, apart=apart) as found:
                    assert [own[0].name for own in found] == names
    assert sources[-1].name.endswith("error.log")


def _in_sets(
    members: Sequence[Sequence[bytes]], sequences: Sequence[int] | None = None
) -> list[list[Layout]]:
    """The layouts of logs, all of one set if nothing else is said."""
    return _shared(members, [_alone(lines) for lines in members], sequences)


def _shared(
    members: Sequence[Sequence[bytes]],
    found: list[list[Layout]],
    sequences: Sequence[int] | None = None,
) -> list[list[Layout]]:
    blocks = [Block.of(b"".join(lines)) for lines in members]
    sources = [_Sampled(*pair) for pair in zip(blocks, sequences or [0] * len(blocks), strict=True)]
    return list(set_layouts(sources, found))


def _alone(lines: Sequence[bytes]) -> list[Layout]:
    return [one.layout for one in detect([Block.of(b"".join(lines))])]


@pytest.mark.parametrize(
    ("quiet", "other", "names"),
    [
        (_PLAIN, [_NO_THREAD], [_MANUAL, _HTTPD_24]),
        (_PLAIN, [*_PLAIN, _NO_THREAD], [_MANUAL, _HTTPD_24]),
        ([*_PLAIN, _OF_22], [_NO_THREAD], [_MANUAL, _HTTPD_24, _HTTPD_22]),
        ([*_PLAIN, _ANY], [_NO_THREAD], [_MANUAL, _HTTPD_24, BRACKETED_TIME.name]),
        # the other one has no line that httpd's own format does not read
        (_PLAIN, [_NO_CLIENT], [_HTTPD_24]),
        # one that it does not read, but the first layout does not read it either
        (_PLAIN, [_NO_CLIENT, _NO_CLIENT, _OF_22], [_HTTPD_24]),
        # its own lines tell it, and nothing that others might
        ([*_PLAIN, _REFERER], [_NO_THREAD], [_MANUAL]),
        # one that it does not read, but hardly any other line is like it
        (_PLAIN, [_NO_THREAD, *[_OF_22] * 3], [_HTTPD_24]),
        # this one has a line of which the layout would tell less
        ([*_PLAIN, _REFERER_24], [_NO_THREAD], [_HTTPD_24]),
        ([*_PLAIN, _REMOTE], [_NO_THREAD], [_HTTPD_24]),
        ([_OF_22], [_NO_THREAD], [_HTTPD_22]),
        ([], [_NO_THREAD], []),
        ([b"Dear diary\n"], [_NO_THREAD], []),
    ],
)
def test_what_a_member_has_from_another(
    quiet: list[bytes], other: list[bytes], names: list[str]
) -> None:
    """A layout that reads its lines as well, where the other one's are read by none of its own."""
    for members in ([quiet, other], [other, [], quiet]):
        shared = _in_sets(members)
        assert [layout.name for layout in shared[members.index(quiet)]] == names
        assert shared[members.index(other)] == _alone(other)


def test_other_logs_tell_nothing() -> None:
    """Those that are no members of the same set."""
    shared = _in_sets([_PLAIN, [_NO_THREAD], _PLAIN, _PLAIN], [0, 0, 1, 2])
    assert [own[0].name for own in shared] == [_MANUAL, _MANUAL, _HTTPD_24, _HTTPD_24]


def test_members_of_one_layout_are_not_looked_at_again() -> None:
    """Nor is a log that is alone."""
    with open_sources([str(_ROTATED), str(SAMPLE_LOGS / "prefork")]) as sources:
        found = [[HTTPD_24], [HTTPD_24], [], [HTTPD_22]]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Source, "samples", lambda _: pytest.fail("a second look"))
            assert list(set_layouts(sources, found)) == found


_CAPTURED = [
    path.read_bytes().splitlines(keepends=True)
    for name in ("rotated", "berlin_utc_django", "prefork", "embedded", "seconds_only", "advanced")
    for path in sorted((SAMPLE_LOGS / name).glob("error.log*"))
]


@st.composite
def _pieces(draw: st.DrawFn) -> list[bytes]:
    """Some lines of a captured log, and perhaps one of another format."""
    lines = draw(st.sampled_from(_CAPTURED))
    start = draw(st.integers(0, len(lines) - 1))
    odd = draw(st.sampled_from([[], [], [], [_NO_THREAD], [_REMOTE], [_REFERER], [_OF_22]]))
    return [*lines[start : start + draw(st.integers(1, 60))], *odd]


@settings(max_examples=20, deadline=None)
@given(st.lists(_pieces(), min_size=2, max_size=4))
def test_no_line_of_a_set_is_told_less_of(members: list[list[bytes]]) -> None:
    """Each one is read as by its log's own layouts or with no fewer columns.

    What a log has from others is most lines' layout there, and takes all lines of one of its own.
    """
    alone = [_alone(lines) for lines in members]
    for lines, own, shared in zip(members, alone, _shared(members, alone), strict=True):
        added = shared[: len(shared) - len(own)]
        assert shared[len(added) :] == own
        assert all(layout in [one[0] for one in alone if one] for layout in added)
        before, after = _told(lines, own), _told(lines, shared)
        for (was, filled), (_, filled_now) in zip(before, after, strict=True):
            assert filled_now >= filled, was
        for layout in own:
            taken = {now for (was, _), (now, _) in zip(before, after, strict=True) if was is layout}
            assert len(taken) < 2


def _told(lines: Sequence[bytes], layouts: Sequence[Layout]) -> list[tuple[Layout | None, int]]:
    """Of each line its layout, and how many of its columns are filled."""
    told: list[tuple[Layout | None, int]] = []
    for line in lines:
        block, decoder = Block.of(line), Decoder(layouts)
        stamps = decoder.stamps(block)
        number = int(stamps.layout[0])
        names = {name for layout in layouts for name in layout.columns}
        fields = decoder.fields(block, stamps, np.arange(1), names - {"message", "client_marker"})
        filled = sum(int(spans.start[0]) >= 0 for spans in fields.values())
        told.append((layouts[number], filled) if number >= 0 else (None, -1))
    return told
