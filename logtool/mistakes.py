"""Mistakes: takes an exception that nobody foresaw, gives one line about it for people."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb

from logtool import __version__
from logtool.errors import ErrlogError
from logtool.people.terminal import safe

_HERE = Path(__file__).parent


def mistake(fault: BaseException) -> str:
    """One line about a mistake of ours: what went wrong, and where in errlog."""
    ours = [one for one in extract_tb(fault.__traceback__) if _HERE in Path(one.filename).parents]
    place = "".join(
        f" in {Path(one.filename).relative_to(_HERE.parent)}:{one.lineno}" for one in ours[-1:]
    )
    text = safe(" ".join(str(fault).split())[:200])
    return (
        f"a mistake in errlog {__version__}: {type(fault).__name__}: {text}{place}; please report "
        "it (ERRLOG_TRACEBACK=1 tells more)"
    )


def fault_of_work(fault: BaseException) -> str:
    """One line about what ended some work in the background, foreseen or not."""
    if isinstance(fault, KeyboardInterrupt):
        return "interrupted"  # polars raises it wherever it works, not in the main thread alone
    if isinstance(fault, ErrlogError | OSError | MemoryError):
        return str(fault) or type(fault).__name__
    return mistake(fault)
