"""Bracket looks: takes lines or steps, tells whether brackets may hold log IDs or a virtual host.

That is asked of every log; `id_brackets` is only loaded for one of which it is so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from parsers.blocks import Block
from parsers.steps.cursor import Step
from parsers.steps.looks import looks_like_log_id
from parsers.steps.steps import HyphenStep, TokenStep

#: httpd's own (the last of its letters holds four bits: log.c core_generate_log_id), and those of
#: mod_unique_id.
ID = rb"[A-Za-z0-9+/]{10}[AEIMQUYcgkosw048]|[\w@-]{24}|[\w@-]{27}|[\w@-]{32}"
#: What all IDs begin with is looked for first: this is asked of hundreds of KB.
_SOME = re.compile(
    rb"[\[:\"](?=[\w@+/-]{11})(?:%(id)b)[\] \"]|\[-\] ?\[-\]|\[[a-zA-Z_-]{1,20}[:= ] ?(?:%(id)b)\]"
    % {b"id": ID}
)
#: The name of a virtual host.
HOST = rb"(?:[\w-]+\.)+(?=[\d-]*[a-zA-Z])[\w-]+|localhost"
_HOST_ALONE = re.compile(rb"\[(?:%b)\]" % HOST)
#: Messages of httpd (APLOGNO) and mod_wsgi, right behind their heads.
OWN = re.compile(rb" (?:AH\d{5}: |mod_wsgi \(pid=\d)")
_OWN_SOMEWHERE = re.compile(rb"\]" + OWN.pattern)


def may_have_ids(sample: Block) -> bool:
    """Whether anything in some lines looks like a log ID or a virtual host in brackets."""
    data = sample.data[: sample.size].tobytes()
    if own := _OWN_SOMEWHERE.search(data):
        head = data[data.rfind(b"\n", 0, own.start()) + 1 : own.start() + 1]
        if _HOST_ALONE.search(head):
            return True
    return _SOME.search(data) is not None


def sure_ids(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps, which take nothing for a log ID that does not look like one."""
    return tuple(_sure(step) for step in steps)


def _sure(step: Step) -> Step:
    match step:
        case TokenStep(column="log_id" | "connection_log_id"):
            return replace(step, check=looks_like_log_id)
        case HyphenStep():
            return replace(step, step=_sure(step.step))
        case _:
            return step
