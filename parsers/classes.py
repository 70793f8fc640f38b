"""Classes: takes a class that lists fields, gives a dataclass whose methods are made when needed.

The standard library has the text of up to six methods compiled as each dataclass is defined: 0.3
ms, a sixth of a short run for the hundred classes that it loads, of few of which it makes objects.
Here it does that for `__init__` only, and when that is called often.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable, Iterable, Iterator
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(
        cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True
    ) -> Any:  # noqa: ANN401 - for the type checker it is that of the standard library
        """As `dataclasses.dataclass`, of which it takes these options."""
        if cls is None:
            return lambda one: _made(one, frozen=frozen, slots=slots, eq=eq)
        return _made(cls, frozen=frozen, slots=slots, eq=eq)


Method = Callable[..., Any]

#: So many objects of a class are made before it is worth compiling a method for them.
_UNCOMPILED = 200


def _made(cls: type, *, frozen: bool, slots: bool, eq: bool) -> type:
    own = vars(cls)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else its signature is looked for: another 0.1 ms
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)

    compiled = _later(made, "__init__", lambda: _compiled(made, frozen=frozen, slots=slots))
    methods: dict[str, object] = {"__init__": _filled(made, compiled)}
    if "__repr__" not in own:
        methods["__repr__"] = _repr
    if eq and "__eq__" not in own:
        methods["__eq__"] = _later(made, "__eq__", lambda: _equal(made))
    if eq and own.get("__hash__") is None:
        methods["__hash__"] = _later(made, "__hash__", lambda: _hash(made)) if frozen else None
    if frozen:
        methods |= {"__setattr__": _no_change, "__delattr__": _no_change}
    if frozen and slots:
        methods |= {"__getstate__": _state, "__setstate__": _put_state}
    for name, method in methods.items():
        setattr(made, name, method)
    return made


def _filled(cls: type, compiled: Method) -> Method:
    """An `__init__` that fills the fields of the first few objects, for whom none is compiled."""
    left = _UNCOMPILED
    names: dict[str, None] = {}
    defaults: list[tuple[str, object, Any]] = []
    valued: set[str] = set()
    put = object.__setattr__
    check = getattr(cls, "__post_init__", None)

    def filled(self: object, /, *args: object, **named: object) -> None:
        nonlocal left
        left -= 1
        if not valued:
            for one in dataclasses.fields(cls):
                if one.init:
                    names[one.name] = None
                if not one.default is one.default_factory is dataclasses.MISSING:
                    defaults.append((one.name, one.default, one.default_factory))
            valued.update(names, (name for name, *_ in defaults))
        values = dict(zip(names, args, strict=False))
        fits = left >= 0 and len(values) == len(args)
        if named:
            fits = fits and names.keys() >= named.keys() and values.keys().isdisjoint(named)
            values.update(named)
        if fits and len(values) < len(valued):
            for name, default, factory in defaults:
                if name not in values:
                    values[name] = default if factory is dataclasses.MISSING else factory()
            fits = len(values) == len(valued)
        if not fits:  # what does not fit is told by the compiled one
            compiled(self, *args, **named)
            return
        for name, value in values.items():
            put(self, name, value)
        if check is not None:
            check(self)

    return filled


def _later(cls: type, name: str, make: Callable[[], Method]) -> Method:
    """A method that is made, and takes this one's place, when it is first called."""

    def first(self: object, /, *args: object, **named: object) -> object:
        method = make()
        method.__name__, method.__qualname__ = name, f"{cls.__qualname__}.{name}"
        setattr(cls, name, method)
        return method(self, *args, **named)

    return first


def _compiled(cls: type, *, frozen: bool, slots: bool) -> Method:
    """The `__init__` that the standard library makes of a class with the same fields."""
    fields = dataclasses.fields(cls)
    own: dict[str, Any] = {"__annotations__": {field.name: object for field in fields}}
    own["__doc__"] = cls.__doc__
    for field in fields:
        copied = ("default", "default_factory", "init", "repr", "hash", "compare")
        own[field.name] = dataclasses.field(**{name: getattr(field, name) for name in copied})
    if hasattr(cls, "__post_init__"):
        own["__post_init__"] = None  # it is called on the object itself
    made = dataclasses.dataclass(frozen=frozen, slots=slots, eq=False, repr=False)
    method: Method = vars(made(type(cls.__name__, (), own)))["__init__"]
    return method


def _equal(cls: type) -> Method:
    told = _told(field.name for field in dataclasses.fields(cls) if field.compare)

    def equal(self: object, other: object) -> bool:
        return told(self) == told(other) if other.__class__ is self.__class__ else NotImplemented

    return equal


def _hash(cls: type) -> Method:
    fields = dataclasses.fields(cls)
    counts = ((one.name, one.compare if one.hash is None else one.hash) for one in fields)
    told = _told(name for name, is_in in counts if is_in)
    return lambda self: hash(told(self))


def _told(names: Iterable[str]) -> Method:
    """What gives the values of some fields as a tuple, also of one field or none."""
    named = [*names]
    if not named:
        return lambda _: ()
    # One is told twice: alone it would be given bare, and then be equal only if it says so itself.
    return operator.attrgetter(*named * (2 if len(named) == 1 else 1))


@recursive_repr()
def _repr(self: Any) -> str:  # noqa: ANN401 - of any such class
    shown = (field.name for field in dataclasses.fields(self) if field.repr)
    told = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({told})"


def _no_change(self: object, name: str, *_: object) -> None:
    raise dataclasses.FrozenInstanceError(f"{type(self).__name__} is frozen: field {name!r}")


def _names(self: Any) -> Iterator[str]:  # noqa: ANN401 - of any such class
    return (field.name for field in dataclasses.fields(self))


def _state(self: object) -> list[object]:
    return [getattr(self, name) for name in _names(self)]


def _put_state(self: object, state: list[object]) -> None:
    for name, value in zip(_names(self), state, strict=True):
        object.__setattr__(self, name, value)
