"""Anchors: what ties clocks to UTC, one kind at a time."""

from __future__ import annotations

import base64
import re

import pytest

from logtool.clocks.evidence.anchors import _offsets_of_id, modification_times
from logtool.clocks.seen.log_ids import PERIOD_US, unique_id_us
from tests.logtool.clocks.scenes import HOUR, at, born, knots_of, line, resuming, scene, solved

_LATE = "2026-06-05 12:0{}:00.000900"


def _saying(text: str) -> list[str]:
    """A log of one process, three of whose lines carry a text."""
    lines = [resuming("2026-06-05 12:00")]
    return lines + [line(_LATE.format(k), 1, text.format(k)) for k in range(3)]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2026-06-05T10:0{}:00Z begun", 2), ("[WARNING] 2026-06-05 11:3{}:00+0500 begun", 5.5),
        ("INFO 2026-06-05T07:0{}:00.5-03:00 begun", 2),
        ("[2026-06-05 10:0{}:00 +0000] [7] [INFO] begun", 2),
        ('{{"level": "info", "timestamp": "2026-06-05T10:0{}:00Z", "event": "begun"}}', 2),
        ("level=info ts=2026-06-05T10:0{}:00Z msg=begun", 2),
    ],
)  # fmt: skip
def test_messages_that_name_their_instant(text: str, hours: float) -> None:
    """An instant with its offset, just before the line's, places the process, and is told."""
    table, answers = solved(_saying(text))

    assert {answer[0] for answer in answers if answer} == {hours}
    told = [fact.text for clock in table.clocks for fact in clock.evidence]
    assert "3 messages of it name the instant with its offset" in told
    assert {answer[1] for answer in answers if answer} == {"likely"}


@pytest.mark.parametrize(
    "text",
    [
        "INFO auth: session valid until 2026-06-05T11:0{}:00+00:00",
        "expiry time: 2026-06-05T11:0{}:00Z", "Expires 2026-06-05T11:0{}:00Z",
        '{{"event": "locked", "until_time": "2026-06-05T11:0{}:00Z"}}',
    ],
)  # fmt: skip
def test_messages_that_name_what_may_be_another_instant(text: str) -> None:
    """What expires in an hour looks as a clock an hour away does: nothing but an assumption."""
    table, answers = solved(_saying(text))

    assert {answer[1] for answer in answers if answer} == {"assumed"}
    told = " ".join(fact.text for clock in table.clocks for fact in clock.evidence)
    assert "3 messages of it name the instant with its offset, which may be that" in told


@pytest.mark.parametrize(
    "text", ["due 2026-06-05T10:09:{}0Z", "of 2026-06-05T09:5{}:30Z", "2026-13-05T10:0{}:00Z"]
)
def test_messages_that_name_another_instant(text: str) -> None:
    """An instant minutes away, or none at all, places nobody."""
    table, _ = solved(_saying(text))

    assert "instant" not in {fact.kind for clock in table.clocks for fact in clock.evidence}


