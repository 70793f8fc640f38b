"""The page about the JSON of reports."""

from __future__ import annotations

import re

from logtool.reports.outputs.as_json import schema
from tests.logtool.reports.outputs.json_page import PAGE, page


def test_the_page_is_current() -> None:
    """It tells what the schema says now."""
    assert PAGE.read_text() == page()


def test_every_member_is_told() -> None:
    """Each member of each object has a row with its type and a meaning."""
    told = schema()
    text = page()
    for kind in (told, *told["$defs"].values()):
        for name in kind["properties"]:
            assert re.search(rf"^\\| `{name}` \\| .+ \\| .+\\. \\|$", text, re.MULTILINE), name
