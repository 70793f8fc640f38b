"""The table of keys, and who goes by it."""

from __future__ import annotations

import pytest

from logtool.tui.app import ViewApp
from logtool.tui.model.keys import KEYS
from logtool.tui.screens.help import HelpScreen
from logtool.tui.screens.listing import ListingScreen
from logtool.tui.screens.log import LogScreen
from logtool.tui.widgets.detail_pane import DetailPane


def test_every_key_has_an_action() -> None:
    """The table of keys names actions that are there, and no key twice."""
    keys = [key for row in KEYS for key in row.keys]
    assert len(keys) == len(set(keys))
    for row in KEYS:
        owner, _, name = row.action.rpartition(".")
        assert hasattr(ViewApp if owner == "app" else LogScreen, f"action_{name}")


@pytest.mark.parametrize("owner", [ListingScreen, HelpScreen, DetailPane])
def test_whatever_scrolls_has_the_keys_of_the_lines(
    owner: type[ListingScreen | HelpScreen | DetailPane],
) -> None:
    """By lines, by pages, and to both ends."""
    moves = ("down", "up", "page_down", "page_up", "half_down", "half_up", "top", "bottom")
    wanted = {key for row in KEYS if row.action in moves for key in row.keys}
    bound = {key for one in owner.BINDINGS for key in one.key.split(",")}  # type: ignore[union-attr]
    assert len(wanted) > 16
    assert wanted <= bound
