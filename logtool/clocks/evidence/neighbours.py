"""Neighbours: takes the paths of error logs, gives what stands beside them and knows of clocks.

Access logs (their `%t` carries the server clock's offset), the audit log (epochs and pids), and
what rotation wrote into the logs' own names. Facts only: what they mean for a clock is the engine's
to say.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from logtool.clocks.evidence.access_facts import AccessFacts
from logtool.errors import ErrlogError, ReadError
from logtool.sources.paths import files_named
from logtool.sources.source import Source
from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.log_names import access_names, looks_like_access_log, read_log_name

if TYPE_CHECKING:
    from parsers.audit_log import AuditDenial
    from parsers.httpd_conf import AccessFormats

#: Access logs read beside all the error logs together, and beside each of them; beyond those, as
#: many as have so many bytes together, stored.
MOST_ACCESS_LOGS = 12
_MOST_BESIDE_ONE = 4
_MORE_SMALL, _MORE_BYTES = 500, 8 << 20
#: A compressed file of fewer bytes may hold nothing.
_PERHAPS_EMPTY = 256
#: Names looked at in one folder.
_MOST_NAMES = 20_000
#: Denials kept of the audit logs.
MOST_DENIALS = 20_000
_HEAD = 512
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
_COMMANDS = ("httpd", "apache2", "wsgi", "(wsgi")


@dataclass(slots=True)
class NeighbourFacts:
    """Everything found beside some error logs.

    Attributes:
        epochs_s: the epochs that rotatelogs wrote into names of the error logs, by path.
        access: access logs, the likeliest companion first.
        denials: denials from the audit log that concern Apache, in its order.
        unread: what was there but could not be read, and counts as not there, in sentences.
    """

    epochs_s: dict[str, int] = field(default_factory=dict)
    access: list[AccessFacts] = field(default_factory=list)
    denials: list[AuditDenial] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def blocks_of(path: Path) -> Iterator[Block]:
    """The blocks of a file, decompressed if need be."""
    with closing(Source(str(path))) as source:
        yield from source.blocks()


def find_neighbours(
    error_logs: Sequence[str | Path],
    *,
    access_logs: Sequence[str | Path] = (),
    audit_logs: Sequence[str | Path] = (),
    search: bool = True,
    access_formats: AccessFormats | None = None,
    var_log: Path = Path("/var/log"),
) -> NeighbourFacts:
    """Find and read what stands beside error logs.

    Args:
        error_logs: their paths; `-` and pipes have no neighbours.
        access_logs: access logs the user named, or globs; no others are looked for then.
        audit_logs: audit logs the user named, or globs; no other is looked for then.
        search: look for neighbours that were not named.
        access_formats: the LogFormats of Apache's configuration, if one is told.
        var_log: where this host's logs lie; its audit log counts only for error logs below it.

    Raises:
        ReadError: a file the user named cannot be read.
    """
    facts = NeighbourFacts()
    paths = [Path(log) for log in error_logs if str(log) != "-"]
    files = [path for path in paths if path.is_file()]
    for path in files:
        if (epoch_s := read_log_name(path.name).epoch_s) is not None:
            facts.epochs_s[str(path)] = epoch_s
    named = named_logs("access", access_logs)
    for path in named or (find_access_logs(files) if search else ()):
        _read_access(facts, path, access_formats, needed=bool(named))
    _read_audits(facts, files, audit_logs, search, var_log)
    return facts


def find_denials(
    error_logs: Sequence[str | Path],
    audit_logs: Sequence[str | Path] = (),
    *,
    search: bool = True,
    var_log: Path = Path("/var/log"),
) -> list[AuditDenial]:
    """What `find_neighbours` gives as denials, without what else stands beside."""
    facts = NeighbourFacts()
    files = [path for path in map(Path, error_logs) if path.is_file()]
    _read_audits(facts, files, audit_logs, search, var_log)
    return facts.denials


def named_logs(kind: str, paths: Sequence[str | Path]) -> list[Path]:
    """The files that the user named as logs of some kind, by paths or globs.

    Of those that a glob matches the ones that hold nothing are left out, unless none does.

    Raises:
        ReadError: no file matches a glob.
    """
    files: list[Path] = []
    for path in paths:
        try:
            some = [Path(one) for one in files_named(str(path))]
        except FileNotFoundError as fault:
            raise ReadError(f"cannot read {kind} log {path}: {fault.strerror}") from fault
        files += [one for one in some if len(some) == 1 or _holds_any(one)] or some
    return files


def _head(path: Path) -> bytes:
    with path.open("rb", buffering=0) as file:
        return file.read(_HEAD)


def find_access_logs(error_logs: Sequence[Path]) -> list[Path]:
    """The access logs beside error logs, by their names, the likeliest companions first.

    A companion is called as the error log is, with `access` for `error`; of a rotated set the one
    with the same number or date comes first. Others of the folder (`other_vhosts_access.log`)
    follow. Those that hold nothing are none.
    """
    ranked: dict[str, tuple[int, int, str]] = {}
    listed: dict[Path, list[str]] = {}
    for error_log in error_logs:
        folder = error_log.parent
        if folder not in listed:
            listed[folder] = _access_names_in(folder)
        ranks = {name: _rank(error_log.name, name) for name in listed[folder]}
        best = sorted(ranks, key=lambda name: (ranks[name], name))[:_MOST_BESIDE_ONE]
        for place, name in enumerate(best):
            path = str(folder / name)
            rank = (ranks[name], place, path)
            ranked[path] = min(rank, ranked.get(path, rank))
    paths = [Path(path) for path in sorted(ranked, key=ranked.__getitem__)]
    return [*paths[:MOST_ACCESS_LOGS], *_small_ones(paths[MOST_ACCESS_LOGS:])]


def _small_ones(paths: Sequence[Path]) -> Iterator[Path]:
    """As many as can be read beside others in no time: a quiet server has one for each day."""
    room = _MORE_BYTES
    for path in paths[:_MORE_SMALL]:
        with suppress(OSError):
            room -= path.stat().st_size
            if room < 0:
                return
            yield path


def _access_names_in(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [
                entry.name
                for entry in islice(entries, _MOST_NAMES)
                if looks_like_access_log(entry.name)
                and entry.is_file()
                and _holds_any(Path(entry.path))
            ]
    except OSError:
        return []


def _holds_any(path: Path) -> bool:
    """Whether a log has lines, as far as can be told; who cannot be read is told of later."""
    with suppress(OSError, ErrlogError):
        size = path.stat().st_size
        if size >= _PERHAPS_EMPTY or not size:
            return size > 0
        return not _head(path).startswith(_COMPRESSED) or any(len(one) for one in blocks_of(path))
    return True


def _rank(error_log: str, access_log: str) -> int:
    """How far two names are from being companions: 0 is the same log of the same rotation."""
    ours, theirs = read_log_name(error_log), read_log_name(access_log)
    alike = theirs.stem in access_names(ours.stem)
    if ours.rotation == theirs.rotation:
        return 0 if alike else 1
    near = (ours.number is not None or theirs.number is not None or not theirs.rotation) and abs(
        (ours.number or 0) - (theirs.number or 0)
    ) <= 1
    return (2 if near else 3) + (not alike) * 2


def _read_access(
    facts: NeighbourFacts,
    path: Path,
    access_formats: AccessFormats | None,
    *,
    needed: bool,
) -> None:
    # Few small logs have one beside them, and what reads it takes 4 ms to load.
    from logtool.clocks.evidence.access_sampling import sample_file, sample_stream

    log_formats = access_formats.of_log(path) if access_formats else ()
    try:
        if stat.S_ISREG(path.stat().st_mode) and not _head(path).startswith(_COMPRESSED):
            found = sample_file(path, log_formats)
        else:
            found = sample_stream(path, blocks_of(path), log_formats)
    except (OSError, ErrlogError) as error:
        _fault(facts, f"cannot read access log {path}: {reason_of(path, error)}", needed=needed)
        return
    if found is not None:
        found.named = needed
        facts.access.append(found)
    elif needed:
        text = f"{path} is no access log with %t: most lines have no [05/Jun/2026:09:07:53 +1000]"
        if access_formats is None:
            text += "; --config HTTPD.CONF tells other LogFormats"
        raise ReadError(text)


def _host_audit_log(error_logs: Sequence[Path], var_log: Path) -> list[Path]:
    """This host's audit log, if the error logs are this host's too and it may be read."""
    audit_log = var_log / "audit" / "audit.log"
    below = any(Path(os.path.realpath(log)).is_relative_to(var_log) for log in error_logs)
    return [audit_log] if below and os.access(audit_log, os.R_OK) else []


def _read_audits(
    facts: NeighbourFacts,
    error_logs: Sequence[Path],
    audit_logs: Sequence[str | Path],
    search: bool,
    var_log: Path,
) -> None:
    named = named_logs("audit", audit_logs)
    for path in named or (_host_audit_log(error_logs, var_log) if search else ()):
        _read_audit(facts, path, needed=bool(named))


def _read_audit(facts: NeighbourFacts, path: Path, *, needed: bool) -> None:
    from parsers.audit_log import STAMP_OPENS, read_denials  # 1 ms, and seldom needed

    bare = False  # whether something was read, and no record in it

    def chunks() -> Iterator[bytes]:
        nonlocal bare
        for number, block in enumerate(blocks_of(path)):
            chunk = block.data[: block.size].tobytes()
            bare = (bare or not number) and STAMP_OPENS not in chunk
            yield chunk

    try:
        ours = (d for d in read_denials(chunks()) if needed or d.comm.startswith(_COMMANDS))
        facts.denials += islice(ours, MOST_DENIALS - len(facts.denials))
    except (OSError, ErrlogError) as error:
        _fault(facts, f"cannot read audit log {path}: {reason_of(path, error)}", needed=needed)
    if bare and needed:
        text = f"{path} is no audit log: no line has such a stamp as audit(1780648956.123:456)"
        raise ReadError(text)


def reason_of(path: Path, error: OSError | ErrlogError) -> str:
    """Why a file could not be read, without its path."""
    told = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return told.removeprefix(f"{path}: ")


def _fault(facts: NeighbourFacts, text: str, *, needed: bool) -> None:
    if needed:
        raise ReadError(text)
    facts.unread.append(text)
