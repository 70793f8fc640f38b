"""The outputs of a report: what they hold, and that no log can make them do anything."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from logtool.people.terminal import safe
from logtool.reports.numbers import Report
from logtool.reports.outputs import as_json, flat, html, markdown, text
from tests.logtool.reports.conftest import CRASH

Make = Callable[..., Report]
RENDERERS: dict[str, Callable[[Report], str]] = {
    "text": text.render,
    "html": html.render,
    "markdown": markdown.render,
    "json": as_json.render,
    "csv": flat.render_csv,
}
#: Elements that a page of ours is made of.
OWN = {
    *("html", "head", "meta", "link", "title", "style", "body", "a", "header", "h1", "h2", "h3"),
    *("p", "main", "dl", "dt", "dd", "nav", "ul", "li", "figure", "figcaption", "div", "svg"),
    *("rect", "line", "text", "path", "section", "table", "thead", "tbody", "tr", "th", "td"),
    *("details", "summary", "pre", "code", "span", "footer", "script"),
}
#: Python's types for those of JSON Schema.
TYPES: dict[str, set[type]] = {
    "string": {str}, "integer": {int}, "number": {int, float}, "boolean": {bool},
    "null": {type(None)},
}  # fmt: skip


class Elements(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("name", RENDERERS)
def test_no_escape_reaches_a_terminal(name: str, hostile: Path, report_of: Make) -> None:
    """No output holds a control character, or anything else that `safe` writes out."""
    shown = RENDERERS[name](report_of(hostile, host=True))

    assert all(safe(line) == line for line in shown.split("\n"))


def test_html_is_made_of_our_elements(hostile: Path, report_of: Make) -> None:
    """A hostile log adds no element, no handler and no address to the page; its text is shown."""
    report = report_of(hostile, host=True)
    page = html.render(report)
    elements = Elements()
    elements.feed(page)

    assert {tag for tag, _ in elements.found} <= OWN
    assert [tag for tag, _ in elements.found].count("script") == 1
    names = {name for _, attributes in elements.found for name in attributes}
    assert not [name for name in names if name.startswith("on") or name == "src"]
    links = {x["href"] for _, x in elements.found if x.get("href")}
    links -= {finding.see for finding in report.hosts[0].findings}
    assert all(str(link).startswith(("#", "data:")) for link in links)
    assert "&lt;script&gt;alert(document.domain)&lt;/script&gt;" in page


@pytest.mark.parametrize(
    ("see", "linked"),
    [
        ("https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat", True),
        ("http://wiki.local/a?b=1&c=2", True),
        ("javascript:alert(1)", False), ("https://a.b/\" onclick=\"alert(1)", False),
        ("https://a.b/<script>", False), ("https://a.b/\u202ec", False), ("see https://a.b", False),
        ("//a.b/c", False), ("data:text/html,a", False),
    ],
)  # fmt: skip
def test_only_addresses_of_pages_are_links(report_of: Make, see: str, linked: bool) -> None:
    """What a rule names is a link that tells nobody where it stood; rules may be anybody's."""
    report = report_of(CRASH)
    finding = replace(report.hosts[0].findings[0], see=see)
    elements = Elements()
    elements.feed(
        html.render(replace(report, hosts=(replace(report.hosts[0], findings=(finding,)),)))
    )

    links = [x for tag, x in elements.found if tag == "a" and not str(x["href"]).startswith("#")]
    assert links == ([{"href": see, "rel": "noreferrer noopener"}] if linked else [])


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_a_period_may_be_open(name: str, report_of: Make) -> None:
    """An end that nobody asked for is not told."""
    since = datetime(2026, 11, 23, 19, 59, 11, tzinfo=UTC)
    shown = RENDERERS[name](replace(report_of(CRASH), since=since))

    assert re.search(r"Only lines from 2026-11-23 19:59:11Z[.\n]", shown)


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_a_report_tells_first_of_which_logs_it_is(name: str, report_of: Make) -> None:
    """Their names in true order, of many the first ones and the last one."""
    report = report_of(CRASH)
    (file,) = report.hosts[0].files

    for many in (1, 2, 3, 4, 12):
        names = [f"error-log.{at}" for at in reversed(range(many))]
        files = tuple(replace(file, name=one) for one in names)
        shown = RENDERERS[name](replace(report, hosts=(replace(report.hosts[0], files=files),)))
        told = names if many < 4 else [*names[:2], f"… {names[-1]}"]
        words = f" Log{'s' if many > 1 else ''} {', '.join(told)} "
        assert 0 < (shown := _words(shown)).find(words) < shown.find(" Period ")


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_what_was_not_read_is_no_file_that_lines_are_of(name: str, report_of: Make) -> None:
    """Logs that could not be opened do not count; damaged and empty ones do."""
    report = report_of(CRASH)
    (whole,) = report.hosts[0].files
    damaged = replace(whole, faults=("byte 7: damaged",))
    empty, closed = replace(whole, lines=0), replace(whole, lines=0, faults=("no permission",))
    numbers = replace(report.hosts[0], files=(whole, damaged, empty, closed, closed))

    shown = _words(RENDERERS[name](replace(report, hosts=(numbers,))))

    assert f" {numbers.lines:,} in 3 files " in shown


