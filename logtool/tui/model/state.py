"""State: keeps for each set of files where one was, what was shown and what was bookmarked."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from logtool import replacing
from logtool.errors import WriteError
from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class State:
    """What is kept.

    Attributes:
        position: (name of the log, line number) of the cursor, or None.
        filter: as the user wrote it.
        time: name of the TimeMode.
        columns: index into COLUMNS.
        marks: bookmarked lines, as positions.
    """

    position: tuple[str, int] | None = None
    filter: str = ""
    time: str = "UTC"
    columns: int = 0
    marks: tuple[tuple[str, int], ...] = ()


def state_path(names: Sequence[str]) -> Path:
    """Where the state of some logs is kept, below XDG_STATE_HOME."""
    home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    told = "\0".join(sorted(str(Path(name).absolute()) for name in names))
    name = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return Path(home).expanduser() / "errlog" / "view" / f"{name}.json"


def read_state(path: Path | None) -> State:
    """What was kept; nothing where there is none or it cannot be understood."""
    if path is None:
        return State()
    with suppress(OSError, ValueError, TypeError, LookupError, OverflowError):
        said = json.loads(path.read_text("utf-8"))
        position = said["position"]
        return State(
            (str(position[0]), int(position[1])) if position else None,
            str(said["filter"]),
            str(said["time"]),
            int(said["columns"]),
            tuple((str(name), int(line)) for name, line in said["marks"]),
        )
    return State()


def write_state(path: Path | None, state: State) -> None:
    """Keep it; a state that cannot be kept is no reason to complain at the end."""
    if path is None:
        return
    with suppress(OSError, WriteError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replacing.write_state(path, json.dumps(asdict(state), ensure_ascii=True))
