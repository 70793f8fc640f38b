"""Peers: what errlog is measured against."""

from __future__ import annotations

from dataclasses import dataclass

_HUGE = 1 << 50
#: What is written goes to memory, so that no disk takes part: of larger logs there is too much.
_MOST_WRITTEN = 2 << 30
#: For those who need minutes for a gigabyte.
_MOST_SLOWLY = 256 << 20


@dataclass(frozen=True, slots=True)
class Peer:
    """One program and how it is run.

    Attributes:
        name: for people.
        command: its arguments; `{log}`, `{gz}` (the log compressed), `{python}` and
            `{folder}` stand for paths.
        to_file: its output goes to a file in memory, else to /dev/null.
        fine: exit statuses that mean success.
        most_bytes: larger logs are not given to it, it would take too long.
    """

    name: str
    command: tuple[str, ...]
    to_file: bool = False
    fine: tuple[int, ...] = (0,)
    most_bytes: int = _HUGE

    @property
    def program(self) -> str:
        """What must be installed."""
        return self.command[0]


_ERRLOG = ("{python}", "-m", "logtool", "normalize", "-q", "--server-tz", "Europe/Berlin")

#: One substitution that does not even know of two zones: the least that anybody could write.
_PERL = (
    r"use Time::Local; my %m; @m{qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec)}=0..11;"
    r"s/^\[\w+ (\w+) (\d+) (\d+):(\d+):(\d+)(\.\d+) (\d+)\]/"
    r"my @t=gmtime(timegm($5,$4,$3,$2,$m{$1},$7)-3600);"
    r"sprintf('[%04d-%02d-%02d %02d:%02d:%02d%s +0000]',$t[5]+1900,$t[4]+1,@t[3,2,1,0],$6)/e; print"
)
_GAWK = (
    r'/^\[/ { t = mktime($5 " " (index("JanFebMarAprMayJunJulAugSepOctNovDec", $2) + 2) / 3 " " '
    r'$3 " " gensub(":", " ", "g", substr($4, 1, 8)), 1) - 3600; '
    r'sub(/^\[[^]]*\]/, strftime("[%Y-%m-%d %H:%M:%S", t, 1) substr($4, 9) " +0000]") } { print }'
)
_PYTHON = (
    "import re, sys; from datetime import datetime, timedelta\n"
    "head = re.compile(r'\\[([^]]+)\\] ')\n"
    "for line in open(sys.argv[1], encoding='latin-1', newline='\\n'):\n"
    "    if m := head.match(line):\n"
    "        t = datetime.strptime(m[1], '%a %b %d %H:%M:%S.%f %Y') - timedelta(hours=1)\n"
    "        line = f'[{t:%Y-%m-%d %H:%M:%S.%f} +0000] {line[m.end():]}'\n"
    "    sys.stdout.write(line)\n"
)

#: What a grok pattern tells of a line; it knows no time.
_PYGROK = (
    "import sys; from pygrok import Grok\n"
    "grok = Grok(r'\\[%{DAY} %{MONTH:month} %{MONTHDAY:day} %{TIME:time} %{YEAR:year}\\] '\n"
    "            r'\\[%{WORD:module}?:%{LOGLEVEL:level}\\] \\[pid %{INT:pid}:tid %{INT:tid}\\] '\n"
    "            r'%{GREEDYDATA:message}')\n"
    "lines = open(sys.argv[1], encoding='latin-1', newline='\\n')\n"
    "print(sum(grok.match(line) is not None for line in lines))\n"
)


def _errlog(word: str) -> tuple[str, ...]:
    return tuple(word if part == "normalize" else part for part in _ERRLOG)


PEERS = (
    Peer("errlog normalize", (*_ERRLOG, "{log}")),
    Peer(
        "errlog normalize, to a file", (*_ERRLOG, "{log}"), to_file=True, most_bytes=_MOST_WRITTEN
    ),
    Peer("errlog normalize, of gzip", (*_ERRLOG, "{gz}"), most_bytes=_MOST_WRITTEN),
    Peer("errlog flags", (*_errlog("flags"), "{log}"), most_bytes=_MOST_WRITTEN),
    Peer("errlog report", (*_errlog("report"), "{log}"), most_bytes=_MOST_WRITTEN),
    Peer(
        "lnav, count of lines",
        ("lnav", "-n", "-c", ";select count(*) from all_logs", "{log}"),
        most_bytes=_MOST_WRITTEN,
    ),
    Peer("rg -c .", ("rg", "-c", ".", "{log}")),
    Peer("wc -l", ("wc", "-l", "{log}")),
    Peer("cat, to a file", ("cat", "{log}"), to_file=True, most_bytes=_MOST_WRITTEN),
    Peer("zcat, of gzip", ("zcat", "{gz}"), most_bytes=_MOST_WRITTEN),
    Peer("perl, one zone", ("perl", "-ne", _PERL, "{log}"), most_bytes=_MOST_SLOWLY),
    Peer("gawk, one zone", ("gawk", _GAWK, "{log}"), most_bytes=_MOST_SLOWLY),
    Peer("Python, one zone", ("{python}", "-c", _PYTHON, "{log}"), most_bytes=_MOST_SLOWLY),
    Peer("pygrok, no time", ("{python}", "-c", _PYGROK, "{log}"), most_bytes=_MOST_SLOWLY),
)
