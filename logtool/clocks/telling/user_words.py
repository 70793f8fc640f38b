"""User words: take clocks and the zones that a user named, tell what is doubtful of that.

Nobody keeps a zone that he named, or it was a choice which lines do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set

import numpy as np

from logtool.clocks.table import NOBODY, Clock, Confidence, Evidence, Facts
from logtool.clocks.telling.kinds import named
from logtool.clocks.tzdb.zones import Rules
from logtool.people.misspelled import with_meant
from parsers.lines import NO_PID

#: So many pids are named where a user named another.
_PIDS = 4
#: What is said of a kind of process of which none is known.
_LACKS = {
    role: f"no line tells that any process is a {role} (LogLevel info shows it): name a pid"
    for role in ("parent", "child", "daemon")
}
#: Where nobody is known to keep the server's clock.
_UNKNOWN = (
    "no line tells who keeps the server's clock (--server-tz), and an application may have set "
    "another zone before; then all is off by as much"
)
#: So many stretches of lines are told by themselves.
_RUNS = 3


def unmatched(clocks: Sequence[Clock], rules: Mapping[str, Rules]) -> list[Evidence]:
    """A note for each zone that the user named for nobody who is in the log."""
    pids = [str(pid) for pid in sorted({clock.pid for clock in clocks} - {NO_PID})]
    groups = sorted({clock.group for clock in clocks if clock.group})
    roles = sorted({clock.role for clock in clocks if clock.role})
    known = {*pids, *groups, *roles, "server"}
    some = [*groups, *roles, *pids[:_PIDS], *(["other pids"] if len(pids) > _PIDS else [])]
    there = f"there are {', '.join(some)}" if some else "none is known here"
    notes = []
    for who, zone in rules.items():
        if who not in known:
            lacks = _LACKS.get(who, "no process or group of that name")
            text = f"--clock {who}={zone.name}: {lacks}; {there}"
            names = [] if who.isdecimal() else [*groups, *roles]
            notes.append(Evidence(NOBODY, with_meant(text, who, names)))
    return notes


def heard(
    clocks: Sequence[Clock],
    rules: Mapping[str, Rules],
    guessed: Sequence[bool],
    unshown: Sequence[bool],
) -> tuple[list[Clock], list[Evidence]]:
    """The clocks, those of whom a user spoke with what is doubtful of that; and notes on it.

    Args:
        clocks: of all servers.
        rules: zones that the user named, by WHO.
        guessed: of each server, whether it is only guessed who keeps its zone (see `keepers`).
        unshown: of each server, whether every line is an application's.
    """
    told, notes = list(clocks), []
    unknown = [at for at, clock in enumerate(clocks) if guessed[clock.server]]
    if unknown:
        notes.append(Evidence("server-tz", _UNKNOWN))
        for at in unknown:
            told[at] = _with_evidence(told[at], notes[-1])
    for who, zone in rules.items():
        own = [at for at, clock in enumerate(clocks) if _is_of(clock, who)]
        kept = {
            at
            for at, fine in zip(own, _keep([clocks[at] for at in own], zone), strict=True)
            if fine
        }
        if own and not kept:
            notes.append(_unkept(who, zone, [clocks[at].server for at in own], unshown))
            if who != "server":
                for at in own:
                    told[at] = _with(told[at], "conflicts", (*told[at].conflicts, notes[-1]))
        elif who.isdecimal():
            cure = "" if "server" in rules else "; say --server-tz ZONE too"
            for note, some in _chosen(clocks, own, kept):
                text = f"--clock {who}={zone.name} is assumed to tell of {note}{cure}"
                notes.append(Evidence("clock", text))
                for at in some:
                    told[at] = _with_evidence(told[at], notes[-1])
    return told, notes


def _unkept(who: str, zone: Rules, servers: Sequence[int], unshown: Sequence[bool]) -> Evidence:
    """A note where nobody keeps the zone that the user named for him."""
    if who == "server":
        text = f"--server-tz {zone.name} contradicts the log: no process here was found to keep it"
        if all(unshown[server] for server in servers):
            text += "; every line is an application's, which may have set another zone"
        return Evidence("server-tz", text)
    text = f"--clock {who}={zone.name} contradicts the log: no line of {who} was found to keep it"
    return Evidence("clock", text)


def _chosen(
    clocks: Sequence[Clock], own: Sequence[int], kept: Set[int]
) -> Iterator[tuple[str, list[int]]]:
    """Of each process that changes its clock, which lines keep a zone and which do not; and those.

    An application sets the zone of a child at any line, and may set another one later.
    """
    processes: dict[int, list[int]] = {}
    for at in own:
        if clocks[at].role in ("child", ""):
            processes.setdefault(clocks[at].process, []).append(at)
    for numbers in processes.values():
        some = [at for at in numbers if at in kept]
        others = [clocks[at] for at in numbers if at not in kept]
        if others and any(clocks[at].confidence < Confidence.CERTAIN for at in some):
            one = others[0]
            lines = _lines([clocks[at] for at in some])
            yield f"{lines} of {named(one.role, one.group, one.pid)}, not {_lines(others)}", some


def _with_evidence(clock: Clock, fact: Evidence) -> Clock:
    held = clock.evidence  # not put into words before somebody asks
    return _with(clock, "evidence", Facts(lambda: (*held, fact)))


def _with(clock: Clock, name: str, facts: Sequence[Evidence]) -> Clock:
    values = {one: getattr(clock, one) for one in Clock.__slots__}
    return Clock(**{**values, name: facts})


def _is_of(clock: Clock, who: str) -> bool:
    """Whether the user meant it; what he says of the server is said of all."""
    return who in ("server", str(clock.pid), clock.group, clock.role)


def _keep(clocks: Sequence[Clock], zone: Rules) -> list[bool]:
    """Whether each keeps a zone, in its first moment or in its last."""
    ends = np.array([(clock.first_us, clock.last_us) for clock in clocks], np.int64).reshape(-1, 2)
    offsets = np.array([clock.offset_s for clock in clocks], np.int64)
    kept: list[bool] = np.any(zone.at_utc(ends) == offsets[:, None], axis=1).tolist()
    return kept


def _lines(clocks: Sequence[Clock]) -> str:
    some = [
        f"{clock.first_line} to {clock.last_line}"
        if clock.last_line > clock.first_line
        else f"{clock.first_line}"
        for clock in clocks[:_RUNS]
    ]
    more = len(clocks) - _RUNS
    one = len(clocks) == 1 and clocks[0].first_line == clocks[0].last_line
    return f"line{'' if one else 's'} {', '.join(some)}" + (f" and {more} more" if more > 0 else "")
