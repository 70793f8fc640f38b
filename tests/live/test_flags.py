"""A real Apache makes each known problem happen; each is flagged as often as it happened, alone."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from logtool.clocks.engine import ClockOptions
from logtool.flags.findings import Finding
from logtool.flags.search import find_flags
from logtool.flags.wsgi_codes import default_rules
from logtool.passes import find_clocks, open_logs
from logtool.sources.opening import open_sources

from .apache import Apache
from .configuration import App, Daemon

pytestmark = pytest.mark.live

ANSWER = """
def answer(start_response, text=b"ok"):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]

"""


@dataclass(frozen=True)
class Faulty(App):
    """An application whose script is given in full."""

    source: str = ""

    def script(self, folder: Path) -> str:
        """The source, after a function `answer` that it may use."""
        return ANSWER + self.source


@dataclass(frozen=True)
class Case:
    """A problem, how it is made, and what must be flagged."""

    name: str
    source: str
    expected: Mapping[str, int]
    options: str = ""
    requests: int = 2
    guilty: str = ""
    threads: int = 2
    disturb: Callable[[Apache], None] = lambda server: None


def at_request(body: str) -> str:
    """A script that does this in each request."""
    lines = "".join(f"    {line}\n" for line in body.strip().split("\n"))
    return (
        "import os, sys, time\n\n"
        f"def application(environ, start_response):\n{lines}"
        "    return answer(start_response)\n"
    )


def close_socket_folder(server: Apache) -> None:
    """Take Apache's children the right to enter the folder of the daemon's socket."""
    (server.folder / "run").chmod(0o700)


def lose_socket(server: Apache) -> None:
    """Remove the daemon's socket, as an eager tidying job does."""
    for path in (server.folder / "run").glob("wsgi.*.sock"):
        path.unlink()


def lose_script(server: Apache) -> None:
    """Remove the script file."""
    (server.folder / "apps" / "faulty.wsgi").unlink()


def speak_plainly(server: Apache) -> None:
    """Send plain HTTP to the TLS port."""
    with socket.create_connection(("127.0.0.1", server.configuration.tls_port)) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        plain.recv(100)


SIGNAL = "import signal\n\nsignal.signal(signal.SIGTERM, lambda *a: None)\n" + at_request("pass")

