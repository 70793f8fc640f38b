"""Lives: takes what a line says, tells whether it is a start, a stop or a crash."""

from __future__ import annotations

import polars as pl

from parsers.classes import dataclass


@dataclass(frozen=True, slots=True)
class Life:
    """One kind of event in the life of a server.

    Attributes:
        name: for people.
        tags: httpd's tags that tell of it (server/mpm/*, server/mpm_unix.c).
        says: how mod_wsgi's message goes on after its prefix (src/server/*.c).
    """

    name: str
    tags: tuple[str, ...] = ()
    says: str = ""


LIVES: tuple[Life, ...] = (
    Life("server started", ("AH00163", "AH00292", "AH00489")),
    Life("server restarted", ("AH00173", "AH00298", "AH00494")),
    Life("server restarted gracefully", ("AH00171", "AH00297", "AH00493")),
    Life("server stopped", ("AH00169", "AH00170", "AH00295", "AH00296", "AH00491", "AH00492")),
    Life("child crashed", ("AH00051", "AH00052")),
    # No line says so by itself: httpd does not know its children from mod_wsgi's.
    Life("daemon crashed"),
    # Asked up to three times (SIGTERM), then killed once (server/mpm_unix.c).
    Life("child did not end when asked", ("AH00045",)),
    Life("child had to be killed", ("AH00046",)),
    Life("child could not be killed", ("AH00047",)),
    Life("daemon started", (), r"Starting (?:daemon )?process '"),
    # Its `Shutdown requested` and `Exiting process` tell of the same stop; this every version says.
    Life("daemon stopped", (), r"Stopping (?:daemon )?process '"),
    Life("daemon aborted", (), r"Aborting (?:daemon )?process '"),
    Life(
        "daemon ended", (), r"(?:Daemon p|P)rocess '[^']*' (?:\(pid=\d+\) )?(?:has died|appears to)"
    ),
    Life("daemon reached its requests", (), r"Maximum requests reached"),
)

#: Where each stands in `LIVES`, from 1.
NUMBERS = {life.name: number for number, life in enumerate(LIVES, 1)}
STARTED, STOPPED = NUMBERS["server started"], NUMBERS["server stopped"]
RESTARTED = (NUMBERS["server restarted"], NUMBERS["server restarted gracefully"])
CRASHED = NUMBERS["child crashed"]

#: The same for each tag.
_OF_TAGS = {tag: number for number, life in enumerate(LIVES, 1) for tag in life.tags}

#: All that mod_wsgi says of lives: one expression, for polars keeps no more than 32 compiled, and
#: where more are asked for in turn, compiles each anew.
_SAYS = r"^(?:WSGI\d{4}: )?(?:mod_wsgi \(pid=\d+\): )?(?:" + "|".join(
    f"(?P<says{at}>{life.says})" for at, life in enumerate(LIVES) if life.says
) + ")"  # fmt: skip


class Restarts:
    """Tells the start of a server from its going on after a restart: it says the same of both."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self._restarting = False

    def goes_on(self, life: int) -> bool:
        """Whether the next line that tells of a life is of a server that goes on.

        Args:
            life: what it tells, its number in `LIVES`, from 1.
        """
        goes_on = self._restarting and life == STARTED
        if life in (STARTED, STOPPED, *RESTARTED):
            self._restarting = life in RESTARTED
        return goes_on


def life_of(tag: pl.Expr, message: pl.Expr) -> pl.Expr:
    """The number in `LIVES`, from 1, of what a line tells; 0 for nothing of that kind.

    A client's words begin no message of the parent, but an application may print anything: only
    lines about no client count.
    """
    numbers = pl.lit(pl.Series(_OF_TAGS.values(), dtype=pl.Int64))
    tagged = numbers.gather(tag.cast(pl.Enum(list(_OF_TAGS)), strict=False).to_physical())
    said = message.str.extract_groups(_SAYS)
    says = (
        pl.when(said.struct.field(f"says{at}").is_not_null()).then(pl.lit(at + 1, pl.Int64))
        for at, life in enumerate(LIVES)
        if life.says
    )
    return pl.min_horizontal(tagged, pl.coalesce(says)).fill_null(0)
