"""Telling: takes findings, gives the lines that `errlog flags` shows of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from logtool.flags.findings import Finding
from logtool.terminal import Painter, safe
from parsers.escapes import unescape

_WIDTH = 92
#: Processes named one by one; more are counted.
_PIDS = 8


def told(findings: Sequence[Finding], paint: Painter) -> Iterator[str]:
    """All findings for people, text from the log made safe to show."""
    if not findings:
        yield "no known problem found"
        return
    for number, finding in enumerate(findings):
        if number:
            yield ""
        yield from _tell(finding, paint)


def _tell(finding: Finding, paint: Painter) -> Iterator[str]:
    times = "once" if finding.count == 1 else f"{finding.count} times"
    severity = paint(finding.severity.upper(), finding.severity)
    yield f"{severity}  {paint(finding.rule, 'title')}  {times}"
    yield f"  {finding.title}"
    yield from (f"  {line}" for line in _facts(finding))
    if finding.excerpt:
        yield ""
        yield from (paint(f"    {safe(unescape(line))}", "aside") for line in finding.excerpt)
    yield ""
    yield from _wrapped("cause", finding.cause)
    yield from _wrapped("cure", finding.cure)
    yield f"  see: {finding.see}"


def _facts(finding: Finding) -> Iterator[str]:
    if finding.first_utc and finding.last_utc:
        first, last = (
            f"{time:%Y-%m-%d %H:%M:%S}Z" for time in (finding.first_utc, finding.last_utc)
        )
        yield f"when: {first}" if finding.count == 1 else f"when: {first} to {last}"
    if finding.pids:
        named = ", ".join(str(pid) for pid in finding.pids[:_PIDS])
        more = f" and {len(finding.pids) - _PIDS} more" if len(finding.pids) > _PIDS else ""
        yield f"processes: {named}{more}"
    if finding.file:
        function = f" in {safe(finding.function)}" if finding.function else ""
        yield f"guilty: {safe(finding.file)}:{finding.line}{function}"
    if finding.log_file:
        yield f"log: {safe(finding.log_file)}:{finding.log_line}"
    for note in finding.notes:
        yield f"note: {safe(note)}"


def _wrapped(word: str, text: str) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=f"  {word}: ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
