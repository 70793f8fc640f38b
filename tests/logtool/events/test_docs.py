"""docs/events.md tells the recipe that the code follows."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from logtool.events.fingerprints import VERSION, exceptions, template
from logtool.events.folding import fold
from tests.logtool.events.rows import rows

DOCS = (Path(__file__).parents[3] / "docs" / "events.md").read_text("utf-8")

VARYING = {
    "<uuid>": "123e4567-e89b-12d3-a456-426614174000",
    "<hex>": "0x7f00",
    "<email>": "joe@shop.example",
    "<url>": "https://shop.example/x",
    "<ip>": "10.0.0.7",
    "<time>": "2026-11-23T10:00:00Z",
    "<text>": "'joe'",
    "<path>": "/srv/app/x.py",
    "<n>": "12.5",
}


@pytest.mark.parametrize(("mask", "text"), VARYING.items())
def test_masks(mask: str, text: str) -> None:
    """Each mask is told, and stands for what it says."""
    assert f"`{mask}`" in DOCS
    assert pl.select(template(pl.lit(f"a {text} b"))).item() == f"a {mask} b"


def test_example() -> None:
    """The explanation and the version that the document shows are those of such an exception."""
    head = "[Sun Nov 22 10:00:00.000001 2026] [wsgi:error] [pid 7:tid 7] [remote 1.2.3.4:5] "
    text = (
        "Traceback (most recent call last):",
        '  File "/usr/lib/python3/dist-packages/django/core/handlers/base.py", line 181, in run',
        '  File "/srv/shop/apps/demo/views.py", line 23, in order',
        "KeyError: 9",
    )
    (raised,) = exceptions(fold(rows("\n".join(head + line for line in text)))).to_dicts()
    assert raised["explanation"] in DOCS
    assert raised["fingerprint"].startswith(f"{VERSION}:")
    assert f"`{VERSION}:`" in DOCS
