"""Torn tracebacks in reports: they count as those that are whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from logtool.reports.counted import stack_events
from logtool.reports.numbers import Report
from parsers.compiled import kernel as kernels
from tests.logtool.events.torn_logs import TORN, WHOLE
from tests.small_blocks import read_in_blocks

Make = Callable[..., Report]


def exceptions(report: Report) -> set[tuple[object, ...]]:
    """What the report says of each kind."""
    return {
        (one.fingerprint, one.type, one.value, one.events, one.guilty_file, one.guilty_line)
        for one in report.hosts[0].exceptions
    }


@pytest.mark.parametrize("size", [0, 3000, 4100])
def test_they_count_as_whole_ones(
    report_of: Make, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Type, text, frame to blame and count; wherever blocks end; also with the kernel at hand."""
    monkeypatch.setattr(stack_events, "WORTH", 0)
    assert kernels.load(1 << 20) is not None
    whole = exceptions(report_of(WHOLE))
    if size:
        read_in_blocks(size, monkeypatch=monkeypatch)
    report = report_of(TORN)
    assert exceptions(report) == whole
    assert [(one.template, one.events) for one in report.hosts[0].messages] == [("sold out", 2)]