@pytest.mark.parametrize("name", ["html", "markdown"])
def test_no_column_is_bare(name: str, report_of: Make) -> None:
    """Places of problems are told where a problem has one, and leave no column where none has."""
    report = report_of(CRASH)
    some, *others = report.hosts[0].findings
    placed = (replace(some, file="views.py", line=23, function="order"), *others)

    for findings, is_told in [(report.hosts[0].findings, False), (placed, True)]:
        numbers = replace(report.hosts[0], findings=findings)
        shown = _words(RENDERERS[name](replace(report, hosts=(numbers,))).replace("|", " "))
        assert (" rule place " in shown) is is_told
        assert (" views.py 23 in order " in shown) is is_told


def test_csv_holds_no_formula(hostile: Path, report_of: Make) -> None:
    """No cell of the CSV begins like a formula."""
    rows = list(csv.reader(io.StringIO(flat.render_csv(report_of(hostile, host=True)))))

    assert rows[0] == list(flat.SCHEMA)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@")]
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)


def test_markdown_holds_no_markup(hostile: Path, report_of: Make) -> None:
    """Outside of indented code, what a log says is neither HTML nor a link nor a cell."""
    shown = markdown.render(report_of(hostile))
    prose = [line for line in shown.splitlines() if not line.startswith("    ")]

    assert not [line for line in prose if re.search(r"<(?:script|img)|(?<!\\)\]\(", line)]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-27 17:08:45Z (1 min), 3.5 s", None),
        ("Apache/2.4.71 mod_wsgi/4.9.4 [notice]", r"Apache/2.4.71 mod_wsgi/4.9.4 \[notice\]"),
        ("__main__ _x *y* ~z~", r"\_\_main\_\_ \_x \*y\* \~z\~"),
        ("http://a.b www.a.b a@b", r"http\://a.b www\.a.b a\@b"),
        ("[a](b) ![c](d) <b> &lt; `e` | $f$", r"\[a\](b) !\[c\](d) &lt;b> &amp;lt; \`e\` \| \$f\$"),
        ("# one", r"\# one"), ("- one", r"\- one"), ("> one", r"\> one"), ("1. one", r"1\. one"),
        ("12) one", r"12\) one"), ("--- -- 1.", r"\--- -- 1."), ("=== a=b", r"\=== a=b"),
        ("see #12, # 3", r"see \#12, # 3"), (":smile: wsgi:error", r"\:smile: wsgi:error"),
    ],
)  # fmt: skip
def test_markdown_escapes_what_means_something(text: str, written: str | None) -> None:
    """And nothing else: a report is read as plain mail as well."""
    assert markdown.escaped(text) == (written or text)


def test_markdown_tells_what_it_is_about(report_of: Make) -> None:
    """Each cause and cure bears the name of its problem; directives are code, addresses links."""
    told = markdown.render(report_of(CRASH))
    names = re.findall(r"^\*\*(.+), (?:cause|cure|see)\*\*: ", told, re.MULTILINE)

    assert len(names) >= 6
    assert all(names.count(name) == 3 for name in names)
    assert "`WSGIApplicationGroup %{GLOBAL}`" in told
    assert re.search(r", see\*\*: <https://modwsgi\.readthedocs\.io/[^\\]+>$", told, re.MULTILINE)


