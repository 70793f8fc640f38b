"""The house rules that a machine can check."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.places import ROOT

MODULES = sorted(
    path
    for folder in ("parsers", "logtool", "tests", "benchmarks")
    for path in (ROOT / folder).rglob("*.py")
)


def test_imports_flow_one_way() -> None:
    """The import contracts of pyproject.toml hold."""
    ran = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()",
         "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_normalize_starts_light() -> None:
    """It never imports what only tables and screens, or large or compressed logs, need.

    Nor what reads a configuration and the logs beside.
    """
    code = (
        "import sys, logtool.commands.normalize, logtool.clocks.engine; "
        "print(*{'polars', 'textual', 'rich', 'parsers.compiled.loops', 'wasmtime', 'bz2', 'lzma', "
        "'parsers.httpd_conf', 'parsers.access_log', 'parsers.audit_log'}"
        ".intersection(sys.modules))"
    )

    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT).split() == []


@pytest.mark.parametrize("alone", [True, False])
def test_a_small_log_needs_little(tmp_path: Path, *, alone: bool) -> None:
    """With or without an access log beside it: neither numpy.ma (10 ms) nor compiled loops.

    Nor what finds formats with log IDs (3 ms).
    """
    log = ROOT / "sample_logs/berlin_utc_django/error.log"
    if alone:
        log = Path(shutil.copy(log, tmp_path))
    code = (
        "import sys; from logtool.__main__ import run; "
        f"run(['normalize', '-q', '-o', {str(tmp_path / 'utc.log')!r}, {str(log)!r}]); "
        "print(*{'numpy.ma', 'wasmtime', 'multiprocessing', 'parsers.id_brackets'}"
        ".intersection(sys.modules))"
    )

    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT).split() == []
    assert (tmp_path / "utc.log").stat().st_size > 0


def test_version_imports_no_numpy() -> None:
    """`errlog --version` and `errlog --help` start at once."""
    code = (
        "import sys; from logtool.__main__ import run; run(['--version']); run(['--help']); "
        "sys.exit('numpy' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, capture_output=True)

    assert ran.returncode == 0


def test_no_module_is_too_long() -> None:
    """A module of more than 400 lines does more than one thing."""
    long = [path for path in MODULES if len(path.read_text().splitlines()) > 400]

    assert long == []


def test_no_function_is_too_long() -> None:
    """A function of more than 60 lines does more than one thing."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]

    assert long == []


def test_no_junk_drawers() -> None:
    """Names tell what a module knows."""
    drawers = [path for path in MODULES if path.stem in ("utils", "util", "common", "helpers")]

    assert drawers == []
