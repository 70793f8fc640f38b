"""Who is shown to keep the server's clock."""

from __future__ import annotations

from collections import Counter

from logtool.clocks.options import ClockOptions
from tests.logtool.clocks.scenes import line, solved

#: Three applications that run inside Apache's children set their zones by turns.
HOURS = (14, 21, 17)


def of_request(pid: int, minute: int, hour: int) -> list[str]:
    """What an application says of a request, and httpd of the next, in the same child."""
    client = f"[client 10.0.0.{minute}:4{minute:02}]"
    uri = "AH00126: Invalid URI in request GET /x HTTP/1.1"
    return [
        line(f"2026-06-10 {hour}:{minute:02}:01", pid, f"{client} Not Found: /x"),
        line(f"2026-06-10 {hour}:{minute:02}:02", pid, f"{client} {uri}", "core:error"),
    ]


def test_httpd_s_words_in_a_child_that_runs_applications_tell_nothing_of_the_server() -> None:
    """They are stamped in whatever zone an application has set: what is told is only assumed."""
    lines = []
    for minute in range(40):
        lines += of_request(11 + minute % 3, minute, HOURS[minute // 3 % 3])
    _, answers = solved(lines, ClockOptions(server_tz="UTC"))
    assert Counter(answer and answer[1] for answer in answers) == {"assumed": len(lines)}


def test_one_of_several_applications_that_is_loaded_tells_nothing_of_the_server() -> None:
    """Its child may be in the zone that another one has set long before: all is assumed."""
    words = "mod_wsgi (pid=11, process='', application='a.example|'): Loading Python script file."
    lines = [line("2026-06-10 14:00:00", 11, words, "wsgi:info")]
    for minute in range(2, 40):
        lines += of_request(11 + minute % 3, minute, HOURS[minute // 3 % 3])
    _, answers = solved(lines, ClockOptions(server_tz="UTC"))
    assert Counter(answer and answer[1] for answer in answers) == {"assumed": len(lines)}
