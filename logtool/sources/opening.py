"""Opening: takes the FILE arguments, gives opened sources in true order, copies left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

from logtool.sources.copies import copies, equals
from logtool.sources.numbering import counted_on
from logtool.sources.paths import Member, expand, missing_members
from logtool.sources.source import SPOOL_LIMIT, Source
from logtool.terminal import safe


def _nothing(note: str) -> None:
    del note


@contextmanager
def open_sources(
    arguments: Sequence[str],
    spool_limit: int = SPOOL_LIMIT,
    tell: Callable[[str], None] = _nothing,
    *,
    all_needed: bool = True,
    whole: bool = True,
) -> Iterator[list[Source]]:
    """Open what the FILE arguments mean, in true order; all are open before anything is read.

    Args:
        arguments: paths, globs, directories, `-`.
        spool_limit: bytes of a pipe that may be kept on disk.
        tell: takes a sentence for people about each member that is left out, being a copy, each
            that is not there, and each that holds the same as another log.
        all_needed: else one that cannot be opened is an empty source with a fault, beside others.
        whole: the rotated sets are read from their oldest member on; else a gap is no fault.

    Raises:
        ReadError: one of them cannot be opened, or none.
    """
    members = expand(arguments, all_needed=all_needed)
    opening = open_members(members, spool_limit, tell, all_needed=all_needed, whole=whole)
    with opening as sources:
        yield sources


@contextmanager
def open_members(
    members: Sequence[Member],
    spool_limit: int = SPOOL_LIMIT,
    tell: Callable[[str], None] = _nothing,
    *,
    all_needed: bool = True,
    whole: bool = True,
) -> Iterator[list[Source]]:
    """Like `open_sources`, for files that were found before."""
    with ExitStack() as opened:
        sources = [
            opened.enter_context(
                closing(
                    Source(
                        member.path,
                        spool_limit,
                        member.sequence,
                        needed=all_needed,
                        lack=member.lack,
                    )
                )
            )
            for member in members
        ]
        if not any(source.is_open for source in sources):
            Source(members[0].path, lack=members[0].lack)  # raises what is wrong with it
        for gap in missing_members(member.path for member in members) if whole else ():
            tell(safe(gap))
        left_out = copies(sources)
        for number, other in left_out.items():
            while other in left_out:
                other = left_out[other]
            sources[other].copies.append(sources[number].path)
            tell(safe(f"{sources[number].name}: all of it is in {sources[other].name}; read once"))
        kept = [source for number, source in enumerate(sources) if number not in left_out]
        for number, other in equals(kept):
            note = f"{kept[number].name}: holds the same lines as {kept[other].name}; both are read"
            tell(safe(f"{note}, so leave one out unless both count"))
        for rising in counted_on(kept):
            first, last = kept[rising[-1]], kept[rising[0]]
            tell(safe(f"{first.name} is older than {last.name}, as their times show; read first"))
            for place, source in zip(rising, [kept[at] for at in rising[::-1]], strict=True):
                kept[place] = source
        yield kept
