"""JSON page: takes the JSON Schema of reports, gives docs/report-json.md, which tells it to people.

.venv/bin/python -m tests.logtool.reports.outputs.json_page writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from logtool.reports.numbers import SCHEMA_VERSION
from logtool.reports.outputs.as_json import schema

PAGE = Path(__file__).parents[4] / "docs" / "report-json.md"

_BEGIN = f"""# A report as JSON

`errlog report -o report.json` writes one object. This page is made of its JSON Schema, which
`errlog report --json-schema` prints; a test keeps it so.

The schema has a version, here {SCHEMA_VERSION}, which the member `schema` tells. Its second number
changes when members are added: a reader that passes over members it does not know goes on. Its
first number changes when a reader must change. All members are always there. Times are RFC 3339 in
UTC, with `Z`. All is ASCII: texts of a log are escaped, so that no terminal obeys them.

## The report
"""


def page() -> str:
    """The page, in Markdown."""
    told = schema()
    parts = [_BEGIN, "\n".join(_table(told))]
    for name, kind in told["$defs"].items():
        parts += [f"\n## {name}\n\n{kind['description']}\n", "\n".join(_table(kind))]
    return "\n".join(parts) + "\n"


def _table(kind: Mapping[str, Any]) -> Iterator[str]:
    yield "| member | type | what it is |"
    yield "|---|---|---|"
    for name, member in kind["properties"].items():
        meaning = member.get("description", "The version, as above.")
        yield f"| `{name}` | {_type(member)} | {meaning} |"


def _type(member: Mapping[str, Any]) -> str:
    if "const" in member:
        return f"`{member['const']}`"
    if "$ref" in member:
        name = member["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in member:
        return " or ".join(_type(one) for one in member["anyOf"])
    if member["type"] == "array":
        return f"array of {_type(member['items'])}"
    return "time" if member.get("format") == "date-time" else str(member["type"])


if __name__ == "__main__":
    PAGE.write_text(page())
