"""`errlog normalize -x`: what is told under lines, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from logtool.__main__ import run
from logtool.flags.rule import shipped_rules

HITS = [line for rule in shipped_rules() for hit in rule.hits for line in hit.split("\n") if line]


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A log full of problems; its last line has no newline."""
    path = tmp_path / "error.log"
    path.write_text("\n".join(HITS))
    return str(path)


def normalized(capfd: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The lines that `errlog normalize` writes."""
    assert run(["normalize", "-q", "--server-tz", "UTC", *arguments]) == 0
    return capfd.readouterr().out.split("\n")


@pytest.mark.parametrize("sort", [(), ("--sort",)])
@pytest.mark.parametrize("style", ["cuz", "iso"])
def test_nothing_else_changes(
    capfd: pytest.CaptureFixture[str], log: str, style: str, sort: tuple[str, ...]
) -> None:
    """Without the lines that begin with `-- `, all is as without -x."""
    explained = normalized(capfd, "-x", "--time", style, *sort, log)
    plain = normalized(capfd, "--time", style, *sort, log)
    assert [line for line in explained if not line.startswith("-- ")] == plain
    assert len(explained) > 2 * len(plain)


def test_each_under_its_line(capfd: pytest.CaptureFixture[str], log: str) -> None:
    """A rule is told at length under the first line it holds on, by name under later ones."""
    lines = normalized(capfd, "-x", log)
    named = [number for number, line in enumerate(lines) if line.startswith("-- stdout-restricted")]
    assert len(named) > 1
    for number in named:
        said = next(line for line in reversed(lines[:number]) if not line.startswith("-- "))
        assert "sys.stdout access restricted" in said
    assert lines[named[0] + 1].startswith("--   Cause: ")
    assert not any(lines[number + 1].startswith("--   ") for number in named[1:])


def test_a_line_that_only_another_one_explains(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Of a daemon that ended by a true signal Apache says so; of one that ended itself, nobody."""
    head = "[Sun Nov 22 14:26:%02d.534901 2026] [%s] [pid 14606:tid 14606] "
    exits = "mod_wsgi (pid=%d): Process 'app' terminated by signal 7"
    log = tmp_path / "error.log"
    log.write_text(
        f"{head % (42, 'wsgi:info')}{exits % 14666}\n"
        f"{head % (43, 'core:notice')}AH00052: child pid 14667 exit signal Bus error (7)\n"
        f"{head % (43, 'wsgi:info')}{exits % 14667}\n"
    )
    lines = normalized(capfd, "-x", str(log))

    told = [at for at, line in enumerate(lines) if line.startswith("-- daemon-")]
    assert [lines[at].split()[1] for at in told] == ["daemon-exited", "daemon-crashed"]
    assert "14666" in lines[told[0] - 1]


def test_only_of_whole_logs(capfd: pytest.CaptureFixture[str], log: str) -> None:
    """With a selection it is refused, in one line."""
    assert run(["normalize", "-x", "-l", "error", log]) == 2
    assert "--explain goes with all lines of whole logs only" in capfd.readouterr().err