CASES = [
    Case("nothing", at_request("print('MemoryError')\nprint('all well', file=sys.stderr)"), {}),
    Case("exception", at_request("raise ValueError('MemoryError')"), {}),
    Case("signal", SIGNAL, {"signal-handler-ignored": 1}, guilty="signal.signal("),
    Case(
        "signal-off",
        at_request("import signal\nsignal.signal(signal.SIGUSR2, signal.SIG_IGN)"),
        {"signal-handler-outside-main-thread": 2},
        "\nWSGIRestrictSignal Off",
        guilty="signal.signal(",
    ),
    Case(
        "stdout", at_request("print('x')"), {"stdout-restricted": 2},
        "\nWSGIRestrictStdout On", guilty="print(",
    ),
    Case(
        "stdin", at_request("sys.stdin.read()"), {"stdin-restricted": 2},
        "\nWSGIRestrictStdin On", guilty="sys.stdin.read",
    ),
    Case("pdb", at_request("import pdb\npdb.set_trace()\nprint('after')"), {"stdin-read": 2}),
    Case("input", at_request("input()"), {"stdin-read": 2}, guilty="input("),
    Case(
        "fileno", at_request("import faulthandler\nfaulthandler.enable()"),
        {"log-object-not-a-file": 2}, guilty="faulthandler.enable",
    ),
    Case(
        "pickle",
        "import pickle\nclass C: pass\nold = C()\nclass C: pass\n"
        + at_request("pickle.dumps(old)"),
        {"script-object-pickled": 2}, guilty="pickle.dumps",
    ),
    Case("home", at_request("os.listdir('/root/.config')"), {"home-unusable": 2}),
    Case("relative", at_request("open('data/config.json')"), {"relative-path": 2}),
    Case("access", at_request("open('/etc/shadow')"), {"file-access-denied": 2}),
    Case("ascii", at_request("'\\u20ac'.encode('ascii')"), {"ascii-locale": 2}),
    Case(
        "locale", at_request("import locale\nlocale.setlocale(locale.LC_ALL, 'xx_XX')"),
        {"ascii-locale": 2},
    ),
    Case(
        "crash", at_request("os.kill(os.getpid(), 11)\ntime.sleep(5)"),
        {"daemon-crashed": 1, "response-truncated": 1}, requests=1,
    ),
    Case(
        "crash-loop", at_request("os.kill(os.getpid(), 6)\ntime.sleep(5)"),
        {"daemon-crashed": 6, "response-truncated": 6, "daemon-restarting": 1}, requests=6,
    ),
    Case(
        "request-timeout", at_request("time.sleep(30)"),
        {"request-timeout": 1, "response-truncated": 1},
        "request-timeout=1 shutdown-timeout=1", requests=1, threads=1,
    ),
    Case(
        "daemon-timeout", at_request("time.sleep(3)"), {"daemon-timeout": 1},
        "socket-timeout=1", requests=1,
    ),
    Case("load", "import nix_da\n", {"script-load-failed": 2}, guilty="import nix_da"),
    Case("syntax", "def a b\n", {"script-load-failed": 2}),
    Case("no-application", "app = None\n", {"script-load-failed": 2}),
    Case("memory", at_request("bytearray(1 << 60)"), {"memory-exhausted": 2}),
    Case(
        "processes",
        at_request(
            "import resource\n"
            "limits = resource.getrlimit(resource.RLIMIT_NPROC)\n"
            "resource.setrlimit(resource.RLIMIT_NPROC, (1, limits[1]))\n"
            "try: os.fork()\n"
            "finally: resource.setrlimit(resource.RLIMIT_NPROC, limits)"
        ),
        {"thread-limit": 2}, guilty="os.fork()",
    ),
    Case(
        "socket-denied", at_request("pass"), {"daemon-socket-denied": 2},
        disturb=close_socket_folder,
    ),
    Case(
        "socket-lost", at_request("pass"), {"daemon-unreachable": 1}, "connect-timeout=1",
        requests=1, disturb=lose_socket,
    ),
    Case("script-lost", at_request("pass"), {"script-not-found": 2}, disturb=lose_script),
    Case("plain-http", at_request("pass"), {"tls-handshake-failed": 1}, disturb=speak_plainly),
]  # fmt: skip


def findings(log: Path) -> list[Finding]:
    """What errlog flags in a log."""
    with open_sources([str(log)], 1 << 30) as sources:
        logs = open_logs(sources)
        return find_flags(logs, find_clocks(logs, ClockOptions()), default_rules())


def counts(found: list[Finding]) -> dict[str, int]:
    """How often each rule was flagged."""
    answer: dict[str, int] = {}
    for finding in found:
        answer[finding.rule] = answer.get(finding.rule, 0) + finding.count
    return answer


def run(folder: Path, case: Case) -> list[Finding]:
    """Make the case's problem happen, and flag the log."""
    app = Faulty("/faulty", source=case.source)
    daemon = Daemon("faulty", [app], 1, case.threads, case.options)
    with Apache(folder, daemons=[daemon]) as server:
        case.disturb(server)
        for _ in range(case.requests):
            before = server.daemon_pids("faulty")
            server.get("/faulty")
            if "daemon-crashed" in case.expected:
                server.await_rebirth("faulty", before)
    log, _ = server.capture()
    return findings(log)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(folder: Path, case: Case) -> None:
    """The problem is flagged exactly as often as it happened, and nothing else."""
    found = run(folder, case)
    assert counts(found) == case.expected
    if case.guilty:
        script = folder / "apps" / "faulty.wsgi"
        assert found[0].file == str(script)
        assert found[0].line is not None
        assert case.guilty in script.read_text().split("\n")[found[0].line - 1]


def test_queue_timeout(folder: Path) -> None:
    """A request that waits for the only thread is dropped."""
    app = Faulty("/faulty", source=at_request("time.sleep(3)"))
    with Apache(folder, daemons=[Daemon("faulty", [app], 1, 1, "queue-timeout=1")]) as server:
        first = threading.Thread(target=server.get, args=["/faulty"])
        first.start()
        time.sleep(0.3)
        server.get("/faulty")
        first.join()
    log, _ = server.capture()
    assert counts(findings(log)) == {"queue-timeout": 1}


