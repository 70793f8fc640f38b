"""The truth is told apart from the log, whatever stands in a line."""

import pytest

from .truth import separate


class TestSeparate:
    """References become instants, and leave the log as it would be without them."""

    @pytest.mark.parametrize(
        ("raw", "line", "instant"),
        [
            (  # httpd's own clock may move on between its two looks at it
                b"truth<2026-06-05 10:42:36.978306 +0200>[Fri Jun 05 10:42:36.978307 2026] a",
                b"[Fri Jun 05 10:42:36.978307 2026] a",
                "2026-06-05T08:42:36.978307Z",
            ),
            (
                b"truth<2026-11-23 23:59:59.999999 +0545>[2026-11-24 00:00:00] b",
                b"[2026-11-24 00:00:00] b",
                "2026-11-23T18:15:00Z",
            ),
            (b"raw words of a library", b"raw words of a library", "-"),
            (
                b"half a truth<2026-01-01 00:00:00.500000 -0330>[Thu Jan 01 00:00:00 2026] c",
                b"half a [Thu Jan 01 00:00:00 2026] c",
                "2026-01-01T03:30:00Z",
            ),
        ],
    )
    def test_by_prefix(self, raw: bytes, line: bytes, instant: str) -> None:
        """A prefix written by httpd tells the offset of the stamp after it."""
        assert separate(raw + b"\n", built_in=False) == (line + b"\n", [instant])

    @pytest.mark.parametrize(
        ("raw", "instant"),
        [
            (
                b"[Mon Nov 23 20:46:51.420640 2026] [ssl:warn] [pid 7228:tid 7228] a",
                "2026-11-23T19:46:51.420640Z",
            ),
            (
                b"loading[Tue Nov 24 01:31:51.420640 2026] [:error] [pid 7228] b",
                "2026-11-23T19:46:51.420640Z",
            ),
            (b"2026-11-23 19:46:51,420 a library's own stamp", "-"),
        ],
    )
    def test_by_arrival(self, raw: bytes, instant: str) -> None:
        """The arrival of a line in the built-in format tells the offset of its stamp."""
        arrival = b"truth<1795463211.431002>"
        assert separate(arrival + raw, built_in=True) == (raw, [instant])

    def test_a_late_arrival_is_not_believed(self) -> None:
        """An arrival that fits no quarter of an hour is the harness's fault, and said so."""
        line = b"truth<1795463511.431002>[Mon Nov 23 20:46:51.420640 2026] [ssl:warn] [pid 7228] a"
        with pytest.raises(ValueError, match="harness is at fault"):
            separate(line, built_in=True)
