"""Single: fuzzes the one target named first, with the options of libFuzzer that follow."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["parsers", "logtool"]):
    from tests.fuzz.targets import TARGETS

if __name__ == "__main__":
    name, *options = sys.argv[1:]
    # By its first word libFuzzer starts itself again where it merges.
    atheris.Setup([f"{sys.executable} -m {__spec__.name} {name}", *options], TARGETS[name])
    atheris.Fuzz()
