"""Coincidences: take lines about clients and access logs, tell under which offsets the two meet.

A line about a client is written within moments of a request of the same client. Where the access
log knows nothing of that client (behind a proxy both may name another), any request will do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.evidence.access_facts import AccessFacts
from logtool.clocks.evidence.anchors import OFFSETS_S
from logtool.clocks.seen.constraints import STEP_S, WIDEST_S, Link
from logtool.clocks.seen.roles import Sample, is_the_servers
from logtool.clocks.seen.scene import Scene
from logtool.clocks.seen.spans import UTC
from logtool.clocks.seen.voices import is_voice
from logtool.clocks.tzdb.zones import Rules
from parsers.arrays import Floats, Ints
from parsers.classes import dataclass
from parsers.distinct import distinct
from parsers.lines import NO_TIME
from parsers.units import SECOND

#: A line of a request is written from the second of its access-log stamp to this long after.
_REQUEST_S = 3
#: Lines of a span that are compared with requests, and lines of the server's.
_LINES, _SERVED = 64, 1_000
#: By so much (log odds) must one offset explain the requests better than all others together: of
#: a span, and for what an access log writes to be believed.
_LEAD, _MARGIN = 3.0, 6.0
#: So many lines of the server's that meet requests of their client are no chance.
_SEVERAL = 3
#: Who asks at even distances, as a monitor does, is met under wrong offsets too: and when time is
#: shifted by so many seconds.
_BESIDE_S = (-420, -300, -120, -60, 60, 120, 300, 420)
#: Seconds since 1970 take the low bits of a request's key, its client the high ones.
_BITS = 40


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the requests of an access log say of the offset that it writes.

    Attributes:
        against: they suit the server's lines under another offset.
        proven: they suit several of those lines under this offset and no other.
    """

    against: bool = False
    proven: bool = False


