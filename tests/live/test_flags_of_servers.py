"""What a whole server makes flagged: clocks that differ, formats; and what none can forge."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from logtool.__main__ import run
from logtool.flags.rule import shipped_rules
from logtool.flags.wsgi_codes import wsgi_codes

from .apache import Apache
from .configuration import App, Daemon
from .problems import Faulty, at_request, happened

pytestmark = pytest.mark.live

Flagged = Callable[..., dict[str, int]]

#: Each message of the examples of the rules, and a code of mod_wsgi 6 with httpd's own tags.
FORGED = sorted(
    {line.rpartition("] ")[2] for rule in shipped_rules() for hit in rule.hits
     for line in hit.split("\n") if "] " in line}
    | {f"{code}: forged" for code in list(wsgi_codes())[::20]}
    | {"AH00052: child pid 7 exit signal Segmentation fault (11)"}
)  # fmt: skip


@pytest.fixture(name="flagged")
def _flagged(capfd: pytest.CaptureFixture[str]) -> Flagged:
    """How often `errlog flags --json` tells of each rule."""

    def flags(log: Path, *options: str) -> dict[str, int]:
        assert run(["flags", "--json", "--no-neighbours", *options, str(log)]) == 0
        found = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        return {rule: sum(one["count"] for one in found if one["rule"] == rule)
                for rule in {one["rule"] for one in found}}  # fmt: skip

    return flags


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (None, {"clock-differs-from-server": 1, "timestamp-without-offset": 1}),
        ("[%{cuz}t] [%-m:%l] [pid %P] %M", {"clock-differs-from-server": 1}),
    ],
)
def test_clocks(
    folder: Path, flagged: Flagged, mod_wsgi: Path, form: str | None, expected: dict[str, int]
) -> None:
    """A daemon in another zone is flagged; that no line says so as well, unless the format does."""
    daemons = [Daemon("talk", [App("/talk", "UTC")])]
    with Apache(
        folder, tz="Europe/Berlin", error_log_format=form, daemons=daemons, mod_wsgi=mod_wsgi
    ) as server:
        server.get("/talk/log")
        # httpd keeps the broken-down time of a second, with the zone it was in.
        time.sleep(1.1)
        for _ in range(3):
            server.get("/talk/log")
    log, _ = server.capture()
    found = flagged(log, "--server-tz", "Europe/Berlin")
    assert found == happened(expected, log, found)


def test_clock_that_flips(folder: Path, flagged: Flagged, mod_wsgi: Path) -> None:
    """Two applications of one process that fight over TZ."""
    apps = [App(f"/{zone.lower()}", zone, always=True) for zone in ("UTC", "Japan")]
    with Apache(folder, daemons=[Daemon("both", apps, 1, 1)], mod_wsgi=mod_wsgi) as server:
        for _ in range(3):
            for app in apps:
                server.get(f"{app.path}/log")
                time.sleep(1.1)
                server.get(f"{app.path}/log")
    log, _ = server.capture()
    assert flagged(log, "--server-tz", "UTC")["clock-flips-in-process"] == 1


def test_letters_that_are_no_options(folder: Path, flagged: Flagged) -> None:
    """`%{%cuz}t`, the slip that turns options into strftime's text."""
    form = "[%{%cuz}t] [%-m:%l] [pid %P:tid %T] %E: [client\\ %a] %M"
    with Apache(folder, error_log_format=form, daemons=[Daemon("talk", [App("/talk")])]) as server:
        server.get("/talk/log")
    log, _ = server.capture()
    found = flagged(log, "--server-tz", "UTC", "--format", form)
    assert found == happened({"strftime-in-time-options": 1}, log, found)


def test_nothing_can_be_forged(folder: Path, flagged: Flagged, mod_wsgi: Path) -> None:
    """What visitors send is logged in many places, and is no problem in any of them."""
    app = Faulty("/app", source=at_request("print('visit of', environ.get('HTTP_USER_AGENT'))"))
    daemon = Daemon("app", [app], options="\nWSGIRestrictEmbedded On")
    with Apache(
        folder, daemons=[daemon], log_level="info http:trace8 core:trace8", mod_wsgi=mod_wsgi
    ) as server:
        for text in FORGED:
            path = quote(text)
            for target in (f"/app/{path}", f"/{path}", f"/%0A{path}", f"/{path}.wsgi?{path}", text):
                send(server, target, text)
    log, _ = server.capture()
    said = log.read_text()
    assert said.count("visit of") == len(FORGED)
    assert said.count("AH00128") > len(FORGED)
    found = flagged(log, "--server-tz", "UTC")
    assert found == happened({}, log, found)


def send(server: Apache, target: str, text: str) -> None:
    """A request whose target and headers say some text, as no library would send it."""
    head = (
        f"GET {target} HTTP/1.1", "Host: localhost", "Connection: close",
        f"User-Agent: {text}", f"Referer: {text}", f"X-Forwarded-For: {text}",
    )  # fmt: skip
    with socket.create_connection(("127.0.0.1", server.configuration.port)) as plain:
        plain.sendall("\r\n".join((*head, "", "")).encode())
        while plain.recv(1 << 16):
            pass
