"""What an event raised, as the detail of its lines tells it."""

from __future__ import annotations

import traceback

from hypothesis import given
from hypothesis import strategies as st

from logtool.tui.model.told.raised import raised_section
from tests.logtool.tui.pilots import DJANGO, Flight, fly

HEAD = "mod_wsgi (pid=7): Exception occurred processing WSGI script '/srv/app.wsgi'."
STACK = [
    "Traceback (most recent call last):",
    '  File "/srv/shop/wsgi.py", line 12, in application',
    "    return serve(environ)",
    '  File "/usr/lib/python3/dist-packages/django/core/wsgi.py", line 55, in serve',
    "    return view(request)",
    '  File "/srv/shop/views.py", line 31, in cart',
    "    return items[key]",
    '  File "/usr/lib/python3.11/collections/__init__.py", line 9, in __getitem__',
    "KeyError: 'id'",
]


def told(messages: list[str]) -> list[tuple[str, str]]:
    """The pairs of the only section, or none."""
    return [pair for section in raised_section(messages) for pair in section.pairs]


def test_the_applications_own_place_is_blamed() -> None:
    """Not the package that raised; the way there is the application's too."""
    assert told([HEAD, *STACK]) == [
        ("raised", "KeyError: 'id'"),
        ("at", "/srv/shop/views.py:31 cart"),
        ("", "  return items[key]"),
        ("by way of", "/srv/shop/wsgi.py:12 application"),
        ("", "/srv/shop/views.py:31 cart"),
        ("not shown", "2 frames of Python and its packages"),
    ]


def test_an_event_without_an_exception_has_none() -> None:
    """Nor has a stack that was only printed."""
    assert told(["Starting process", "with uid=33"]) == []
    assert told(STACK[:-1]) == []


@given(st.lists(st.sampled_from(["cause", "context"]), max_size=5))
def test_a_chain_is_told_from_its_end(links: list[str]) -> None:
    """What was raised last stands first, then out of what, each as Python links them."""
    error: BaseException = ValueError("number 0")
    for number, link in enumerate(links, 1):
        outer = ValueError(f"number {number}")
        if link == "cause":
            outer.__cause__ = error
        else:
            outer.__context__ = error
        error = outer
    lines = "".join(traceback.format_exception(error)).split("\n")
    words = {"cause": "caused by", "context": "while handling"}
    names = ["raised", *(words[link] for link in reversed(links))]
    numbers = range(len(links), -1, -1)
    expected = [(name, f"ValueError: number {n}") for name, n in zip(names, numbers, strict=True)]
    assert told(lines) == expected


def test_members_of_a_group() -> None:
    """Each is told by its type and the first line of its text."""
    try:
        raise ExceptionGroup("two", [KeyError("id"), ValueError("a\nb")])
    except ExceptionGroup as group:
        lines = "".join(traceback.format_exception(group)).split("\n")
    (name, text), (place, _), _, *members = told(lines)
    assert (name, text, place) == ("raised", "ExceptionGroup: two (2 sub-exceptions)", "at")
    assert members == [
        ("one of", "KeyError: 'id'"),
        ("one of", "ValueError: a …"),
    ]


def test_it_stands_in_the_detail() -> None:
    """Under the message, above all lines of the event."""

    async def steps(flight: Flight) -> None:
        await flight.press("slash", *"Traceback", "enter")
        await flight.settle()
        await flight.press("enter")
        screen = flight.dump()
        assert screen.index(" Message") < screen.index(" Exception") < screen.index(" Event of")

    fly([DJANGO], steps, (100, 80))
