"""What errlog stands on is locked by hash, and the README says why each part is there."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.trust.running import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
#: Each lock, and the groups that it holds beside what an installed errlog needs.
LOCKS = {"run": (), "dev": ("test", "lint", "build"), "trust": ("test", "lint", "build", "trust")}


def _locked(name: str) -> dict[str, set[str]]:
    """The versions of each package in a lock; more than one where Pythons differ."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "locks" / f"{name}.txt").read_text().splitlines():
        if pin := re.match(r"([\w.-]+)==([^ ]+)", line):
            found.setdefault(canonicalize_name(pin[1]), set()).add(pin[2])
    return found


def _required(groups: tuple[str, ...]) -> list[Requirement]:
    texts = [*PROJECT["project"]["dependencies"]]
    for group in groups:
        texts += PROJECT["dependency-groups"][group]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("name", LOCKS)
def test_locks_hold_what_is_required(name: str) -> None:
    """Every requirement is pinned to versions that it allows; `make lock` mends it."""
    locked = _locked(name)

    for one in _required(LOCKS[name]):
        versions = locked.get(canonicalize_name(one.name), set())
        assert versions, f"{one} is not in locks/{name}.txt"
        assert all(one.specifier.contains(version) for version in versions), (one, versions)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    """A lock holds pins with hashes, and no address, option or file of a machine."""
    text = (ROOT / "locks" / f"{name}.txt").read_text()
    pins = re.split(r"(?<!\\)\n", text.strip())

    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []
    assert re.findall(r"://|--(?!hash=)\S+|file:", text) == []


@pytest.mark.parametrize(("small", "large"), [("run", "dev"), ("dev", "trust")])
def test_locks_agree(small: str, large: str) -> None:
    """What is tested is what is installed."""
    versions = _locked(large)

    assert {name: versions.get(name) for name in _locked(small)} == _locked(small)


def test_readme_says_why() -> None:
    """The README's table has a row for each package that an installed errlog needs, no other."""
    section = (ROOT / "README.md").read_text().partition("## What it stands on")[2]
    rows = re.findall(r"^\| \[?([\w.-]+)\]?[^|]*\| \S", section.partition("\n## ")[0], re.MULTILINE)

    assert sorted(rows[1:]) == sorted(one.name for one in _required(()))
