"""News: takes members of a set as a cursor finds them, gives the order in which they were begun.

What a run has not seen was begun after all that it has seen, whatever numbers say.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path

from logtool.following.marks import Look, Mark
from logtool.sources.identity import identity_of
from logtool.sources.paths import rotation


def in_order_begun(
    candidates: Sequence[str], end: str, strange: Container[str], known: Container[str]
) -> list[str]:
    """The members of a set, oldest first: in a circle where only that order suits what was seen.

    Args:
        candidates: all members, in the order that their numbers and times show.
        end: where the last run ended.
        strange: those that no run has seen as they are.
        known: those of which a run has read anything.
    """
    at = candidates.index(end)
    new = {path for path in candidates if path in strange}
    is_against = any(path in known for path in candidates[at + 1 :])
    if not new or not (is_against or new.intersection(candidates[:at])):
        return [*candidates]
    rising = _rising(candidates)
    at = rising.index(end)
    in_circle = [*rising[at + 1 :], *rising[:at]][: len(new)]
    if {*in_circle} != new:
        return [*candidates]
    return [*(path for path in candidates if path not in new and path != end), end, *in_circle]


def end_in_circle(mark: Mark, grown: Mapping[str, Mark], candidates: Sequence[str]) -> str | None:
    """Where the last run ended, if its mark was made in a member that is not the one written then.

    In a circle a member is written over when all others were. One that goes on as it was shows that
    the log was written there, and that the one with the mark had been read to its end.
    """
    over = [path for path in candidates if identity_of(Path(path).stat()) == mark.identity]
    if not over or over[0] in grown:
        return None
    return max(grown, key=candidates.index, default=None)


def may_have_come_round(look: Look, candidates: Sequence[str], end: str, name: str) -> bool:
    """Whether a circle may have come round to the member that was empty where the last run ended.

    What was written to that first is gone then, and nothing in it tells so. Of what else was there
    nothing is left; and members were written over, or their times rise with their numbers from the
    log's own name on, in which a set begins.

    Args:
        look: at the set.
        candidates: all members, in the order that their numbers and times show.
        end: where the last run ended.
        name: of the log.
    """
    known = {**look.done, **look.grown}
    if not look.strange or any(one.head_size for path, one in known.items() if path != end):
        return False
    rising = _rising(candidates)
    at = rising.index(candidates[0])
    is_ring = [*candidates] == [*rising[at:], *rising[:at]] != rising[::-1]
    return bool(look.over) or (is_ring and end == name)


def may_have_gone_through(look: Look, name: str) -> bool:
    """Whether more members may have come since the last run than rotation keeps.

    Not where the youngest is there that held lines then, in whatever form: all that came after it
    are kept. Nor where a single one came: so it is each night where rotation keeps but one.

    Args:
        look: at the set.
        name: of the log, which is no member that has come.
    """
    heads = [look.heads[path] for path in look.strange if path != name and look.heads[path]]
    # What is being compressed is there twice: one begins with what is known of the other.
    texts = sum(not any(one != head and one.startswith(head) for one in heads) for head in {*heads})
    return texts > 1 and not (look.last and any(map(look.last.begins, look.heads.values())))


def is_among_new(mark: Mark, look: Look, name: str) -> bool:
    """Whether a log that was empty at the last run is one of the members that have come since.

    It had its first lines, and was compressed at once: nothing tells it from others by then.
    """
    has_come = any(path != name for path in look.strange)
    return not mark.head_size and has_come and not may_have_gone_through(look, name)


def _rising(candidates: Sequence[str]) -> list[str]:
    """Members of a set by their numbers, from the log's own name on."""
    return sorted(candidates, key=lambda path: (rotation(Path(path).name)[1], path))[::-1]


def in_order_of_set(paths: Sequence[str], candidates: Sequence[str]) -> list[str]:
    """The same paths in the order of all files of their set, if all are there."""
    place = {path: at for at, path in enumerate(candidates)}
    whole = {path: str(Path(path).absolute()) for path in paths}
    is_there = all(one in place for one in whole.values())
    return sorted(paths, key=lambda path: place[whole[path]]) if is_there else [*paths]