class Meetings:
    """When clients made requests; each line is compared with those of its client."""

    def __init__(self, access: Sequence[AccessFacts]) -> None:
        rows = [facts.rows for facts in access]
        epoch_us = np.concatenate([np.zeros(0, np.int64), *(one.epoch_us for one in rows)])
        host = np.concatenate([np.zeros(0, "S1"), *(one.host for one in rows)])
        known = np.flatnonzero(epoch_us != NO_TIME)
        known = known[np.argsort(host[known], kind="stable")]
        second, host = np.maximum(epoch_us[known] // SECOND, 0), host[known]
        fresh = np.append(True, host[1:] != host[:-1])[: len(host)]
        whose = np.cumsum(fresh) - 1
        self._number = {name: at for at, name in enumerate(host[fresh].tolist()) if name}
        #: Requests of everybody have the number behind the last client's.
        self._anybody = int(fresh.sum())
        self._counts: Ints = np.append(np.bincount(whose, minlength=self._anybody), len(second))
        every = np.full(len(second), self._anybody, np.int64)
        self._keys: Ints = np.sort(
            (np.concatenate([whose, every]) << _BITS) + np.concatenate([second, second])
        )
        self._length_s = int(second.max() - second.min()) if len(second) else 0

    def __len__(self) -> int:
        """How many requests are known."""
        return int(self._counts[-1])

    def client_of(self, sample: Sample) -> int:
        """The number of a line's client; of anybody where the access log does not have it."""
        written = sample.client
        for host in (written, written.rpartition(b":")[0].strip(b"[]")):
            if host in self._number:
                return self._number[host]
        return self._anybody

    def knows(self, client: int) -> bool:
        """Whether a number is one client's."""
        return client != self._anybody

    def met(self, clients: Ints, seconds: Ints) -> NDArray[np.bool_]:
        """Whether a client made a request within moments of a second UTC; both int64[..., n]."""
        keys = (clients << _BITS) + seconds
        before = np.searchsorted(self._keys, keys + 1, side="right")
        met: NDArray[np.bool_] = before > np.searchsorted(self._keys, keys - _REQUEST_S)
        return met

    def odds(self, clients: Ints, local_s: Ints, away_s: Ints) -> Floats:
        """Log odds that lines belong to requests and not to chance, float64[offsets].

        Args:
            clients: int64[n], of each line.
            local_s: int64[n], its local time.
            away_s: int64[offsets], seconds east of UTC.
        """
        met = self.met(clients[None, :], local_s[None, :] - away_s[:, None])
        # Under a wrong offset a line may also fall before or behind all requests.
        length = self._length_s + int(away_s.max() - away_s.min())
        chance = -np.expm1(-self._counts[clients] * (_REQUEST_S + 1) / length)
        chance = np.clip(chance, 1e-4, 0.95)
        odds: Floats = np.where(met, np.log(0.95 / chance), np.log(0.05 / (1 - chance))).sum(axis=1)
        return odds


def requests(scene: Scene, meetings: Meetings, told: Iterable[Link]) -> Iterator[Link]:
    """Lines about clients come when the access log has requests, under the right offset only.

    Args:
        scene: the error log.
        meetings: the access logs' requests.
        told: what is known of zones: in an hour that occurs twice one of two offsets is right.
    """
    if len(meetings) < 2:
        return
    lines: dict[int, list[tuple[int, int]]] = {}
    for sample, span in scene.spoken:
        if span == UTC or not sample.client:
            continue
        spoken = lines.setdefault(span, [])
        if len(spoken) < _LINES:
            spoken.append((meetings.client_of(sample), sample.local_us // SECOND))
    either = {link.b: (link.delta_s, link.other_s) for link in told if link.other_s is not None}
    for span, spoken in lines.items():
        for among in filter(None, (OFFSETS_S, either.get(span))):
            offsets = np.array(among, np.int64)
            scores = meetings.odds(*_columns(spoken), offsets)
            best, margin = _best(scores)
            if scores[best] > 0 and margin >= _LEAD:
                yield Link(
                    UTC, span, int(offsets[best]), min(30.0, margin), "requests", "requests",
                    "the access log has requests when it writes, under this offset only",
                    int(scene.spans.first[span]),
                )  # fmt: skip
                break


def agreement(scene: Scene, facts: AccessFacts, rules: Rules) -> Agreement:
    """Whether an access log's requests coincide with the server's lines as its offsets say.

    It may be somebody else's, who passes requests on to Apache from another zone: an instant of a
    request is right then, the offset beside it is not Apache's.

    Args:
        scene: the error log.
        facts: the access log.
        rules: the offsets that it writes.
    """
    meetings = Meetings([facts])
    told = []
    for sample, span in scene.spoken:
        if sample.client and _is_the_servers(scene, sample, span):
            client = meetings.client_of(sample)
            if meetings.knows(client):
                told.append((client, sample.local_us // SECOND))
        if len(told) == _SERVED:
            break
    if not told:
        return Agreement()
    clients, local_s = _columns(told)
    early, late = rules.at_local(local_s * SECOND)
    once = early == late
    clients, utc_s = clients[once], (local_s - early)[once]
    away = np.arange(-WIDEST_S, WIDEST_S + 1, STEP_S)
    scores = meetings.odds(clients, utc_s, away)
    best, margin = _best(scores)
    if scores[best] <= 0 or margin < _MARGIN:
        return Agreement()
    if away[best]:
        return Agreement(against=True)
    met = int(meetings.met(clients, utc_s).sum())
    beside = max(int(meetings.met(clients, utc_s + shift).sum()) for shift in _BESIDE_S)
    return Agreement(proven=met >= max(_SEVERAL, 2 * beside) and margin >= 2 * _MARGIN)


def _is_the_servers(scene: Scene, sample: Sample, span: int) -> bool:
    """Whether a line is surely stamped by the server's clock."""
    if span == UTC:
        return False
    if is_voice(int(scene.spans.pid[span])):
        return is_the_servers(sample)
    return scene.serves(span)


def _columns(lines: Iterable[tuple[int, int]]) -> tuple[Ints, Ints]:
    """Clients and seconds of lines, each pair once."""
    keys = [(client << _BITS) + max(second, 0) for client, second in lines]
    told = distinct(np.array(keys, np.int64))
    return told >> _BITS, told & ((1 << _BITS) - 1)


def _best(scores: Floats) -> tuple[int, float]:
    """The place of the highest score, and by how much it leads all others together.

    Of many offsets one is easily met by chance: a line whose request began long before it, as one
    that waited for a slow answer, meets another's there and nobody's under the right offset.
    """
    best = int(scores.argmax())
    others = np.delete(scores, best)
    return best, float(scores[best] - np.logaddexp.reduce(others))