def test_max_request_workers(folder: Path) -> None:
    """More idle connections than workers."""
    with Apache(folder, mpm="prefork", daemons=[Daemon("faulty", [App("/x")])]) as server:
        held = [
            socket.create_connection(("127.0.0.1", server.configuration.port)) for _ in range(12)
        ]
        for connection in held:
            connection.sendall(b"G")  # Linux hands over a connection once there is data
        deadline = time.monotonic() + 15
        while not server.said(b"AH00161") and time.monotonic() < deadline:
            time.sleep(0.2)
        for connection in held:
            connection.close()
    log, _ = server.capture()
    assert counts(findings(log)) == {"max-request-workers": 1}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_noexec(folder: Path) -> None:
    """An extension module on a file system mounted noexec cannot be mapped."""
    mount = folder / "mount"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "noexec,mode=755", "tmpfs", str(mount)],
        check=False,
        capture_output=True,
    )
    if made.returncode:
        pytest.skip("this machine does not let root mount")
    try:
        suffix = ".cpython-311-" + (sysconfig.get_config_var("MULTIARCH") or "") + ".so"
        libraries = list(Path("/usr/lib/python3.11/lib-dynload").glob("*" + suffix))
        (mount / libraries[0].name).write_bytes(libraries[0].read_bytes())
        name = libraries[0].name.split(".")[0]
        body = (
            "import importlib.util\n"
            f"path = {str(mount / libraries[0].name)!r}\n"
            f"spec = importlib.util.spec_from_file_location({name!r}, path)\n"
            "importlib.util.module_from_spec(spec)"
        )
        case = Case("noexec", at_request(body), {"selinux-mmap-denied": 2})
        assert counts(run(folder, case)) == case.expected
    finally:
        subprocess.run(["umount", str(mount)], check=False)


def test_extension_in_a_second_interpreter(folder: Path) -> None:
    """An extension made with PyO3 refuses the second interpreter of a process."""
    if not Path("/usr/lib/python3/dist-packages/cryptography").exists():
        pytest.skip("python3-cryptography is not installed")
    source = "from cryptography.hazmat.bindings import _rust\n" + at_request("pass")
    apps = [Faulty("/one", source=source), Faulty("/two", source=source)]
    with Apache(folder, daemons=[Daemon("faulty", apps, 1, 1)]) as server:
        for path in ("/one", "/two"):
            server.get(path)
    log, _ = server.capture()
    assert counts(findings(log)) == {"extension-in-subinterpreter": 1}


def test_settings_leak(folder: Path) -> None:
    """The second Django site of a process finds the settings of the first."""
    source = (
        "import os, sys\n"
        "sys.path.insert(0, {folder!r})\n"
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', '{name}_settings')\n"
        "from django.core.wsgi import get_wsgi_application\n"
        "application = get_wsgi_application()\n"
    )
    apps = []
    for name in ("one", "two"):
        site = folder / name
        site.mkdir()
        (site / f"{name}_settings.py").write_text("SECRET_KEY = 'x'\nTIME_ZONE = None\n")
        apps.append(Faulty(f"/{name}", source=source.format(folder=str(site), name=name)))
    with Apache(folder, daemons=[Daemon("faulty", apps, 1, 1)]) as server:
        for path in ("/one", "/two"):
            server.get(path)
    log, _ = server.capture()
    assert counts(findings(log))["settings-leak"] == 1


def test_crash_in_embedded_mode(folder: Path) -> None:
    """A child of Apache that crashes is told by the parent alone."""
    app = Faulty("/faulty", source=at_request("os.kill(os.getpid(), 11)\ntime.sleep(5)"))
    with Apache(folder, mpm="prefork", embedded=[app]) as server:
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.get("/faulty")
        deadline = time.monotonic() + 15
        while not server.said(b"AH00052") and time.monotonic() < deadline:
            time.sleep(0.1)
    log, _ = server.capture()
    assert counts(findings(log)) == {"daemon-crashed": 1}
