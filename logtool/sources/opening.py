"""Opening: takes the FILE arguments, gives opened sources in true order, copies left out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from logtool.errors import ReadError
from logtool.machine.open_files import allow_files
from logtool.people.terminal import safe
from logtool.sources.copies import Heads, copies, equals
from logtool.sources.numbering import against_numbers, are_pieces
from logtool.sources.paths import Member, apart_of, expand_and_list, left_out_of, missing_members
from logtool.sources.source import SPOOL_LIMIT, Source

#: Seconds for which files are opened again that are being renamed, and between two tries.
_PATIENCE_S, _PAUSE_S = 10.0, 0.01


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
    find = partial(expand_and_list, arguments, all_needed=all_needed, others=not all_needed)
    members, listings = find()
    for note in (*apart_of(arguments, listings), *left_out_of(arguments, listings)):
        tell(safe(note))
    opening = open_members(
        members, lambda: find()[0], spool_limit, tell, all_needed=all_needed, whole=whole
    )
    with opening as sources:
        yield sources


@contextmanager
def open_members(
    members: Sequence[Member],
    again: Callable[[], Sequence[Member]],
    spool_limit: int = SPOOL_LIMIT,
    tell: Callable[[str], None] = _nothing,
    *,
    all_needed: bool = True,
    whole: bool = True,
) -> Iterator[list[Source]]:
    """Like `open_sources`, for files found before; where one is renamed, they are found `again`.

    So none is taken for another, and none is missed that rotation renames as they are opened.
    """
    with ExitStack() as stack:
        members, sources = _as_found(stack, members, again, spool_limit, needed=all_needed)
        if not any(source.is_open for source in sources):
            Source(members[0].path, lack=members[0].lack)  # raises what is wrong with it
        for gap in missing_members(member.path for member in members) if whole else ():
            tell(safe(gap))
        heads = Heads()
        left_out = copies(sources, heads)
        for number, other in left_out.items():
            while other in left_out:
                other = left_out[other]
            sources[other].copies.append(sources[number].path)
            tell(safe(f"{sources[number].name}: all of it is in {sources[other].name}; read once"))
        kept = [source for number, source in enumerate(sources) if number not in left_out]
        for number, other in equals(kept, heads):
            note = f"{kept[number].name}: holds the same lines as {kept[other].name}; both are read"
            tell(safe(f"{note}, so leave one out unless both count"))
        yield _in_order_of_times(kept, tell)


def _as_found(
    stack: ExitStack,
    members: Sequence[Member],
    again: Callable[[], Sequence[Member]],
    spool_limit: int,
    *,
    needed: bool,
) -> tuple[Sequence[Member], list[Source]]:
    """Files and their sources, open until a stack is closed, of which none was renamed meanwhile.

    Not where that happens again and again.
    """
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        sources: list[Source] = []
        with ExitStack() as opened:
            try:
                sources.extend(_each_opened(opened, members, spool_limit, needed=needed))
            except ReadError:
                if not _have_moved(members, sources):
                    raise
            else:
                if not _have_moved(members, sources):
                    stack.enter_context(opened.pop_all())
                    return members, sources
        time.sleep(_PAUSE_S)
        members = again() or members
    return members, [*_each_opened(stack, members, spool_limit, needed=needed)]


def _each_opened(
    stack: ExitStack, members: Sequence[Member], spool_limit: int, *, needed: bool
) -> Iterator[Source]:
    """The sources of files, open until a stack is closed."""
    allow_files(len(members))
    for member in members:
        source = Source(member.path, spool_limit, member.sequence, needed=needed, lack=member.lack)
        yield stack.enter_context(closing(source))


def _have_moved(members: Sequence[Member], sources: Sequence[Source]) -> bool:
    """Whether files were renamed as they were opened; not where a pipe is: that is opened once."""
    is_piped = any(source.is_open and not source.is_stored for source in sources)
    return not is_piped and any(member.has_moved for member in members)


def _in_order_of_times(sources: Sequence[Source], tell: Callable[[str], None]) -> list[Source]:
    """The same sources, the members of a set in true order where their times are against numbers.

    That is told.
    """
    ordered = [*sources]
    for standing, order in against_numbers(sources):
        first, last = sources[order[0]].name, sources[order[-1]].name
        why = "their times show against their numbers"
        if order == standing[::-1] and are_pieces([sources[at].path for at in order]):
            why = "their numbers with leading zeros say (`split -d`)"
        told = f"{first} is the oldest of its set and {last} the youngest, as {why}"
        told += "; read in that order"
        if order == standing:
            told = (
                f"{first} to {last}: some of their times are against their numbers, but show no "
                "other order clearly; read by their numbers, the highest first"
            )
        tell(safe(told))
        for place, at in zip(standing, order, strict=True):
            ordered[place] = sources[at]
    return ordered
