"""The time formats of `%{…}t`: takes the argument, gives the forms of time that httpd may print.

Option letters are those of ap_recent_ctime_ex (httpd's server/util_time.c); an argument with a `%`
goes to strftime(3) since 2.4.58. What a letter means changed with releases, and a log does not say
its release, so every reading is offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from parsers.classes import dataclass
from parsers.times.time_pieces import Piece, literal
from parsers.times.timestamps import TimeForm

#: Releases at which the meaning of `%{…}t` changed: `z` and strftime came with 2.4.58, `m` with
#: 2.4.68 (CHANGES).
ERAS = ("2.4.68", "2.4.58", "2.3.9")

_WEEKDAY = Piece("weekday_name", 3)
_MONTH = Piece("month_name", 3)
_YEAR = Piece("year", 4)
_NUMBERS = {name: Piece(name, 2) for name in ("month", "day", "hour", "minute", "second")}
_SPACED_DAY = Piece("day", 2, spaced=True)

#: glibc's d_t_fmt of the locales that are seen beside C: de, es, fr, it, nl, pt, en_GB, en_US.
_LOCAL_DATE_TIMES = ("%a %d %b %Y %T %Z", "%a %d %b %Y %T", "%a %d %b %Y %r %Z", "%a %b %e %T %Y")

#: Abbreviated and full month names of glibc's locales, folded, by month.
_LOCAL_MONTHS = (
    "jan januar january janvier janv. janv enero ene gen gennaio januari janeiro jän jänner",
    "feb februar february février févr. févr fév febrero febbraio februari fevereiro fev",
    "mar märz mär march mars marzo maart mrt março mrz",
    "apr april avril avr. avr abril abr aprile",
    "may mai mayo mag maggio mei maio",
    "jun juni june juin junio giu giugno junho",
    "jul juli july juillet juil. juil julio lug luglio julho",
    "aug august août aoû agosto ago augustus",
    "sep september sept. sept septembre septiembre set settembre setembro",
    "oct october oktober okt octobre oct. octubre ott ottobre outubro out",
    "nov november novembre nov. noviembre novembro",
    "dec december dezember dez décembre déc. déc diciembre dic dicembre dezembro",
)
_LOCAL_WEEKDAYS = (
    "mon mo montag monday lundi lun. lun lunes lunedì maandag ma segunda seg",
    "tue di dienstag tuesday mardi mar. mar martes martedì dinsdag terça ter",
    "wed mi mittwoch wednesday mercredi mer. mer miércoles mié mercoledì woensdag wo quarta qua",
    "thu do donnerstag thursday jeudi jeu. jeu jueves jue giovedì gio donderdag quinta qui",
    "fri fr freitag friday vendredi ven. ven viernes vie venerdì vrijdag vr sexta sex",
    "sat sa samstag saturday samedi sam. sam sábado sáb sab sabato zaterdag za",
    "sun so sonntag sunday dimanche dim. dim domingo dom domenica zondag zo",
)


def _names(part: str, table: tuple[str, ...]) -> Piece:
    values = tuple(
        (name.encode(), number) for number, row in enumerate(table, 1) for name in row.split()
    )
    return Piece("names", 0, values=(part, values))


_ANY_MONTH = _names("month", _LOCAL_MONTHS)
_ANY_WEEKDAY = _names("weekday", _LOCAL_WEEKDAYS)

#: Conversions that print one piece. `None` stands for one that prints a fixed text.
_SIMPLE: dict[str, Piece] = {
    "Y": _YEAR, "G": Piece("number", 4), "y": Piece("year2", 2), "g": Piece("number", 2),
    "C": Piece("century", 2), "m": _NUMBERS["month"], "d": _NUMBERS["day"], "e": _SPACED_DAY,
    "j": Piece("yearday", 3), "H": _NUMBERS["hour"], "k": Piece("hour", 2, spaced=True),
    "I": Piece("hour12", 2), "l": Piece("hour12", 2, spaced=True), "M": _NUMBERS["minute"],
    "S": _NUMBERS["second"], "p": Piece("ampm", 2), "P": Piece("ampm", 2),
    "u": Piece("number", 1), "w": Piece("number", 1), "U": Piece("number", 2),
    "V": Piece("number", 2), "W": Piece("number", 2), "s": Piece("epoch", 10),
    "n": literal(b"\n"), "t": literal(b"\t"), "%": literal(b"%"),
}  # fmt: skip

#: Conversions that stand for others, in the C locale (and in POSIX).
_COMPOSED = {
    "c": "%a %b %e %H:%M:%S %Y", "D": "%m/%d/%y", "x": "%m/%d/%y", "F": "%Y-%m-%d",
    "R": "%H:%M", "T": "%H:%M:%S", "X": "%H:%M:%S", "r": "%I:%M:%S %p",
    "+": "%a %b %e %H:%M:%S %Z %Y", "h": "%b",
}  # fmt: skip

#: Numbers that lose their padding with the flag `-` (glibc).
_UNPADDED = {"d": "day", "e": "day", "m": "month", "H": "hour", "k": "hour", "I": "hour12",
             "l": "hour12", "M": "minute", "S": "second", "j": "yearday", "y": "year2"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Conversion:
    """One `%` conversion of strftime: optional flags and width, `E` or `O`, and the letter."""

    flags: str
    letter: str
    text: str


def conversions(text: str) -> Iterator[Conversion | str]:
    """Cut a strftime format into conversions and plain text."""
    at = 0
    while at < len(text):
        place = text.find("%", at)
        if place < 0:
            yield text[at:]
            return
        if place > at:
            yield text[at:place]
        end = place + 1
        while end < len(text) and text[end] in "_-0^#:EO123456789":
            end += 1
        letter = text[end : end + 1]
        yield Conversion(text[place + 1 : end], letter, text[place : end + 1])
        at = end + 1


def option_pieces(letters: str, era: str) -> tuple[Piece, ...]:
    """The pieces that `%{letters}t` prints: letters without a `%`, unknown ones ignored."""
    usec = "u" in letters
    msec = "m" in letters and era == "2.4.68" and not usec
    fraction = (literal(b"."), Piece("fraction", 6 if usec else 3)) if usec or msec else ()
    clock = (
        _NUMBERS["hour"], literal(b":"), _NUMBERS["minute"], literal(b":"), _NUMBERS["second"],
        *fraction,
    )  # fmt: skip
    if "c" in letters:
        dash = literal(b"-")
        date = (_YEAR, dash, _NUMBERS["month"], dash, _NUMBERS["day"], literal(b" "))
        pieces = (*date, *clock)
    else:
        # ctime pads the day with a zero in 2.x and with a space in 1.3.
        blank = literal(b" ")
        pieces = (_WEEKDAY, blank, _MONTH, blank, _SPACED_DAY, blank, *clock, blank, _YEAR)
    if "z" in letters and era != "2.3.9":
        pieces = (*pieces, literal(b" "), Piece("offset", 5))
    return pieces


def strftime_pieces(text: str, *, localised: bool) -> Iterator[tuple[Piece, ...]]:
    """Every way to read what strftime prints for `text`: by locale and platform."""
    readings: list[tuple[Piece, ...]] = [()]
    for part in conversions(text):
        if isinstance(part, str):
            choices: list[tuple[Piece, ...]] = [(literal(part.encode("utf-8", "surrogateescape")),)]
        else:
            choices = _choices(part, localised=localised)
        readings = [done + choice for done in readings for choice in choices]
    yield from readings


def _choices(c: Conversion, *, localised: bool) -> list[tuple[Piece, ...]]:
    letter = c.letter
    if letter == "c" and localised:
        return [r for f in _LOCAL_DATE_TIMES for r in strftime_pieces(f, localised=True)]
    if letter in _COMPOSED:
        return list(strftime_pieces(_COMPOSED[letter], localised=localised))
    if letter == "z":
        width = 6 if ":" in c.flags else 5
        written = Piece("offset_colon" if width == 6 else "offset", width)
        # The C library of Windows prints the zone's name, as for %Z.
        return [(Piece("zone", 0),)] if localised else [(written,)]
    if letter == "Z":
        return [(Piece("zone", 0),)]
    if letter in "ab" and not localised:
        return [(_WEEKDAY if letter == "a" else _MONTH,)]
    if letter in "aA":
        return [(_ANY_WEEKDAY,)]
    if letter in "bB":
        return [(_ANY_MONTH,)]
    if "-" in c.flags and letter in _UNPADDED:
        return [(Piece("digits", 0, _UNPADDED[letter].encode()),)]
    if piece := _SIMPLE.get(letter):
        if "_" in c.flags:
            piece = Piece(piece.field, piece.width, piece.text, spaced=True)
        return [(piece,)]
    # glibc copies what it does not know, such as %f.
    return [(literal(c.text.encode("utf-8", "surrogateescape")),)]


def argument_pieces(argument: str | None, era: str, *, localised: bool) -> list[tuple[Piece, ...]]:
    """What `%{argument}t` may print in a release of that era."""
    argument = argument or ""
    if "%" not in argument or era == "2.3.9":
        return [option_pieces(argument, era)]
    return list(strftime_pieces(argument, localised=localised))


def _readings(part: str | bytes | None, era: str, *, localised: bool) -> list[tuple[Piece, ...]]:
    """What an item with this argument, or a literal, may print."""
    if isinstance(part, bytes):
        return [(literal(part),)]
    return argument_pieces(part, era, localised=localised)


_UTC = b" +0000"
#: What errlog writes for RFC 3339 where a format prints a `Z` of its own behind a local time, so
#: that UTC is told from it.
NUMERIC_UTC = b"+00:00"


def _written_by_errlog() -> tuple[TimeForm, ...]:
    """The forms that `errlog normalize` writes, which every layout reads as well."""
    forms = []
    for letters in ("cu", "cm", "c"):
        compact = option_pieces(letters, ERAS[0])
        rfc = (*compact[:5], literal(b"T"), *compact[6:])
        forms += [
            TimeForm(pieces, suffix, suffix_required=bool(suffix))
            for pieces, suffix in (
                (compact, _UTC),
                (rfc, b"Z"),
                (rfc, NUMERIC_UTC),
                ((Piece("epoch", 10), *compact[11:]), b""),
            )
        ]
    return tuple(forms)


WRITTEN_BY_ERRLOG = _written_by_errlog()
_SUFFIX_OF = {
    form.pieces: form.utc_suffix for form in WRITTEN_BY_ERRLOG if form.utc_suffix != NUMERIC_UTC
}
#: A `+0000` that an administrator wrote into the format is believed: it cannot be told from ours.
_BELIEVED = frozenset(
    (*form.pieces, literal(_UTC)) for form in WRITTEN_BY_ERRLOG if form.utc_suffix == _UTC
)


def _with_written(found: Iterable[tuple[Piece, ...]]) -> tuple[TimeForm, ...]:
    """The forms that a format prints, and those of errlog, each of which may follow it.

    The name of a zone may be anything, a `Z` or a `+0000` too, so forms with one come last.
    """
    own = [TimeForm(pieces, _SUFFIX_OF.get(pieces, b"")) for pieces in found]
    read = {(form.pieces, form.utc_suffix) for form in own}
    written = [f for f in WRITTEN_BY_ERRLOG if (f.pieces, f.utc_suffix) not in read]
    named = [form for form in own if any(piece.field == "zone" for piece in form.pieces)]
    return (*(form for form in own if form not in named), *written, *named)


@cache
def time_forms(*run: str | bytes | None) -> tuple[TimeForm, ...]:
    """The forms that a run of `%{…}t` items and the literals between them may take.

    Args:
        run: for an item its argument (None for none, ANY for any), for a literal its bytes.
    """
    if run == (ANY,):
        return any_time_forms()
    found: dict[tuple[Piece, ...], None] = {}
    for localised in (False, True):
        for era in ERAS:
            readings: list[tuple[Piece, ...]] = [()]
            for part in run:
                choices = _readings(part, era, localised=localised)
                readings = [r + c for r in readings for c in choices]
            found |= dict.fromkeys(pieces for pieces in readings if pieces not in _BELIEVED)
    return _with_written(found)


#: Stands for an argument of `%{…}t` that is not known: any option letters. (httpd itself ignores
#: letters that it does not know.)
ANY = "*"
#: Every choice of option letters that prints something else, those with an offset first: the
#: others would leave it to what follows the time. The one with a `%` is a mistake that people make.
OPTION_LETTERS = (
    "cuz", "cmz", "cz", "uz", "mz", "z", "cu", "cm", "c", "u", "m", "%cuz", "",
)  # fmt: skip


@cache
def any_time_forms() -> tuple[TimeForm, ...]:
    """The forms of all OPTION_LETTERS in their order, then those that only errlog writes."""
    return _with_written(
        argument_pieces(letters, ERAS[0], localised=False)[0] for letters in OPTION_LETTERS
    )


def _letters_of_widths() -> NDArray[np.int8]:
    """LETTERS."""
    table = np.full((64, 7), -1, np.int8)
    for number, form in enumerate(any_time_forms()[: len(OPTION_LETTERS)]):
        table[sum(piece.width for piece in form.pieces), form.digits] = number
    return table


#: int8[64, 7]: the number among OPTION_LETTERS of a stamp of some width, by the digits of its
#: fraction, or -1.
LETTERS = _letters_of_widths()

_HEAD = re.compile(
    rb"(?:(?P<compact>\d{4}-\d\d-\d\d )|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d )\d\d:\d\d:\d\d"
    rb"(?P<fraction>\.\d{6}|\.\d{3})?(?(compact)| \d{4}(?P<copied>uz)?)"
    rb"(?P<offset> [-+]\d{4})?"
)


def likely_form(text: bytes) -> int | None:
    """Which of `any_time_forms` a text most likely begins with; None for those of errlog."""
    found = _HEAD.match(text)
    if found is None:
        return None
    if found["copied"]:
        return OPTION_LETTERS.index("%cuz")
    fraction = {0: "", 4: "m", 7: "u"}[len(found["fraction"] or b"")]
    letters = "c" * bool(found["compact"]) + fraction + "z" * bool(found["offset"])
    return OPTION_LETTERS.index(letters)


def _syslog_times() -> tuple[tuple[TimeForm, ...], tuple[TimeForm, ...]]:
    """The times that syslog daemons write: RFC 3164's without a year, RFC 3339's with an offset."""
    (rest,) = strftime_pieces(" %e %T", localised=False)
    old = Piece("month_alone", 3), *rest
    (seconds,) = strftime_pieces("%FT%T", localised=False)
    (offset,) = strftime_pieces("%:z", localised=False)
    fraction, short = ((literal(b"."), Piece("fraction", digits)) for digits in (6, 3))
    new = (TimeForm((*seconds, *fraction, *offset)), TimeForm((*seconds, *offset)))
    return (TimeForm((*old, *fraction)), TimeForm((*old, *short)), TimeForm(old)), (
        *new,
        *WRITTEN_BY_ERRLOG,
    )


SYSLOG_TIMES, RFC_3339_TIMES = _syslog_times()
