"""Capture the sample logs: `python -m tests.live.make_samples [NAME …]`.

Each sample is a folder of sample_logs/ with the error log, the access log beside it, the truth
(one instant per line) and a note of what made it.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests import places

from .apache import HTTPD, missing
from .capture import Capture
from .scenarios import SCENARIOS

SAMPLE_LOGS = places.SAMPLE_LOGS
NEUTRAL = Path("/srv/errlog-demo")
LARGEST = 60_000


def main(names: list[str]) -> None:
    """Capture some samples, or all."""
    if absent := missing():
        sys.exit(f"make_samples: not installed: {' '.join(absent)}")
    for name in names or list(SCENARIOS):
        take(name)
        print(name)


def take(name: str) -> None:
    """Capture one sample and put it into its folder."""
    shutil.rmtree(NEUTRAL, ignore_errors=True)
    try:
        capture = SCENARIOS[name](random.Random(name), NEUTRAL)
        folder = SAMPLE_LOGS / name
        folder.mkdir(parents=True, exist_ok=True)
        for log, truth in ((capture.log, capture.truth), *capture.older):
            if log.stat().st_size > LARGEST:
                sys.exit(f"make_samples: {name} is larger than {LARGEST} bytes; take it again")
            rotation = log.name.removeprefix(capture.log.name)
            access_log = capture.access_log.with_name(capture.access_log.name + rotation)
            for file in (log, access_log):
                shutil.copy2(file, folder / file.name)
            text = "".join(f"{instant}\n" for instant in truth)
            (folder / f"truth{rotation}.txt").write_text(text)
        (folder / "about.md").write_text(about(capture))
    finally:
        shutil.rmtree(NEUTRAL, ignore_errors=True)


def about(capture: Capture) -> str:
    """The note that stands beside a sample."""
    zones = "\n".join(f"- {who}: {zone}" for who, zone in capture.zones.items())
    logs = sorted(capture.log.parent.glob("*.log*"))
    writes = "\n".join(f"- {log.name}: {modified(log)}" for log in logs)
    form = capture.error_log_format
    written = f"`{form}`" if form else "built in (no ErrorLogFormat)"
    return f"""# {capture.name}

{capture.happened}

ErrorLogFormat: {written}
MPM: {capture.mpm}
Made with: {versions()}
Command: `python -m tests.live.make_samples {capture.name}`

Zones:
{zones}

Last writes (git does not keep them):
{writes}

`truth.txt` has a line for each line of `error.log`: its instant in UTC, or `-` where the line has
no stamp.
"""


def modified(file: Path) -> str:
    """When a file was last written, in UTC."""
    nanoseconds = file.stat().st_mtime_ns
    at = datetime.fromtimestamp(nanoseconds // 10**9, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{nanoseconds % 10**9 // 1000:06}Z"


def versions() -> str:
    """What ran."""
    httpd = subprocess.run(
        [str(HTTPD), "-v"], check=True, capture_output=True, text=True, env={**os.environ}
    ).stdout
    server = httpd.splitlines()[0].partition(": ")[2]
    packages = [
        subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package} ${Version}", package],
            check=False,
            capture_output=True,
            text=True,
        ).stdout
        for package in ("libapache2-mod-wsgi-py3", "python3-django", "libfaketime")
    ]
    return ", ".join([server, *filter(None, packages)])


if __name__ == "__main__":
    main(sys.argv[1:])
