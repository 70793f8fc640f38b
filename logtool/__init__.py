"""errlog: takes columns with local times, gives instants in UTC and what an operator makes of them.

The library mirrors the words of the program::

    import logtool

    logtool.scan("error.log*")        # a polars LazyFrame, one row for each line
    logtool.clocks("error.log*")      # the clocks found
    logtool.normalize("error.log*")   # the same bytes, each stamp in UTC
    logtool.flags("error.log*")       # findings of known problems
    logtool.pairs("error.log*")       # requests: lines of worker and daemon together

Nothing heavy is imported before a function is called; `logtool.library` describes them.
"""

from __future__ import annotations

import sys
from types import ModuleType

# As in `typing`, which takes longer to load than all else before `errlog` hears an interrupt.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from logtool.library import clocks, flags, normalize, pairs, scan

__all__ = ["clocks", "flags", "normalize", "pairs", "scan"]
__version__ = "0.1.0"


class _Package(ModuleType):
    """This package: its functions keep their names when a folder of the same name is imported.

    Importing `logtool.clocks.table` would else bind `logtool.clocks` to the folder.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        from logtool import library

        return getattr(library, name)

    def __dir__(self) -> list[str]:
        """The functions too, so that a shell can complete their names."""
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Package
