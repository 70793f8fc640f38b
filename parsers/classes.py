"""Classes: takes a class that lists fields, gives a dataclass whose methods are made when needed.

The standard library has the text of up to six methods compiled as each dataclass is defined: 0.3
ms, a sixth of a short run for the hundred classes that it loads, of few of which it makes objects.
Here a method is compiled when it is first called.
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


def _made(cls: type, *, frozen: bool, slots: bool, eq: bool) -> type:
    own = vars(cls)
    cls.__doc__ = cls.__doc__ or cls.__name__  # else its signature is looked for: another 0.1 ms
    made: type = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
    methods: dict[str, object] = {"__init__": _later(made, "__init__", lambda: _init(made, frozen))}
    if "__repr__" not in own:
        methods["__repr__"] = _repr
    if eq and "__eq__" not in own:
        methods["__eq__"] = _later(made, "__eq__", lambda: _eq(made))
    if eq and own.get("__hash__") is None:
        methods["__hash__"] = _later(made, "__hash__", lambda: _hash(made)) if frozen else None
    if frozen:
        methods |= {"__setattr__": _no_change, "__delattr__": _no_change}
    if frozen and slots:
        methods |= {"__getstate__": _state, "__setstate__": _put_state}
    for name, method in methods.items():
        setattr(made, name, method)
    return made


def _later(cls: type, name: str, make: Callable[[], Method]) -> Method:
    """A method that is made, and takes this one's place, when it is first called."""

    def first(self: object, /, *args: object, **named: object) -> object:
        method = make()
        method.__name__, method.__qualname__ = name, f"{cls.__qualname__}.{name}"
        setattr(cls, name, method)
        return method(self, *args, **named)

    return first


def _init(cls: type, frozen: bool) -> Method:
    known: dict[str, Any] = {"_put": object.__setattr__, "_none": object()}
    arguments, lines = ["self"], list[str]()
    for field in dataclasses.fields(cls):
        name = value = argument = field.name
        if field.default_factory is not dataclasses.MISSING:
            known[f"_made_{name}"] = field.default_factory
            argument, value = f"{name}=_none", f"_made_{name}()"
            if field.init:
                value += f" if {name} is _none else {name}"
        elif field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            argument = f"{name}=_default_{name}"
            value = name if field.init else f"_default_{name}"
        elif not field.init:
            continue
        if field.init:
            arguments.append(argument)
        lines.append(f"_put(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    return _compiled(", ".join(arguments), "; ".join(lines) or "pass", known)


def _eq(cls: type) -> Method:
    same = f"{_compared(cls, 'self')} == {_compared(cls, 'other')}"
    text = f"return {same} if other.__class__ is self.__class__ else NotImplemented"
    return _compiled("self, other", text, {})


def _hash(cls: type) -> Method:
    return _compiled("self", f"return hash({_compared(cls, 'self')})", {})


def _compared(cls: type, whose: str) -> str:
    """The text of a tuple of what is compared."""
    names = (field.name for field in dataclasses.fields(cls) if field.compare)
    return f"({''.join(f'{whose}.{name}, ' for name in names)})"


def _compiled(arguments: str, body: str, known: dict[str, Any]) -> Method:
    exec(f"def made({arguments}): {body}", known)
    method: Method = known["made"]
    return method


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
