"""Lives: takes rows of lines, gives those that tell of a start, a stop or a crash."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of life event.

    Attributes:
        name: for people.
        tags: httpd's tags that tell of it (server/mpm/*, server/mpm_unix.c).
        says: how mod_wsgi's message goes on after its prefix (src/server/*.c).
    """

    name: str
    tags: tuple[str, ...] = ()
    says: str = ""


KINDS: tuple[Kind, ...] = (
    Kind("server started", ("AH00163", "AH00292", "AH00489")),
    Kind("server restarted", ("AH00173", "AH00298", "AH00494")),
    Kind("server restarted gracefully", ("AH00171", "AH00297", "AH00493")),
    Kind("server stopped", ("AH00169", "AH00170", "AH00295", "AH00296", "AH00491", "AH00492")),
    Kind("child crashed", ("AH00051", "AH00052")),
    Kind("child had to be killed", ("AH00045", "AH00046", "AH00047")),
    Kind("daemon started", (), r"Starting (?:daemon )?process '"),
    Kind("daemon stopped", (), r"(?:Stopping|Exiting) (?:daemon )?process '"),
    Kind("daemon aborted", (), r"Aborting (?:daemon )?process '"),
    Kind(
        "daemon ended", (), r"(?:Daemon p|P)rocess '[^']*' (?:\(pid=\d+\) )?(?:has died|appears to)"
    ),
    Kind("daemon reached its requests", (), r"Maximum requests reached"),
)

_PREFIX = r"^(?:WSGI\d{4}: )?(?:mod_wsgi \(pid=\d+\): )?"
_ANY = _PREFIX + "(?:" + "|".join(kind.says for kind in KINDS if kind.says) + ")"
_TAGS = [tag for kind in KINDS for tag in kind.tags]


def lives(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines that tell of a life event, with its `life`.

    Args:
        lines: rows with `tag` and `message`.
    """
    message = pl.col("message")
    # A client's words begin no message of the parent, but an application may print anything.
    own = pl.col("client").is_null()
    told = lines.filter(own & (pl.col("tag").is_in(_TAGS) | message.str.contains(_ANY)))
    name = pl.lit(None, pl.String)
    for kind in reversed(KINDS):
        says = (
            message.str.contains(_PREFIX + f"(?:{kind.says})") if kind.says else pl.lit(value=False)
        )
        name = (
            pl.when(pl.col("tag").is_in(kind.tags) | says).then(pl.lit(kind.name)).otherwise(name)
        )
    return told.with_columns(name.alias("life")).filter(pl.col("life").is_not_null())
