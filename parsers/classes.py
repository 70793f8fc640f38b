"""Classes: takes a class that lists fields, gives a dataclass whose methods are made when needed.

The standard library has the text of up to six methods compiled as each dataclass is defined: 0.3
ms, a sixth of a short run for the hundred classes that it loads, of few of which it makes objects.
Here it does that when a method is first called, and for `__init__` when it is called often.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
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
_UNCOMPILED = 40


def _made(cls: type, *, frozen: bool, slots: bool, eq: bool) -> type:
    own = vars(cls)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else its signature is looked for: another 0.1 ms
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)

    def later(name: str, **options: bool) -> Method:
        return _later(made, name, lambda: vars(_standard(made, frozen=frozen, **options))[name])

    compiled = later("__init__", slots=slots, eq=False)
    methods: dict[str, object] = {"__init__": _filled(made, compiled)}
    if "__repr__" not in own:
        methods["__repr__"] = _repr
    if eq and "__eq__" not in own:
        methods["__eq__"] = later("__eq__", init=False)
    if eq and own.get("__hash__") is None:
        methods["__hash__"] = later("__hash__", init=False) if frozen else None
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
    fields: list[tuple[str, bool, object, Any]] = []
    names: list[str] = []

    def filled(self: object, /, *args: object, **named: object) -> None:
        nonlocal left
        left -= 1
        if not fields:
            for one in dataclasses.fields(cls):
                fields.append((one.name, one.init, one.default, one.default_factory))
            names.extend(name for name, init, *_ in fields if init)
        values = dict(zip(names, args, strict=False)) | named
        # What does not fit is told by the compiled one.
        if left < 0 or len(values) != len(args) + len(named) or not values.keys() <= {*names}:
            compiled(self, *args, **named)
            return
        for name, init, default, factory in fields:
            if name in values:
                value = values[name]
            elif factory is not dataclasses.MISSING:
                value = factory()
            elif default is not dataclasses.MISSING:
                value = default
            elif init:
                compiled(self, *args, **named)
                return
            else:
                continue
            object.__setattr__(self, name, value)
        if hasattr(cls, "__post_init__"):
            self.__post_init__()  # type: ignore[attr-defined]

    return filled


def _later(cls: type, name: str, make: Callable[[], Method]) -> Method:
    """A method that is made, and takes this one's place, when it is first called."""

    def first(self: object, /, *args: object, **named: object) -> object:
        method = make()
        method.__name__, method.__qualname__ = name, f"{cls.__qualname__}.{name}"
        setattr(cls, name, method)
        return method(self, *args, **named)

    return first


def _standard(cls: type, **options: bool) -> Any:  # noqa: ANN401 - of any such class
    """A class with the same fields, of which the standard library makes methods."""
    fields = dataclasses.fields(cls)
    own: dict[str, Any] = {"__annotations__": {field.name: object for field in fields}}
    own["__doc__"] = cls.__doc__
    for field in fields:
        copied = ("default", "default_factory", "init", "repr", "hash", "compare")
        own[field.name] = dataclasses.field(**{name: getattr(field, name) for name in copied})
    if hasattr(cls, "__post_init__"):
        own["__post_init__"] = None  # it is called on the object itself
    return dataclasses.dataclass(**options, repr=False)(type(cls.__name__, (), own))


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
