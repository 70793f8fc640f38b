"""The page in a real browser: what it asks for, what it lets one do, who can read it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from logtool.reports.numbers import Report
from logtool.reports.outputs import html
from tests.chromium import CHROMIUM, Browser, Page, chromium
from tests.logtool.reports.conftest import CRASH, SAMPLES

Make = Callable[..., Report]
#: axe-core, as a package of PyPI ships it; `make test` puts it there.
AXE = Path(__file__).parents[4] / ".venv/axe/axe_playwright_python/axe.min.js"

LAST_COUNTS = """
Array.from(document.querySelectorAll("section")).find(
  one => one.querySelector("h2").textContent === "Most frequent messages"
).querySelector("tbody").rows
"""


@pytest.fixture(name="browser", scope="module")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("NOT CHECKED: there is no Chromium here (apt install chromium)")
    with chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture(name="page")
def _page(browser: Browser) -> Iterator[Page]:
    with browser.page() as page:
        yield page


@pytest.fixture(name="written")
def _written(tmp_path: Path, report_of: Make) -> Callable[..., str]:
    """The address of a report of some logs."""

    def write(*logs: Path, **wish: Any) -> str:  # noqa: ANN401 - as Wish takes them
        file = tmp_path / "report.html"
        file.write_text(html.render(report_of(*logs, **wish)))
        return file.as_uri()

    return write


def test_no_complaint_and_no_request(
    page: Page, written: Callable[..., str], hostile: Path
) -> None:
    """The browser complains of nothing, the page asks for nothing, no text becomes a script."""
    for logs in ((CRASH,), (hostile,), (SAMPLES / "fall_back" / "error.log", CRASH)):
        page.open(written(*logs, host=True))

        assert page.complaints == []
        assert page.requests == []
        assert page.run("document.scripts.length") == 1
        assert page.run("document.images.length") == 0
        assert page.run("document.querySelectorAll('th button').length") > 20


def test_a_script_of_a_log_would_not_run(page: Page, written: Callable[..., str]) -> None:
    """Even if the escaping failed, the page's policy would keep a foreign script from running."""
    page.open(written(CRASH))
    page.run("document.body.appendChild(document.createElement('script')).text = 'window.evil = 1'")
    page.run("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"evil = 1\">')")

    assert page.run("typeof window.evil") == "undefined"
    assert any("Content Security Policy" in text for text in page.complaints)


def test_tables_sort_and_filter(page: Page, written: Callable[..., str]) -> None:
    """A click on a heading sorts, another turns it round; words in the box leave what has them."""
    page.open(written(CRASH))
    counts = f"Array.from({LAST_COUNTS}).map(row => Number(row.cells[2].dataset.v))"
    button = f"{LAST_COUNTS}[0].closest('table').querySelectorAll('th button')[2]"

    page.run(f"{button}.click()")
    down = page.run(counts)
    page.run(f"{button}.click()")
    up = page.run(counts)
    assert down == sorted(down, reverse=True)
    assert up == sorted(up)
    assert down != up
    assert page.run(f"{button}.closest('th').getAttribute('aria-sort')") == "ascending"

    box = f"{LAST_COUNTS}[0].closest('section').querySelector('input')"
    page.run(f"{box}.value = 'AH01964'; {box}.dispatchEvent(new Event('input'))")
    shown = page.run(f"Array.from({LAST_COUNTS}).filter(r => !r.hidden).map(r => r.textContent)")
    assert len(shown) == 1
    assert "AH01964" in shown[0]


def test_without_scripts(page: Page, written: Callable[..., str]) -> None:
    """With scripts off every number and every drawing is there; what is folded opens by itself."""
    page.open(written(CRASH), scripts=False)

    # What runs here is the browser's own, not the page's.
    text = page.run("document.body.textContent")
    assert "RuntimeError: order 12 has no price" in text
    assert page.run("document.querySelectorAll('svg.chart').length") == 5
    assert page.run("document.querySelectorAll('button, input').length") == 0
    page.run("document.querySelector('details:not([open]) summary').click()")
    assert page.run("document.querySelectorAll('details[open]').length") > 0


def test_a_narrow_window_shows_all_that_is_told(page: Page, written: Callable[..., str]) -> None:
    """Tables may scroll; cause, cure and tracebacks below their rows do not, nor bars over time."""
    page.look(width=400)
    page.open(written(CRASH))
    page.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.run("document.querySelectorAll('.scroll').forEach(one => { one.scrollLeft = 60; })")

    for shown in ("tr.details details > *", "svg.chart:not(.map)"):
        edges = page.run(
            f"Array.from(document.querySelectorAll('{shown}')).map(one => "
            "one.getBoundingClientRect()).filter(one => one.width)"
            ".map(one => [one.left, one.right])"
        )
        assert len(edges) > 1
        assert all(left >= 0 and right <= 400 for left, right in edges)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_accessible(page: Page, written: Callable[..., str], hostile: Path, dark: bool) -> None:
    """axe-core finds nothing that keeps people from reading the page, in light and dark."""
    if not AXE.exists():
        pytest.skip("NOT CHECKED: axe-core is not here (make .venv/axe)")
    for logs in ((CRASH,), (hostile, SAMPLES / "fall_back" / "error.log")):
        page.look(dark=dark)
        page.open(written(*logs, host=True))
        page.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        page.run(f"{AXE.read_text()}; 0")
        found = page.run("axe.run(document)")

        assert len(found["passes"]) > 20
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
        assert page.complaints == []


def test_fits_a_narrow_window_and_paper(page: Page, written: Callable[..., str]) -> None:
    """On a telephone only tables and drawings scroll sideways; on paper no control is left."""
    page.look(width=380)
    page.open(written(CRASH))
    wide = page.run("document.documentElement.scrollWidth")
    assert wide <= 380, json.dumps(page.run(
        "Array.from(document.querySelectorAll('body *'))"
        ".filter(one => one.getBoundingClientRect().right > 380 && !one.closest('.scroll'))"
        ".map(one => one.outerHTML.slice(0, 80))"
    ))  # fmt: skip

    page.look(paper=True)
    shown = "document.querySelectorAll('nav, input.filter').length"
    assert page.run(shown) > 1
    assert page.run(
        "Array.from(document.querySelectorAll('nav, input.filter'))"
        ".every(one => getComputedStyle(one).display === 'none')"
    )
