"""Lines behind the heads of containers, journals and syslog daemons."""

from __future__ import annotations

import random

import pytest

from parsers.blocks import Block
from parsers.built_in import BUILT_IN, WRAPPED
from parsers.decode import Decoder
from parsers.detection.detect import detect
from parsers.layouts import compile_layout
from parsers.lines import NO_LAYOUT
from tests.parsers.columns import columns
from tests.parsers.served import served
from tests.parsers.test_decode import read

HTTPD_24 = "[Fri Jun 05 08:42:36.978307 2026] [wsgi:error] [pid 7:tid 9] [client ::1:58619] AH1 x"
HTTPD_22 = "[Fri Jun 05 08:42:36 2026] [error] [client ::1] x"
ODD = "[2026-06-05 08:42:36.978307] <7> [pid 7] x"
HEADS = (
    "web_1  | ",
    "web-1 | ",
    "web-1  | 2026-06-05T06:42:36.978400123Z ",
    "\x1b[36mweb-1  | \x1b[0m",
    "\x1b[1;36mweb-1  | \x1b[0m2026-06-05T06:42:36.978400123Z ",
    "[pod/shop-7d9f/apache] ",
    "[pod/shop-7d9f/apache] 2026-06-05T06:42:36.978400123Z ",
    "2026-06-05T06:42:36.978400123Z ",
    "2026-06-05T06:42:36.978Z\t",
    "2026-06-05T06:42:36.978400123Z stderr F ",
    "2026-06-05T08:42:36.978400123+02:00 stdout F ",
    '{"log":"',
    "Jun 05 08:42:36 web1 apache2[123]: ",
    "Jun  5 08:42:36 web1 root: ",
    "Jun 05 08:42:36.978400 web1 httpd[123]: ",
    "Fri 2026-06-05 08:42:36 CEST web1 apache2[123]: ",
    "2026-06-05T08:42:36+0200 web1 apachectl[123]: ",
    "<187>Jun  5 08:42:36 web1 apache2[123]: ",
    "<187>1 2026-06-05T08:42:36.978400+02:00 web1 apache2 123 - - ",
    "<187>1 2026-06-05T08:42:36.978400+02:00 web1 apache2 123 - - \ufeff",
    '<187>1 2026-06-05T08:42:36.978400+02:00 web1 apache2 123 ID47 [meta msg="a"] \ufeff',
    "/var/log/apache2/error.log:12:",
    "\ufeff",
    "\x1b[31m",
    "\x1b[1;31m ",
    "    ",
    "> ",
)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (HTTPD_24, {"pid": 7, "level": "error", "client": "::1:58619", "message": "AH1 x"}),
        (HTTPD_22, {"level": "error", "client": "::1", "message": "x"}),
        (ODD, {"pid": 7}),
    ],
)
def test_a_line_is_read_behind_a_head(head: str, line: str, columns: dict[str, object]) -> None:
    """As it would be without it; the stamp is Apache's own."""
    block = Block.of(f"{head}{line}\n".encode())
    decoder = Decoder([found.layout for found in detect([block])])
    stamps = decoder.stamps(block)
    start, end = int(stamps.time_start[0]), int(stamps.time_end[0])
    assert block.data[start:end].tobytes().decode() == line[1 : line.index("]")]
    got = read(f"{head}{line}".encode(), decoder)
    assert got.items() >= columns.items()


@pytest.mark.parametrize(
    "head",
    [
        "libdemo: loading",
        "x and y | ",
        "x and y | 2026-06-05T06:42:36Z ",
        "web-1 | x 2026-06-05T06:42:36Z ",
        "\x1b[36mweb-1 | x \x1b[0m",
        "\x1b[36mweb-1 | \x1b[0mx ",
        "\x1b[36web-1 | \x1b[0m",
        "[web-1 | 2026-06-05T06:42:36Z ",
        "[pod/shop/apache] said ",
        "[pod/shop apache] ",
        "[pod/shop/apache]",
        "see 2026-06-05T06:42:36Z ",
        "2026-06-05T06:42:36.978Z INFO ",
        "2026-06-05 06:42:36 +0000 docker.httpd: ",
        "Jun 05 08:42:36 web1 said ",
        "\x00\x00",
        "2026-06-05T06:42:36 \x1b]0;x\x07 y: ",
        "x" * 300 + ":",
    ],
)
def test_a_line_in_another_text_is_not_read(head: str) -> None:
    """What is no head from its beginning to its end may be anything."""
    block = Block.of(f"{head}{HTTPD_24}\n".encode())
    assert Decoder(WRAPPED).stamps(block).layout[0] == NO_LAYOUT


def test_no_head_is_no_wrapped_line() -> None:
    """Apache's own lines are never taken for wrapped ones."""
    lines = [HTTPD_24, HTTPD_22, ODD, "", "[", "[x] [2026-"]
    block = Block.of("".join(f"{line}\n" for line in lines).encode())
    assert (Decoder(WRAPPED).stamps(block).layout == NO_LAYOUT).all()
    names = {BUILT_IN[k].name for k in Decoder(BUILT_IN).stamps(block).layout.tolist() if k >= 0}
    assert not names & {layout.name for layout in WRAPPED}


FORMATS = (
    r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    "[%t] [%l] [pid %P] %F: %E: [client %a] %M",
    r"[%{cu}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M",
    "[%{uz}t] [%l] [pid %P] [%-{c}L] [%-L] %M",
    r"[%{cu}t] [%-m:%l] [pid %P] [%-L] [%-{c}L] %E: [client\ %a] %M",
)


@pytest.mark.parametrize("head", [head for head in HEADS if head != '{"log":"'])
@pytest.mark.parametrize("directive", FORMATS)
def test_any_layout_is_found_behind_a_head(head: str, directive: str) -> None:
    """It fills the same columns as without the head."""
    log = served(directive, random.Random(directive))
    wrapped = "".join(f"{head}{line}\n" for line in log.splitlines())

    behind, plain = (
        [found.layout for found in detect([Block.of(text.encode())])] for text in (wrapped, log)
    )

    assert columns(wrapped, behind) == columns(log, plain)


def test_a_thread_that_is_missing_takes_no_layout_away() -> None:
    """The manual's format leaves a bracket open under prefork, also behind a head."""
    lines = [
        "[Thu Nov 26 04:28:16.516644 2026] [wsgi:info] [pid 7680:tid mod_wsgi (pid=7680): Attach",
        "[Thu Nov 26 04:28:16.516644 2026] [core:error] [pid 7680:tid 9] hello",
    ]
    log = "".join(f"2026-11-26T04:28:16.516700000Z stderr F {line}\n" for line in lines * 20)

    (found,) = detect([Block.of(log.encode())])

    messages = [line["message"] for line in columns(log, [found.layout]) if line]
    assert messages == ["mod_wsgi (pid=7680): Attach", "hello"] * 20


def test_a_virtual_host_before_the_time_is_no_head() -> None:
    """A word and a colon may be part of the format."""
    directive = "%v: [%t] [%l] [pid %P] %F: %E: [client %a] %M"
    log = served(directive, random.Random(1))

    layouts = [found.layout for found in detect([Block.of(log.encode())])]

    assert columns(log, layouts) == columns(log, [compile_layout(directive)])
