"""Log names: takes a log file's name, gives what rotation wrote into it.

Read are logrotate's numbers (`error.log.2.gz`) and dates (`error_log-20260605`), the epoch that
rotatelogs puts behind a name without conversions (`error.1780617600`), and the strftime conversions
people give rotatelogs and cronolog (`error.2026-06-05_13.log`).
"""

from __future__ import annotations

import re
from calendar import timegm

from parsers.classes import dataclass
from parsers.units import SECOND

_COMPRESSED = re.compile(r"\.(?:gz|bz2|xz|zst|zstd|lz4|lzma|Z)\Z")
_NUMBER = re.compile(r"\.(\d{1,4})\Z")
#: Ten digits from 2001 to 2033; later ones could be `%Y%m%d%H`.
_EPOCH = re.compile(r"[._-](1\d{9})(?=\Z|[._-])")
_DATE = re.compile(
    r"(?:\A|(?<=\D))((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)"
    r"(?:[-_.T]?([01]\d|2[0-3])(?:[-_.:]?([0-5]\d)(?:[-_.:]?([0-5]\d))?)?)?(?=\Z|\D)"
)


@dataclass(frozen=True, slots=True)
class LogName:
    """A log's name taken apart.

    Attributes:
        stem: the name without what rotation and compression added: the name it was written under.
        rotation: what rotation added (`.2`, `-20260605`), or empty.
        number: logrotate's number, or None.
        epoch_s: the epoch in the name: rotatelogs' nominal start of the file, UTC; or None.
        local_us: the date and time in the name, microseconds from 1970-01-01T00:00, or None. In
            whose zone it is, and whether it is the start of the file (rotatelogs) or its end
            (logrotate's dateext), the name does not say.
    """

    stem: str
    rotation: str = ""
    number: int | None = None
    epoch_s: int | None = None
    local_us: int | None = None


def read_log_name(name: str) -> LogName:
    """Take a file's name (without folders) apart."""
    bare = _COMPRESSED.sub("", name)
    if found := _EPOCH.search(bare):
        stem = _without(bare, found.start(), found.end())
        if dated := read_log_name(stem) if _DATE.search(stem) else None:
            stem = dated.stem
        return LogName(stem, found[0], epoch_s=int(found[1]))
    for found in _DATE.finditer(bare):
        year, _, *rest = found.groups()
        parts = [int(part) for part in (year, *rest) if part is not None]
        if 1 <= parts[1] <= 12 and 1 <= parts[2] <= 31:
            seconds = timegm((*parts, *[0] * (6 - len(parts)), 0, 0, 0))
            start = max(0, found.start() - (bare[found.start() - 1 : found.start()] in "._-"))
            return LogName(
                stem=_without(bare, start, found.end()),
                rotation=bare[start : found.end()],
                local_us=seconds * SECOND,
            )
    if found := _NUMBER.search(bare):
        return LogName(bare[: found.start()], found[0], number=int(found[1]))
    return LogName(bare)


def _without(name: str, start: int, end: int) -> str:
    rest = name[:start] + name[end:]
    return rest.lstrip("._-") if start == 0 else rest


def access_names(stem: str) -> list[str]:
    """The names by which an access log goes beside an error log of this name."""
    names = [
        re.sub(r"err(?:ors?)?", word, stem, count=1, flags=re.IGNORECASE)
        for word in ("access", "request", "transfer")
    ]
    return [name for name in names if name != stem]


def looks_like_access_log(name: str) -> bool:
    """Whether a name is one that access logs have."""
    lowered = name.lower()
    return "error" not in lowered and any(
        word in lowered for word in ("access", "request_log", "transfer")
    )
