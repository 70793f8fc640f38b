"""Telling: takes findings, gives the lines that `errlog flags` shows of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logtool.flags.finding import Finding
from logtool.people.instants import moment_text
from logtool.people.terminal import Painter, legible, safe, wrapped

#: Why only a bound of an instant is told.
UNTIMED = " (its lines have no time; that of the line before)"
#: Processes named one by one; more are counted.
_PIDS = 8


def told(
    findings: Sequence[Finding],
    paint: Painter,
    width: int,
    tracebacks: int = 0,
    nothing: str = "no known problem found",
) -> Iterator[str]:
    """All findings for people, sentences in `width` columns, text from the log safe to show.

    So many tracebacks, of known problems or not, are told at the end; of no finding, `nothing`.
    """
    if not findings:
        yield from wrapped(nothing, width)
    for number, finding in enumerate(findings):
        if number:
            yield ""
        yield from _tell(finding, paint, width)
    if tracebacks:
        count = f"{tracebacks:,} traceback{'s' * (tracebacks > 1)} of Python in all"
        yield ""
        yield from wrapped(f"{count}: errlog report tells their exceptions, or X in view", width)


def _tell(finding: Finding, paint: Painter, width: int) -> Iterator[str]:
    times = "once" if finding.count == 1 else f"{finding.count:,} times"
    severity = paint(finding.severity.upper(), finding.severity)
    yield f"{severity}  {paint(finding.rule, 'title')}  {times}"
    yield f"  {finding.title}"
    yield from (f"  {line}" for line in _facts(finding))
    for note in finding.notes:
        yield from wrapped(safe(note), width, "  note: ")
    if finding.excerpt:
        yield ""
        yield from (paint(f"    {legible(line)}", "aside") for line in finding.excerpt)
    yield ""
    yield from wrapped(finding.cause, width, "  cause: ")
    yield from wrapped(finding.cure, width, "  cure: ")
    yield f"  see: {finding.see}"


def _facts(finding: Finding) -> Iterator[str]:
    if finding.first_utc and finding.last_utc:
        first, last = map(moment_text, (finding.first_utc, finding.last_utc))
        yield f"when: {first}" if finding.count == 1 else f"when: {first} to {last}"
    elif finding.not_before_utc:
        yield f"when: not before {moment_text(finding.not_before_utc)}{UNTIMED}"
    if finding.pids:
        named = ", ".join(str(pid) for pid in finding.pids[:_PIDS])
        more = f" and {len(finding.pids) - _PIDS} more" if len(finding.pids) > _PIDS else ""
        yield f"processes: {named}{more}"
    if finding.file:
        word = "guilty" if finding.blames else "happened in"
        yield f"{word}: {safe(place_text(finding.file, finding.line, finding.function))}"
    if finding.log_file:
        yield f"log: {safe(finding.log_file)}:{finding.log_line}"


def place_text(file: str | None, line: int | None, function: str | None) -> str:
    """`views.py:23 in order`, or nothing."""
    if not file:
        return ""
    return file + (f":{line}" if line else "") + (f" in {function}" if function else "")
