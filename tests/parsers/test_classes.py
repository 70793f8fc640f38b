"""Dataclasses whose methods are made when needed, beside those of the standard library."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from parsers import classes
from parsers.classes import dataclass

OPTIONS = [
    {"frozen": frozen, "slots": slots, "eq": eq}
    for frozen in (False, True)
    for slots in (False, True)
    for eq in (False, True)
]


def _point() -> type:
    class Point:
        x: int
        y: int = 2
        names: list[str] = dataclasses.field(default_factory=list)
        seen: dict[str, int] = dataclasses.field(init=False, default_factory=dict)
        told: int = dataclasses.field(init=False, default=7)
        hidden: int = dataclasses.field(default=0, repr=False, compare=False)

    return Point


def _both(**options: bool) -> tuple[Any, Any]:
    standard: Callable[..., Any] = dataclasses.dataclass
    return standard(**options)(_point()), dataclass(**options)(_point())


def _outcome(act: Callable[[], Any]) -> object:
    """What an act gives, or how it fails."""
    try:
        return act()
    except (TypeError, AttributeError) as fault:
        return type(fault), str(fault) if isinstance(fault, TypeError) else ""


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize(
    ("args", "named"),
    [
        ((1,), {}),
        ((1, 3), {"hidden": 9}),
        ((), {"x": 4, "names": ["a"]}),
        ((), {}),
        ((1, 2, [], 4, 5), {}),
        ((1, 2), {"y": 3}),
        ((), {"y": 3, "other": 4}),
        ((1, 2, [], 4), {"told": 4}),
        ((1,), {"seen": {}}),
    ],
    ids=str,
)
def test_objects_are_made_as_by_the_standard_library(
    options: dict[str, bool],
    args: tuple[Any, ...],
    named: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first and the fifth have the same fields and text, or fail with the same words.

    From the fourth on they are made by what is compiled.
    """
    monkeypatch.setattr(classes, "_UNCOMPILED", 3)
    standard, ours = _both(**options)
    for _ in range(5):
        assert _outcome(lambda: repr(ours(*args, **named))) == _outcome(
            lambda: repr(standard(*args, **named))
        )
        assert _outcome(lambda: dataclasses.asdict(ours(*args, **named))) == _outcome(
            lambda: dataclasses.asdict(standard(*args, **named))
        )


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_objects_are_compared_as_by_the_standard_library(options: dict[str, bool]) -> None:
    """Equal, hashed, changed, replaced: with each choice of options the same comes of it."""
    told = []
    for cls in _both(**options):
        one, same, hides, other = cls(1), cls(1), cls(1, hidden=3), cls(2)
        told.append(
            [
                one == same,
                one == hides,
                one != other,
                one == object(),
                cls.__hash__ is None,
                cls.__hash__ is object.__hash__,
                _outcome(partial(setattr, one, "x", 5)),
                _outcome(partial(setattr, one, "z", 5)) is None,  # Python 3.11 fails otherwise
                _outcome(partial(delattr, one, "y")),
                repr(dataclasses.replace(other, y=8)),
                repr(copy.copy(other)),
                hasattr(one, "__dict__"),
                cls.__match_args__,
            ]
        )
    assert told[0] == told[1]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_every_object_has_a_list_of_its_own(options: dict[str, bool]) -> None:
    """What a factory makes is shared by none."""
    _, ours = _both(**options)
    one, other = ours(1), ours(1)
    one.names.append("a")
    assert (one.names, other.names) == (["a"], [])
    assert one.seen is not other.seen


@dataclass(frozen=True, slots=True)
class Frozen:
    """One that is frozen.

    Attributes:
        value: anything.
        other: anything.
    """

    value: object
    other: object = None


@dataclass(slots=True)
class Checked:
    """One that looks at its fields."""

    value: int

    def __post_init__(self) -> None:
        """Double it."""
        self.value *= 2


@dataclass(frozen=True)
class Own:
    """One with methods of its own."""

    value: int

    def __eq__(self, other: object) -> bool:
        """All are equal."""
        return isinstance(other, Own)

    def __hash__(self) -> int:
        """All are equal."""
        return 5

    def __repr__(self) -> str:
        """A name."""
        return "own"


def test_frozen_objects_are_pickled_and_hashed() -> None:
    """They come back equal, with the same hash; a changed one is refused by name."""
    one = Frozen((1, b"x"), Frozen(2))
    again = pickle.loads(pickle.dumps(one))
    assert again is not one
    assert (again, hash(again)) == (one, hash(one))
    with pytest.raises(dataclasses.FrozenInstanceError, match="'value'"):
        one.value = 3  # type: ignore[misc]


def test_what_a_class_says_itself_stays() -> None:
    """Methods of its own are kept, and what it does after its fields are set is done."""
    assert Checked(4).value == 8
    assert Checked(4) == Checked(4)
    assert (Own(1), hash(Own(1)), repr(Own(1))) == (Own(2), 5, "own")


def test_an_object_within_itself_is_told() -> None:
    """The text of such an object ends."""
    one = Frozen([])
    one.value.append(one)  # type: ignore[attr-defined]
    assert repr(one) == "Frozen(value=[...], other=None)"


@pytest.mark.parametrize("names", [(), ("one",), ("one", "two")])
def test_what_is_not_equal_to_itself_is_the_same_field(names: tuple[str, ...]) -> None:
    """Objects with the very same values are equal, as tuples are, however many fields there are."""
    values = [math.nan] * len(names)
    for make in (dataclasses.dataclass, dataclass):
        own = {"__annotations__": dict.fromkeys(names, float), "__doc__": "One."}
        cls: Any = make(frozen=True)(type("One", (), own))
        assert (cls(*values), hash(cls(*values))) == (cls(*values), hash(cls(*values)))
        assert not names or cls(*values) != cls(*[1.0] * len(names))
