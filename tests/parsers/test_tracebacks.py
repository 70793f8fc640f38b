"""Tracebacks: the structure of what Python and mod_wsgi print."""

from __future__ import annotations

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.tracebacks import Frame, Part, parse_traceback

HEAD = "mod_wsgi (pid=7): Exception occurred processing WSGI script '/srv/app.wsgi'."


def printed(error: BaseException) -> list[str]:
    """The lines Python prints for an exception."""
    return "".join(traceback.format_exception(error)).rstrip("\n").split("\n")


def raised(error: Exception) -> Exception:
    """The exception after it was raised and caught, so that it has a stack."""
    try:
        raise error
    except Exception as caught:
        return caught


def test_plain() -> None:
    """Head, frames with source, type and text."""
    parsed = parse_traceback(
        [
            HEAD,
            "Traceback (most recent call last):",
            '  File "/srv/app.wsgi", line 3, in application',
            "    boom()",
            "    ^^^^^^",
            '  File "/srv/shop.py", line 9, in boom',
            "ValueError: a: b",
        ]
    )
    assert parsed.head == ("Exception occurred processing WSGI script '/srv/app.wsgi'.",)
    assert parsed.parts == (
        Part(
            header=True,
            frames=(
                Frame("/srv/app.wsgi", 3, "application", "boom()"),
                Frame("/srv/shop.py", 9, "boom"),
            ),
            type="ValueError",
            text="a: b",
        ),
    )


@pytest.mark.parametrize("link", ["cause", "context"])
def test_chain(link: str) -> None:
    """Both links of a chain, in the order printed."""
    inner = raised(ValueError("inner"))
    outer = RuntimeError("outer")
    if link == "cause":
        outer.__cause__ = inner
    else:
        outer.__context__ = inner
    parsed = parse_traceback(printed(raised(outer)))
    assert [(part.type, part.link) for part in parsed.parts] == [
        ("ValueError", ""),
        ("RuntimeError", link),
    ]
    assert parsed.raised.text == "outer"


def test_groups_in_groups() -> None:
    """Members of a group, and those of a group in it."""
    inner = raised(ExceptionGroup("inner", [raised(KeyError(1)), TypeError("t")]))
    outer = raised(ExceptionGroup("outer", [raised(ValueError("a\nb")), inner]))
    (part,) = parse_traceback(printed(outer)).parts
    value, group = (member.raised for member in part.members)
    assert (part.type, part.text) == ("ExceptionGroup", "outer (2 sub-exceptions)")
    assert (value.type, value.text) == ("ValueError", "a\nb")
    assert [member.raised.type for member in group.members] == ["KeyError", "TypeError"]


def test_syntax_error() -> None:
    """A SyntaxError has a place, without a function and without a header."""
    error = SyntaxError("invalid syntax", ("/srv/app.wsgi", 3, 5, "a b\n"))
    lines = "".join(traceback.format_exception_only(error)).rstrip("\n").split("\n")
    (part,) = parse_traceback([HEAD, *lines]).parts
    assert part.place == Frame("/srv/app.wsgi", 3, "", "a b")
    assert (part.header, part.frames, part.type) == (False, (), "SyntaxError")


def test_stack_without_header() -> None:
    """traceback.print_stack, as mod_wsgi logs it under an ignored signal handler."""
    parsed = parse_traceback(
        [
            "mod_wsgi (pid=7): Callback registration for signal 15 ignored.",
            '  File "/srv/app.wsgi", line 9, in <module>',
            "    signal.signal(signal.SIGTERM, stop)",
        ]
    )
    assert parsed.head == ("Callback registration for signal 15 ignored.",)
    assert [frame.line for part in parsed.parts for frame in part.frames] == [9]
    assert parsed.raised.type == ""


def test_lost_frames() -> None:
    """mod_wsgi 6 on old Pythons loses the frames: head and exception are left."""
    (part,) = parse_traceback(
        [
            "WSGI0174: [script /x] RuntimeError exception raised processing WSGI script '/x'.",
            "RuntimeError: boom",
        ]
    ).parts
    assert (part.type, part.text, part.frames) == ("RuntimeError", "boom", ())


def test_dump_of_threads() -> None:
    """mod_wsgi's dump names the innermost frame first; here the outermost comes first."""
    parsed = parse_traceback(
        [
            "mod_wsgi (pid=7): Dumping stack trace for active Python threads.",
            'mod_wsgi (pid=7): Thread 140 executing file "/srv/a.py", line 3, in f',
            'mod_wsgi (pid=7): called from file "/srv/b.py", line 9, in g.',
            'mod_wsgi (pid=7): Thread 141 executing file "/srv/c.py", line 4, in h',
        ]
    )
    assert [[frame.function for frame in part.frames] for part in parsed.parts] == [
        ["g", "f"],
        ["h"],
    ]


def test_fatal_error() -> None:
    """The dump of faulthandler, which puts no comma before `in`."""
    parsed = parse_traceback(
        [
            "Fatal Python error: Segmentation fault",
            "",
            "Current thread 0x00007f0 (most recent call first):",
            '  File "/srv/a.py", line 3 in f',
            '  File "/srv/b.py", line 9 in g',
        ]
    )
    assert parsed.parts[0].text == "Segmentation fault"
    assert [frame.function for part in parsed.parts for frame in part.frames] == ["g", "f"]


def test_repeated_frames() -> None:
    """`[Previous line repeated 996 more times]` is a count."""
    parsed = parse_traceback(
        [
            "Traceback (most recent call last):",
            '  File "/srv/a.py", line 3, in f',
            "    return f()",
            "  [Previous line repeated 996 more times]",
            "RecursionError: maximum recursion depth exceeded",
        ]
    )
    assert parsed.raised.frames == (Frame("/srv/a.py", 3, "f", "return f()", 996),)


@given(st.lists(st.text(max_size=60), max_size=12))
def test_anything_goes(lines: list[str]) -> None:
    """No text makes the parser fail."""
    parse_traceback(lines)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1))
def test_text_is_kept(text: str) -> None:
    """Whatever an exception says is read back."""
    assert parse_traceback(printed(raised(ValueError(text)))).raised.text == text
