"""What documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.places import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "benchmarks/README.md", "benchmarks/tried.md", *(
    f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))
))  # fmt: skip
#: Where modules that a document names without their whole path lie.
HOMES, ENDS = ("", "logtool/", "logtool/clocks/"), ("", ".py")
#: Documents with a table whose first cells are modules, and one whose second cells are.
MODULES = {"docs/promises.md": 0, "docs/mutants.md": 0, "docs/finding-clocks.md": 1}


def _words(document: str) -> list[str]:
    """What a document sets in type of its own, but for blocks of it."""
    text = re.sub(r"^```.*?^```", "", (ROOT / document).read_text(), flags=re.M | re.S)
    return re.findall(r"`([^`\n]+)`", text)


def _exists(path: str) -> bool:
    """Whether a module, named with or without its ending, a folder or a file is there."""
    return any(any(ROOT.glob(f"{home}{path.rstrip('/')}{end}")) for home in HOMES for end in ENDS)


def _tests() -> set[str]:
    """Names of files and functions of tests."""
    files = list((ROOT / "tests").rglob("test_*.py"))
    functions = (re.findall(r"^def (test_\w+)", file.read_text(), re.M) for file in files)
    return {file.name for file in files}.union({file.stem for file in files}, *functions)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_tests_are_there(document: str) -> None:
    """Each test that is named exists: a promise whose test was renamed would stand on nothing."""
    named = [word for word in _words(document) if re.fullmatch(r"test_\w+(\.py)?", word)]

    assert sorted({*named} - _tests()) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_are_there(document: str) -> None:
    """Each path into the code that is named leads somewhere."""
    folders = "parsers", "logtool", "tests", "docs", "benchmarks", "locks", "sample_logs"
    named = [
        word for word in _words(document) if re.fullmatch(rf"(?:{'|'.join(folders)})/\S*", word)
    ]

    assert [word for word in named if not _exists(word)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    """Each link to another file does."""
    here = (ROOT / document).parent
    linked = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", (ROOT / document).read_text())

    assert [link for link in linked if not Path(here, link).exists()] == []


@pytest.mark.parametrize(("document", "column"), MODULES.items())
def test_modules_are_there(document: str, column: int) -> None:
    """Each module of which a table tells is where it says."""
    rows = [line.split("|")[1:-1] for line in (ROOT / document).read_text().splitlines()]
    cells = [row[column] for row in rows if len(row) > 2]
    named = [word for cell in cells for word in re.findall(r"`([a-z_]+/?[a-z_/]*)`", cell)]

    assert named
    assert [word for word in named if not _exists(word)] == []
