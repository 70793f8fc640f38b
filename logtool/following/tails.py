"""Tails: takes a log's path, gives the lines that are appended to it, whatever rotation does.

A log that is renamed is read on under its old descriptor, because httpd's children write to it
until they end; the new file of its name is read beside it. Files that came and went between two
looks are found beside the log, and so are those in which it goes on under other names (`rotatelogs`
with numbers or times). What was cut short (copytruncate) is read to its end in the copy.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

from logtool.following.marks import Mark
from logtool.following.news import in_order_begun
from logtool.following.parts import Part, Text, all_of, part_of, rest_of
from logtool.following.siblings import Fresh, Sibling, Siblings, list_siblings
from logtool.sources.identity import Identity
from logtool.sources.numbering import in_order_of_times
from logtool.sources.paths import rotation
from parsers.classes import dataclass

#: Seconds between two looks whether something was written.
PAUSE_S = 0.2
#: Seconds between two looks whether it was written elsewhere; and how much older than the log's
#: last line a file may seem in which it goes on.
_LOOK_S, _OLDER_NS = 0.5, 60 * 10**9
#: Seconds for which a file that lost its name is still read after it last grew, and how many such.
_LINGER, _PARTS = 600.0, 64
#: How often what a log held before it was cut short is known, of which a cursor is told.
_COPIES = 512


@dataclass(frozen=True, slots=True)
class Arrived:
    """Lines that came together.

    Attributes:
        text: whole lines; the last may lack its newline only where nothing follows.
        since_us: they came after this instant, µs UTC ...
        now_us: ... and not after this one.
        part: the file that they stand in, which is open while they are looked at; none for a pipe.
        place: where they begin in it.
    """

    text: bytes
    since_us: int
    now_us: int
    part: Part | None = None
    place: int = 0

    @property
    def file(self) -> Hashable:
        """Their file; another one once it is begun anew."""
        return None if self.part is None else self.part.file

    @property
    def written_us(self) -> int | None:
        """When their file was written last, µs UTC; None if that is not known."""
        return None if self.part is None else self.part.written_us


def now_us() -> int:
    """The present, microseconds UTC."""
    return time.time_ns() // 1000


class Tail:
    """Follows one log by its name.

    Attributes:
        path: its name.
    """

    def __init__(
        self,
        path: str,
        tell: Callable[[str], None] = lambda note: None,
        first: str | Part | None = None,
        cut: Callable[[Part, Part | None], None] = lambda part, copy: None,
        siblings: Siblings | None = None,
        *,
        alone: bool = False,
    ) -> None:
        """Open the log if it is there; it need not be.

        Args:
            path: the log's name.
            tell: takes a sentence for people about what became of the log.
            first: the file to begin with, if rotation may have taken the name from it already; what
                has the log's name is looked for at the first `poll` then.
            cut: takes a file that was cut short, and where what it held is read from now on, or
                None: that is lost. What comes from the file then was written anew.
            siblings: know which files of the set were there already; else those that are there now.
            alone: what is written to other files of the set is not asked for.
        """
        self.path = path
        stem, self._age = rotation(Path(path).name)
        self._is_bare = stem == Path(path).name
        self._first = first if isinstance(first, str) else path
        self._alone, self._rises, self._renamed = alone, False, False
        self._named: Identity | None = None
        self._next_look = 0.0
        self._tell, self._cut = tell, cut
        self._siblings = siblings or Siblings(path)
        self._parts: list[Part] = []
        self._again: list[Part] = []
        self._copied: deque[Mark] = deque(maxlen=_COPIES)
        self._looked_us = now_us()
        self._missing = isinstance(first, str)  # between a renaming and a restart no log is missed
        if first is None:
            self._renew(first=True)
        elif isinstance(first, Part):
            self._parts.append(first)
        else:
            with suppress(OSError):  # renamed again: the caller sees that, too
                self._parts.append(Part(os.open(first, os.O_RDONLY)))

    @property
    def current(self) -> Part | None:
        """The file that was last seen to be begun."""
        return self._parts[-1] if self._parts else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """The files that are read, the one that was last seen to be begun last."""
        return tuple(self._parts)

    @property
    def copied(self) -> tuple[Mark, ...]:
        """How far what the log held before it was cut short was read, in a copy or before."""
        return tuple(self._copied)

    def was_read(self, identity: Identity, place: int, head: bytes) -> None:
        """Others read a file that began so up to a place: what is written behind it is new."""
        self._siblings.was_read(identity, place, head)

    def spare(self, identities: Iterable[Identity]) -> None:
        """Take none of these files for one of the set: we write them."""
        self._siblings.spare(identities)

    def poll(self) -> Iterator[Arrived]:
        """What came since the last call; nothing is lost if the caller is slow."""
        since_us, self._looked_us = self._looked_us, now_us()
        self._renew()
        self._go_on()
        for part, place, text in chain(self._read_all(), self._dropped()):
            yield Arrived(text, since_us, now_us(), part, place)

    def ended(self) -> Iterator[Arrived]:
        """What came since, also lines without a newline: when no more is waited for."""
        self._next_look = 0.0
        yield from self.poll()
        for part in self._parts:
            if part.held:
                text, part.held = part.held, b""
                yield Arrived(text, self._looked_us, now_us(), part, part.place - len(text))

    def close(self) -> None:
        """Give all descriptors back."""
        for part in self._parts:
            part.close()
        self._parts = []

    def _renew(self, *, first: bool = False) -> None:
        """See whether another file has the name, and which ones had it in the meantime."""
        try:
            fd = os.open(self.path, os.O_RDONLY)
        except OSError as fault:
            if not self._missing:
                self._tell(f"{self.path}: {fault.strerror}; waiting for it")
            self._missing = True
            return
        self._missing = False
        new = Part(fd)
        before, self._named = self._named, new.identity
        if before == self._named or any(new.identity == part.identity for part in self._parts):
            new.close()
            return
        self._renamed |= any(part.identity == before for part in self._parts)
        new.anew = self._is_bare and not new.head_now()
        self._parts += [*(() if first else self._missed(new)), new]

    def _missed(self, new: Part) -> Iterator[Part]:
        ours = self._ours() | {new.identity: new.head}
        for one in self._siblings.fresh(ours, new.identity):
            yield part_of(one, self.path)

    def _ours(self) -> dict[Identity, bytes]:
        """The files that are read, and how they begin: copies of these are known."""
        for part in self._parts:
            self._siblings.know(part.head)
        return {part.identity: part.head for part in self._parts}

    def _go_on(self) -> None:
        """See whether lines are written to other files of the set, though none was renamed.

        Not where one was cut short: what is new beside it is older than what comes in it, except in
        a circle.
        """
        now = time.monotonic()
        if self._alone or now < self._next_look:
            return
        if self._is_being_cut():
            return
        self._next_look = now + _LOOK_S
        ours = self._ours()
        fresh = self._siblings.fresh(ours, self._named, heads_now=self._heads_now)
        if self._is_being_cut():  # meanwhile
            self._siblings.forget(fresh)
            return
        last_ns = max((part.mtime_ns for part in self._parts), default=0)
        anew = next((at for at, part in enumerate(self._parts) if part.anew), None)
        for one in self._oldest_first(fresh):
            if not one.place and one.mtime_ns < last_ns - _OLDER_NS:
                os.close(one.fd)  # put there by others, as a backup is
                continue
            is_late = one.place and one.mtime_ns < last_ns  # an old child has written to it
            at = 0 if is_late else len(self._parts)
            if anew is not None:  # a copy of what came before that
                at, anew = anew, anew + 1
            elif self._renamed and not one.place:  # it was being renamed as it was looked for
                at = max(at - 1, 0)
            elif not one.place:
                self._tell_of(one)
            self._parts.insert(at, part_of(one, self.path))

    def _is_being_cut(self) -> bool:
        return not self._rises and any(part.is_cut for part in self._parts)

    def _heads_now(self) -> Iterator[bytes]:
        return (part.head_now() for part in self._parts)

    def _oldest_first(self, fresh: list[Fresh]) -> list[Fresh]:
        """The same, in the order in which they were begun: numbers may be no ages."""
        if len(fresh) < 2:
            return fresh
        listed = list_siblings(self.path)
        ages = [(one.age, one.path) for one in listed] + [(self._age, self.path)]
        paths = in_order_of_times([path for _, path in sorted(ages)])
        of_parts = {part.identity for part in self._parts}
        read = [one for one in listed if one.identity in of_parts]
        if (last := self._last_numbered(read)) is not None:
            new = {one.path for one in fresh}
            paths = in_order_begun(paths, last, new, {one.path for one in read})
        place = {path: at for at, path in enumerate(paths)}
        return sorted(fresh, key=lambda one: place.get(one.path, -1))

    def _last_numbered(self, listed: Iterable[Sibling]) -> str | None:
        """The path of the file that was begun last, if the set goes on in others from there.

        None also where that has the bare name: it may be that which is renamed.
        """
        last = self.current.identity if self.current else None
        if last == self._named:
            return None if self._is_bare else self.path
        return next((one.path for one in listed if self._rises and one.identity == last), None)

    def _tell_of(self, one: Fresh) -> None:
        if not self._rises:
            name = Path(one.path).name
            self._tell(f"{self._first}: goes on in {name}; that is followed, and what comes after")
        self._rises = True

    def _read_all(self) -> Iterator[Text]:
        """What is new in all files; what was begun anew comes last."""
        for part in [*self._parts]:
            yield from self._read(part)
        while self._again:
            yield from self._read(self._again.pop(0))

    def _read(self, part: Part) -> Iterator[Text]:
        while True:
            try:
                text = part.read()
            except OSError as fault:  # a network file system that lost it
                self._tell(f"{self.path}: {fault.strerror}")
                return
            if text is None:
                yield from self._restarted(part)
                if self._rises:  # in a circle what is begun anew is the youngest
                    self._parts.remove(part)
                    self._parts.append(part)
                    self._again.append(part)
                    return
                continue
            if part.anew and part.place:
                part.anew = False
                yield from self._copies(part)
            if not text:
                return
            yield part, part.given - len(text), text

    def _copies(self, part: Part) -> Iterator[Text]:
        """What a log held that was cut short more than once between two looks."""
        fresh = self._siblings.fresh(
            self._ours(), before=part.head, heads_now=lambda: (part.head_now(),)
        )
        for one in self._oldest_first(fresh):
            copy = part_of(one, self.path)
            yield from all_of(copy)
            self._copied.append(Mark.in_copies(copy.head, copy.place))
            self._siblings.was_read(one.identity, copy.place)

    def _restarted(self, part: Part) -> Iterator[Text]:
        """What a file held that was cut short, as far as there is a copy; then it begins anew."""
        fd = self._siblings.copy_of(part.head, part.place) if part.head else None
        self._siblings.know(part.head)
        if fd is None:
            if not (self._rises and self._was_left(part)):
                self._tell(f"{self.path}: was cut short; lines written just before may be missing")
            yield from rest_of(part)
            self._copied.append(Mark.in_copies(part.head, part.place))
            self._cut(part, None)
        else:
            copy = Part(fd, part.given)
            self._cut(part, copy)
            yield from all_of(copy)
            self._copied.append(Mark.in_copies(part.head, copy.place))
        part.anew = not self._rises
        part.begin_anew()

    def _was_left(self, part: Part) -> bool:
        """Whether all of a file was read after a younger one of its circle had been begun."""
        younger = self._parts[self._parts.index(part) + 1 :]
        return any(one.begun < part.ended for one in younger)

    def _dropped(self) -> Iterator[Text]:
        """Let go of files that lost their name and have not grown for long."""
        now = time.monotonic()
        for part in self._parts[:-1]:
            is_quiet = now - part.grew > _LINGER or len(self._parts) > _PARTS
            if is_quiet and part.identity != self._named:
                yield from rest_of(part)
                self._siblings.was_read(part.identity, part.place, part.head)
                part.close()
                self._parts.remove(part)
