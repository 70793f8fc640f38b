"""Classes: takes a class that lists fields, gives a dataclass whose methods are made when needed.

The standard library has the text of up to six methods compiled as each dataclass is defined: 0.3
ms, a sixth of a short run for the hundred classes that it loads, of few of which it makes objects.
Here the text of a method is compiled when it is first called, without what that library looks at
besides: that takes five times as long.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, cast

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

    def later(name: str, make: Callable[[type], Method]) -> Method:
        return _later(made, name, partial(make, made))

    methods: dict[str, object] = {"__init__": later("__init__", partial(_init, frozen=frozen))}
    if "__repr__" not in own:
        methods["__repr__"] = _repr
    if eq and "__eq__" not in own:
        methods["__eq__"] = later("__eq__", _eq)
    if eq and own.get("__hash__") is None:
        methods["__hash__"] = later("__hash__", _hash) if frozen else None
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


def _init(cls: Any, *, frozen: bool) -> Method:  # noqa: ANN401 - of any such class
    known: dict[str, object] = {"_put": object.__setattr__, "_none": dataclasses.MISSING}
    told, lines = ["self"], []
    for field in dataclasses.fields(cls):
        name = value = field.name
        default = f"_default_{name}"
        if field.default_factory is not dataclasses.MISSING:
            known[default] = field.default_factory
            value = f"{default}() if {name} is _none else {name}" if field.init else f"{default}()"
            default = "_none"
        elif field.default is not dataclasses.MISSING:
            known[default] = field.default
            value = name if field.init else default
        else:
            default = ""
        if field.init:
            told.append(f"{name}={default}" if default else name)
        elif not default:
            continue
        lines.append(f"_put(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    return _compiled("__init__", told, lines or ["pass"], known)


def _eq(cls: Any) -> Method:  # noqa: ANN401 - of any such class
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    one, other = (_tuple_of(who, names) for who in ("self", "other"))
    lines = ["if other.__class__ is self.__class__:", f" return {one} == {other}"]
    return _compiled("__eq__", ["self", "other"], [*lines, "return NotImplemented"], {})


def _hash(cls: Any) -> Method:  # noqa: ANN401 - of any such class
    fields = dataclasses.fields(cls)
    names = [one.name for one in fields if (one.compare if one.hash is None else one.hash)]
    return _compiled("__hash__", ["self"], [f"return hash({_tuple_of('self', names)})"], {})


def _tuple_of(who: str, names: Sequence[str]) -> str:
    return f"({''.join(f'{who}.{name},' for name in names)})"


def _compiled(
    name: str, told: Sequence[str], lines: Sequence[str], known: dict[str, object]
) -> Method:
    """A function of so many parameters that does what some lines say, in which names are known."""
    body = "\n ".join(lines)
    exec(f"def {name}({', '.join(told)}):\n {body}", known)
    return cast("Method", known[name])


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