def test_json_holds_its_schema(report_of: Make, hostile: Path) -> None:
    """Every report is what the published schema says; nothing is undescribed."""
    schema = json.loads(json.dumps(as_json.schema()))

    for log in (CRASH, hostile):
        _check(json.loads(as_json.render(report_of(log))), schema, schema["$defs"])
    members = [one for kind in schema["$defs"].values() for one in kind["properties"].values()]
    assert all(member["description"] for member in members)


def _check(value: Any, schema: dict[str, Any], kinds: dict[str, Any]) -> None:  # noqa: ANN401
    """A small part of JSON Schema: all that ours uses."""
    if "$ref" in schema:
        schema = kinds[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        assert any(_holds(value, one, kinds) for one in schema["anyOf"])
    elif "const" in schema:
        assert value == schema["const"]
    elif schema["type"] == "object":
        assert set(value) == set(schema["required"]) == set(schema["properties"])
        for name, one in schema["properties"].items():
            _check(value[name], one, kinds)
    elif schema["type"] == "array":
        for one in value:
            _check(one, schema["items"], kinds)
    else:
        assert type(value) in TYPES[schema["type"]]


def _holds(value: Any, schema: dict[str, Any], kinds: dict[str, Any]) -> bool:  # noqa: ANN401
    try:
        _check(value, schema, kinds)
    except (AssertionError, TypeError):
        return False
    return True


def test_flat_tables_agree(report_of: Make) -> None:
    """CSV and Parquet hold the same rows, and the counts of the report."""
    report = report_of(CRASH)
    table = pl.read_parquet(io.BytesIO(flat.render_parquet(report)))
    rows = list(csv.DictReader(io.StringIO(flat.render_csv(report))))

    assert table.schema == flat.SCHEMA
    assert [str(one) for one in table["count"].fill_null("")] == [row["count"] for row in rows]
    levels = table.filter(pl.col("section") == "levels")
    assert dict(levels.select("name", "count").iter_rows()) == {
        one.name: one.lines for one in report.hosts[0].levels
    }


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_text_keeps_its_width(report_of: Make, hostile: Path, width: int) -> None:
    """No line of the text is wider than asked for, but where a path cannot be cut."""
    for log in (CRASH, hostile):
        lines = text.render(report_of(log), width=width).splitlines()

        assert [line for line in lines if len(line) > width and " " in line.strip()] == []


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_text_cuts_no_name_to_ask_by(report_of: Make, width: int) -> None:
    """Names of rules, fingerprints and guilty places are whole at any width."""
    report = report_of(CRASH)
    told = text.render(report, width=width)
    (host,) = report.hosts

    assert all(one.rule in told for one in host.findings)
    assert all(one.fingerprint in told for one in host.exceptions)
    assert all(f"{one.guilty_file}:{one.guilty_line}" in told for one in host.exceptions)


def test_text_for_mail_has_no_colour(report_of: Make) -> None:
    """Without colours there is no escape; with colours only those that set and end one."""
    report = report_of(CRASH)

    assert "\x1b" not in text.render(report)
    colored = text.render(report, color=True)
    assert "\x1b[1;31m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == text.render(report)


def test_outputs_tell_the_same(report_of: Make) -> None:
    """Each output tells the worst problem, the exception and the lines."""
    report = report_of(CRASH)

    for name, render in RENDERERS.items():
        shown = render(report).replace("\\", "")
        assert "daemon-crashed" in shown, name
        assert "RuntimeError" in shown, name
        assert "112" in shown, name


@pytest.mark.parametrize(
    ("counts", "shown"), [((0, 0), "  "), ((1, 8), "▁█"), ((4, 0, 8), "▄ █"), ((), "")]
)
def test_sparkline(counts: tuple[int, ...], shown: str) -> None:
    """The highest count is a whole bar, none is a blank."""
    assert text.sparkline(counts) == shown


def test_page_has_names_for_all(report_of: Make) -> None:
    """Drawings have names, tables headings with a scope, ids are unique, links lead somewhere."""
    report = report_of(CRASH)
    elements = Elements()
    elements.feed(html.render(replace(report, hosts=report.hosts * 2)))
    found = elements.found

    assert all(x.get("aria-label") or x.get("aria-hidden") for tag, x in found if tag == "svg")
    assert all(x.get("scope") == "col" for tag, x in found if tag == "th")
    assert all(x.get("aria-label") for tag, x in found if tag == "table")
    ids = [x["id"] for _, x in found if "id" in x]
    assert len(ids) == len(set(ids))
    links = [str(x["href"]) for tag, x in found if tag == "a"]
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert ("html", {"lang": "en"}) in found


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
@pytest.mark.parametrize("rest", ["", "and again\n", "Traceback (most recent call last):\n"
                         '  File "/srv/a.py", line 1, in f\nKeyError: 1\n'])  # fmt: skip
def test_nothing_understood_comforts_nobody(
    name: str, rest: str, report_of: Make, tmp_path: Path
) -> None:
    """What is told first of a log of another program; what is not known of it is not `none`."""
    log = tmp_path / "error.log"
    log.write_text("2026/11/27 10:00:00 [error] 7#7: *1 open() failed\n" + rest)
    report = report_of(log)
    lines, raised = report.hosts[0].lines, report.hosts[0].exceptions
    shown = _words(RENDERERS[name](report))
    what = "NO TIME OR LEVEL" if raised else "NOTHING"
    many = f"{lines} lines" if lines > 1 else "1 line"

    assert 0 < shown.find(f"Understood {what} of {many} errlog") < shown.find(f"Lines {lines} in")
    assert len(raised) == ("KeyError" in rest)
    assert "Severe not known" in shown
    assert "Known problems not known" in shown
    assert shown.count("Not known no line was understood") == 2 - len(raised)


def test_what_is_urgent_comes_soon(report_of: Make) -> None:
    """One chart, then problems and exceptions; each other chart once, behind them."""
    page = html.render(report_of(CRASH))
    parts = re.findall(r"<figcaption>([^<]*)|<h2[^>]*>([^<]*)", page)
    titles = [figure or title for figure, title in parts]

    assert titles[:4] == [
        "Lines over time, by level", "Known problems", "Exceptions", "Lines over time, by clock"
    ]  # fmt: skip
    assert len({*titles}) == len(titles) == page.count("<h2") + page.count("<figure")


def _words(shown: str) -> str:
    """What an output says, without how it says it."""
    return " ".join(re.sub(r"<[^>]*>|[*:]", " ", shown.replace("\\", "")).split())


@pytest.mark.parametrize("name", ["text", "html", "markdown"])
def test_the_worst_is_named_first(name: str, report_of: Make, tmp_path: Path) -> None:
    """Above all tables: the worst known problem, and what was raised most often."""
    log = tmp_path / "error.log"
    head = "[Mon Nov 23 20:58:%02d.000000 2026] [wsgi:error] [pid 7:tid 7] "
    raised = ["KeyError: 'a'"] + ["ValueError: caf\\xc3\\xa9 " + "x" * 900] * 2
    text = "".join(
        (head % at) + line + "\n"
        for at, error in enumerate(raised)
        for line in (
            "Traceback (most recent call last):",
            '  File "/srv/a.py", line 1, in f',
            error,
        )
    )
    log.write_text(text + (head % 9).replace("wsgi:error", "core:notice")
                   + "AH00052: child pid 8 exit signal Segmentation fault (11)\n")  # fmt: skip
    report = report_of(log)
    worst = report.hosts[0].findings[0]
    shown = _words(RENDERERS[name](report))
    begin, end = shown.index("Period"), shown.index("Clocks")
    first = shown[begin:end].strip(" -")

    assert f"worst {worst.title} ({worst.count})" in first
    assert "2 kinds; most often ValueError café xxx" in first
    assert first.endswith("xx… (2)")
    assert len(first) < 500
