"""A real Apache makes each known problem happen; each is flagged as often as it happened, alone."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sysconfig
import threading
from pathlib import Path

import pytest

from logtool.clocks.options import ClockOptions
from logtool.flags.finding import Finding
from logtool.flags.search import find_flags
from logtool.flags.wsgi_codes import default_rules
from logtool.passes.first import find_clocks, open_logs
from logtool.sources.opening import open_sources

from .apache import Apache
from .configuration import MODULES, App, Daemon
from .problems import CASES, Case, Faulty, at_request, happened
from .processes import patiently

pytestmark = pytest.mark.live


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


def run(folder: Path, case: Case, mod_wsgi: Path) -> list[Finding]:
    """Make the case's problem happen, and flag the log."""
    app = Faulty("/faulty", source=case.source)
    # Without it Apache's children start Python too; those of mod_wsgi 6.1.1 crash now and then
    # when they end, which would rightly be flagged.
    options = f"{case.options}\nWSGIRestrictEmbedded On".replace("{folder}", str(folder))
    daemon = Daemon("faulty", [app], 1, case.threads, options)
    with Apache(folder, daemons=[daemon], modules=["env"], mod_wsgi=mod_wsgi) as server:
        case.disturb(server)
        for number in range(case.requests):
            if "daemon-crashed" in case.expected:  # it has no name at first
                patiently(lambda: bool(server.daemon_pids("faulty")), "there is no daemon")
            before = server.daemon_pids("faulty")
            server.get(case.path)
            if "daemon-crashed" in case.expected:
                server.await_rebirth("faulty", before)
            if case.until:
                await_said(server, case.until, number + 1)
        if not case.requests:
            await_said(server, case.until, 1)
    log, _ = server.capture()
    return findings(log)


def await_said(server: Apache, text: str, times: int) -> None:
    """Wait until the log holds a text so often."""
    patiently(lambda: server.said(text.encode()) >= times, f"Apache never says {text!r}")


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(folder: Path, case: Case, mod_wsgi: Path) -> None:
    """The problem is flagged exactly as often as it happened, and nothing else."""
    found = run(folder, case, mod_wsgi)
    log = folder / "logs" / "error.log"
    assert counts(found) == happened(case.expected, log, counts(found))
    if not case.guilty:
        return
    script = folder / "apps" / "faulty.wsgi"
    lost = f'File "{script}", line' not in log.read_text()
    # mod_wsgi 6 loses the frames of most exceptions below Python 3.12.
    assert not lost or mod_wsgi != MODULES / "mod_wsgi.so"
    assert [one.file for one in found if one.file] == ([] if lost else [str(script)])
    for one in found:
        assert not one.line or case.guilty in script.read_text().split("\n")[one.line - 1]


def test_queue_timeout(folder: Path, mod_wsgi: Path) -> None:
    """A request that waits for the only thread is dropped."""
    asleep = at_request("print('asleep', file=sys.stderr, flush=True); time.sleep(9)")
    app = Faulty("/faulty", source=asleep)
    daemons = [Daemon("faulty", [app], 1, 1, "queue-timeout=1\nWSGIRestrictEmbedded On")]
    with Apache(folder, daemons=daemons, mod_wsgi=mod_wsgi) as server:
        first = threading.Thread(target=server.get, args=["/faulty"])
        first.start()
        await_said(server, "asleep", 1)
        server.get("/faulty")
        first.join()
    log, _ = server.capture()
    found = findings(log)
    assert counts(found) == happened({"queue-timeout": 1}, log, counts(found))


def test_max_request_workers(folder: Path) -> None:
    """More idle connections than workers."""
    with Apache(folder, mpm="prefork", daemons=[Daemon("faulty", [App("/x")])]) as server:
        held = [
            socket.create_connection(("127.0.0.1", server.configuration.port)) for _ in range(12)
        ]
        for connection in held:
            connection.sendall(b"G")  # Linux hands over a connection once there is data
        await_said(server, "AH00161", 1)
        for connection in held:
            connection.close()
    log, _ = server.capture()
    found = findings(log)
    assert counts(found) == happened({"max-request-workers": 1}, log, counts(found))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_noexec(folder: Path, mod_wsgi: Path) -> None:
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
        found = run(folder, case, mod_wsgi)
        assert counts(found) == happened(
            case.expected, folder / "logs" / "error.log", counts(found)
        )
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
    found = findings(log)
    assert counts(found) == happened({"extension-in-subinterpreter": 1}, log, counts(found))


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
        await_said(server, "AH00052", 1)
    log, _ = server.capture()
    found = findings(log)
    assert counts(found) == happened({"daemon-crashed": 1}, log, counts(found))


def test_socket_that_cannot_be_made(folder: Path, mod_wsgi: Path) -> None:
    """The folder of the daemons' sockets is gone when Apache restarts."""
    sockets = folder / "sockets"
    sockets.mkdir()
    options = f"\nWSGISocketPrefix {sockets}/wsgi\nWSGIRestrictEmbedded On"
    daemon = Daemon("faulty", [Faulty("/faulty", source=at_request("pass"))], options=options)
    with Apache(folder, daemons=[daemon], mod_wsgi=mod_wsgi) as server:
        for path in sockets.iterdir():
            path.unlink()
        sockets.rmdir()
        os.kill(server.pid, signal.SIGUSR1)
        await_said(server, "unix domain socket", 1)
    log, _ = server.capture()
    found = findings(log)
    assert counts(found) == happened({"daemon-socket-failed": 1}, log, counts(found))


def test_what_httpd_was_told_wrongly(folder: Path, mod_wsgi: Path) -> None:
    """Four requests meet a directive that is wrong; then the configuration itself is."""
    site, more = folder / "site", folder / "more.conf"
    site.mkdir()
    (site / ".htaccess").write_text("NoSuchDirective\n")
    more.write_text("")
    options = f"""
WSGIRestrictEmbedded On
WSGIScriptAlias /shut {site}/shut.wsgi process-group=faulty
Alias /site {site}
<Directory {site}>
  AllowOverride All
  <Files shut.wsgi>
    Require all denied
  </Files>
</Directory>
<Location /faulty>
  LimitRequestBody 10
</Location>
<Location /faulty/users>
  AuthType Basic
  AuthName users
  AuthBasicProvider file
  AuthUserFile {folder}/users
  Require valid-user
</Location>
Include {more}
"""
    app = Faulty("/faulty", source=at_request("environ['wsgi.input'].read()"))
    modules = ["authn_core", "authn_file", "auth_basic", "authz_user"]
    daemons = [Daemon("faulty", [app], options=options)]
    with Apache(folder, daemons=daemons, modules=modules, mod_wsgi=mod_wsgi) as server:
        assert server.get("/site/a.txt") == 500
        joe = {"Authorization": "Basic am9lOmpvZQ=="}
        assert server.get("/faulty/users", headers=joe) == 500
        plain = http.client.HTTPConnection("127.0.0.1", server.configuration.port)
        with contextlib.closing(plain):
            plain.request("POST", "/faulty", "more than ten")
            assert plain.getresponse().status == 413
        (site / ".htaccess").unlink()
        assert server.get("/shut") == 403
        more.write_text("NoSuchDirective\n")
        os.kill(server.pid, signal.SIGUSR1)
        await_said(server, "AH00526", 1)
    log, _ = server.capture()
    found = findings(log)
    told = ["htaccess-invalid", "password-file-missing", "request-body-too-large"]
    told += ["script-access-denied", "configuration-failed"]
    assert counts(found) == happened(dict.fromkeys(told, 1), log, counts(found))
