"""Items of ErrorLogFormat: what each means, and the column that it fills."""

from __future__ import annotations

import pytest

from parsers.error_log_format.fields import parse
from parsers.error_log_format.items import column_of


@pytest.mark.parametrize(
    ("item", "column"),
    [
        ("%{c}a", "peer"), ("%{cx}a", "peer"), ("%a", "client"), ("%{C}a", "client"),
        ("%{c}L", "connection_log_id"), ("%{C}L", "connection_log_id"), ("%L", "log_id"),
        ("%{Referer}i", "referer"), ("%{REFERER}i", "referer"), ("%{X-Id}i", "header:X-Id"),
        ("%{ID}e", "env:ID"), ("%{ID}n", "note:ID"), ("%P", "pid"), ("%M", "message"),
    ],
)  # fmt: skip
def test_columns(item: str, column: str) -> None:
    """Of an item and its argument; httpd looks at the first character of `{c}` (server/log.c)."""
    directive = next(iter(parse(f"{item} %M").directives()))
    assert column_of(directive.item, directive.argument) == column
