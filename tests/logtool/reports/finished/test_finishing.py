"""The messages that are listed are the most frequent ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logtool.reports.numbers import Report

LINE = "[Mon Nov 23 10:00:{:02}.000000 2026] [wsgi:{}] [pid 5:tid 9] {}\n"
WORDS = [a + b for a in "abcdef" for b in "xyzuvw"]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(("error", "warn"))), max_size=99))
def test_the_most_frequent_messages_are_listed(
    tmp_path: Path, report_of: Callable[..., Report], said: list[tuple[str, str]]
) -> None:
    """Twenty of them, those that are as frequent by their texts and levels."""
    log = tmp_path / "error.log"
    said = [("zz", "error"), *said]
    log.write_text(
        "".join(LINE.format(at // 2, level, word) for at, (word, level) in enumerate(said))
    )

    (host,) = report_of(log).hosts

    most = sorted(Counter(said).items(), key=lambda one: (-one[1], one[0]))
    assert [((one.template, one.level), one.events) for one in host.messages] == most[:20]