def _unique_id(utc: str) -> bytes:
    """What mod_unique_id makes at an instant."""
    text = base64.b64encode((at(utc) // 1_000_000).to_bytes(4, "big") + bytes(14))[:24]
    assert unique_id_us(text) == at(utc)
    return text


def _core_id(made_us: int) -> bytes:
    """What httpd makes of an instant."""
    return base64.b64encode((made_us % PERIOD_US).to_bytes(4, "little") + bytes(4)).rstrip(b"=")


def _carrying(name: bytes, text: str) -> str:
    """A line with the id of its request and connection."""
    head, _, message = text.partition("] hello")
    return f"{head.partition(':tid')[0]}] [R:{name.decode()}] [C:{name.decode()}] hello{message}"


@pytest.mark.parametrize(
    ("made", "offsets"),
    [
        ("2026-06-05 10:00:00", [2 * HOUR]), ("2026-06-05 09:59:40", [2 * HOUR]),
        ("2026-06-05 17:29:50", [-5 * HOUR - HOUR // 2]), ("2026-06-05 09:55:00", [2 * HOUR]),
        ("2026-06-05 09:54:59", []), ("2026-06-05 10:00:02", [2 * HOUR]),
        ("2026-06-05 10:00:03", []), ("2026-06-04 10:00:00", []),
    ],
)  # fmt: skip
def test_ids_are_made_before_their_line(made: str, offsets: list[int]) -> None:
    """The offsets under which an id is at most five minutes older than its line."""
    assert _offsets_of_id(_unique_id(made), at("2026-06-05 12:00:00")) == offsets


def test_an_id_of_an_old_request_says_little() -> None:
    """It fits an offset by chance; that its process be in a zone of its own would be too much."""
    stamp = "2026-06-05 13:00:00"
    old = at(stamp) + (10 * HOUR + 3 * HOUR // 4 - 10) * 1_000_000
    assert _offsets_of_id(_core_id(old), at(stamp)) == [-10 * HOUR - 3 * HOUR // 4]
    lines = [resuming("2026-06-05 12:00").replace(":tid 1", "")]
    for minute in range(5):
        made = at(f"2026-06-05 12:3{minute}:00")
        lines.append(_carrying(_core_id(made), line(f"2026-06-05 12:3{minute}:01", 3)))
    lines += [_carrying(_core_id(old), line(stamp, 4))]
    lines.append(resuming("2026-06-05 14:00").replace(":tid 1", ""))
    table, answers = solved(lines, mtime_us=at("2026-06-05 14:00"))
    assert {answer[0] for answer in answers if answer} == {0}
    assert "5 log ids written within moments of their line" in {
        fact.text for clock in table.clocks for fact in clock.evidence
    }
    assert not any(clock.conflicts for clock in table.clocks)


def test_what_is_no_id_says_nothing() -> None:
    """A forged id of another form."""
    assert _offsets_of_id(b"x", at("2026-06-05 12:00:00")) == []


def test_evidence_counts_in_words() -> None:
    """One message is no messages."""
    lines = [resuming("2026-06-05 12:00"), line(_LATE.format(1), 1, "at 2026-06-05T10:01:00Z")]
    table, _ = solved(lines)

    told = " ".join(fact.text for clock in table.clocks for fact in clock.evidence)
    assert re.search(r"\b1 message of it name", told)


def test_what_an_application_writes_tells_nothing_of_its_birth() -> None:
    """Daemons write +0000 once they have left the server's clock; they were born with it."""
    lines = [resuming("2026-06-05 03:00:00")]
    lines += [born(f"2026-06-05 03:00:0{pid}", pid) for pid in (7, 8, 9)]
    for minute, pid in ((50, 7), (51, 8), (52, 9)):
        stamp = f"[2026-06-05 08:{minute}:00.000000 +0000]"
        lines += [f"{stamp} [wsgi:error] [pid {pid}:tid {pid}] hello {n}" for n in range(4)]
        lines.append(line(f"2026-06-05 03:{minute}:01", 1, "AH00037: hello", "core:error"))
    _, answers = solved(lines)

    assert {answer[0] for answer in answers[:4] if answer} == {-5}


@pytest.mark.parametrize(
    ("late_s", "weight"), [(5, 20.0), (0.5, 22.3), (0.01, 26.2), (0.001, 26.2), (-0.004, 26.2)]
)
def test_a_file_s_time_that_is_close(late_s: float, weight: float) -> None:
    """The closer it is to the last line, quarters of an hour apart, the more it weighs."""
    knots = knots_of((7, 0), (7, 3600))
    mtime = int(knots.local_us[1]) - 2 * HOUR * 1_000_000 + round(late_s * 1_000_000)
    (vote,) = modification_times(scene(knots, {}, []), {0: mtime}, ["error.log"])
    assert (vote.delta_s, round(vote.weight, 1)) == (2 * HOUR, weight)


@pytest.mark.parametrize(
    ("last_s", "late_s", "votes"),
    [
        (-9e8, 0.004, [(2, 2.0)]),  # of 1997
        (86_400 * 1.5, 0.9, [(2, 2.0)]),
        (-9e8, 1.1, []),
        (86_400 * 1.5, -300.0, []),
        (3600.001, 0.004, [(3, 2.0)]),
    ],
)
def test_a_last_line_that_is_forged(
    last_s: float, late_s: float, votes: list[tuple[int, float]]
) -> None:
    """Where it cannot be of the file's time, a line just before it may be, to the second."""
    knots = knots_of((7, 0), (7, 1800), (8, 3600), (9, last_s))
    mtime = int(knots.local_us[2]) - 2 * HOUR * 1_000_000 + round(late_s * 1_000_000)
    found = modification_times(scene(knots, {}, []), {0: mtime}, ["error.log"])
    assert [(vote.knot, vote.delta_s / HOUR) for vote in found] == votes
