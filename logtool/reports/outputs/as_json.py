"""JSON: takes a report, gives it as one JSON object, and the schema of all such objects.

The schema derives from the dataclasses of `numbers`, whose docstrings say what each member means.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
from datetime import datetime
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from logtool.people.instants import rfc3339
from logtool.reports.numbers import SCHEMA_VERSION, Report


def render(report: Report) -> str:
    """The report as JSON; only ASCII, so that no terminal takes a text of it for a command."""
    body = {"schema": f"errlog-report/{SCHEMA_VERSION}", **_plain(report)}
    return json.dumps(body, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `render` gives."""
    definitions: dict[str, Any] = {}
    top = _object(Report, definitions)
    top["properties"] = {
        "schema": {"const": f"errlog-report/{SCHEMA_VERSION}"}, **top["properties"]
    }  # fmt: skip
    top["required"] = ["schema", *top["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A report of errlog",
        **top,
        "$defs": definitions,
    }


def _plain(value: object) -> Any:  # noqa: ANN401 - what JSON holds
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return rfc3339(value)
    return value


_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    type(None): {"type": "null"},
}


def _object(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    told, hints = _told_of(cls), get_type_hints(cls)
    properties = {
        field.name: {**_schema_of(hints[field.name], definitions), "description": told[field.name]}
        for field in dataclasses.fields(cls)
    }
    return {
        "description": (cls.__doc__ or "").split("\n")[0],
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _schema_of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - a type
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema_of(get_args(hint)[0], definitions)}
    if get_origin(hint) in (Union, types.UnionType):
        return {"anyOf": [_schema_of(one, definitions) for one in get_args(hint)]}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}  # so that a type may hold itself
        definitions[hint.__name__] = _object(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


@cache
def _told_of(cls: type) -> dict[str, str]:
    """What the docstring says of each attribute; two may share a sentence."""
    told: dict[str, str] = {}
    names: list[str] = []
    for line in (cls.__doc__ or "").partition("Attributes:")[2].splitlines():
        match = re.match(r" {8}(\w[\w, ]*): (.*)", line)
        if match:
            names = match[1].split(", ")
            told |= dict.fromkeys(names, match[2])
        elif line.strip():
            told |= {name: f"{told[name]} {line.strip()}" for name in names}
    return told
