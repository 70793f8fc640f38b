"""Known problems of Apache and mod_wsgi, and how to make each happen on loopback."""

from __future__ import annotations

import re
import resource
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .apache import Apache
from .configuration import App

ANSWER = """
def answer(start_response, text=b"ok"):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]

"""


#: The line in which Apache's parent tells of a process that crashed.
CRASH = r"(?m)^\[[^]\n]*\] \[core:notice\] \[pid [^]\n]*\] AH0005[12]: child pid (\d+) exit signal"
#: That in which mod_wsgi does, who also calls an exit code a signal; of 9 httpd says nothing.
_ENDED = (
    r"(?m)^\[[^]\n]*\] \[wsgi:info\] \[pid [^]\n]*\] (?:mod_wsgi \(pid=(\d+)\): )?"
    r"Process '[^'\n]*' (?:\(pid=(\d+)\) )?terminated by signal (\d+)"
)
#: What a daemon says each time that it starts in vain, until the server is stopped.
_IN_VAIN = {"python-home-invalid": "Unable to stat Python home"}
#: And who says it.
_AT_START = r"\[pid (\d+)[^]\n]*\] [^\n]*Unable to stat Python home"


@dataclass(frozen=True)
class Faulty(App):
    """An application whose script is given in full."""

    source: str = ""

    def script(self, folder: Path) -> str:
        """The source, after a function `answer` that it may use."""
        return ANSWER + self.source


@dataclass(frozen=True)
class Case:
    """A problem, how it is made, and what must be flagged.

    Args:
        name: Of the case.
        source: The WSGI script.
        expected: How often each rule must be flagged.
        options: Of WSGIDaemonProcess; further directives on lines of their own. `{folder}` is the
            server's.
        requests: How many are made, one after the other.
        guilty: A piece of the line of the script that must be blamed.
        threads: Of the daemon.
        path: What is asked for.
        until: What the log must say before the server is stopped, once for each request, or for all
            that is made without one.
        disturb: What is done to the running server before the first request.
    """

    name: str
    source: str
    expected: Mapping[str, int]
    options: str = ""
    requests: int = 2
    guilty: str = ""
    threads: int = 2
    path: str = "/faulty"
    until: str = ""
    disturb: Callable[[Apache], None] = lambda server: None


def happened(asked: Mapping[str, int], log: Path, found: Mapping[str, int]) -> dict[str, int]:
    """How often each rule must be flagged: what was asked for, and what crashed beyond that.

    A process crashes unasked in about one of four hundred servers that are stopped, with any
    mod_wsgi, whether it tears Python down or not; of mod_wsgi 6.1.1 more often. The log's own words
    tell how many did, and how often a daemon that cannot start was started again.
    """
    told = log.read_text()
    asked = {
        rule: max(count, told.count(_IN_VAIN[rule])) if rule in _IN_VAIN else count
        for rule, count in asked.items()
    }
    ended = {old or new: number for old, new, number in re.findall(_ENDED, told)}
    crashed = {*re.findall(CRASH, told), *(pid for pid, number in ended.items() if number == "9")}
    # Who cannot start says why, and that is told instead.
    in_vain = {*re.findall(_AT_START, told)}
    crashes, exits = len(crashed), len({*ended} - crashed - in_vain)
    unasked = crashes - asked.get("daemon-crashed", 0)
    assert unasked >= 0
    assert exits >= asked.get("daemon-exited", 0)
    expected = {**asked, "daemon-crashed": crashes, "daemon-exited": exits}
    if unasked and found.get("heap-corrupted", 0) <= crashes:  # glibc may have said why
        expected["heap-corrupted"] = found.get("heap-corrupted", 0)
    return {rule: count for rule, count in expected.items() if count}


def at_request(body: str) -> str:
    """A script that does this in each request."""
    lines = "".join(f"    {line}\n" for line in body.strip().split("\n"))
    return (
        "import os, sys, time\n\n"
        f"def application(environ, start_response):\n{lines}"
        "    return answer(start_response)\n"
    )


def with_one_process(body: str) -> str:
    """Python that does something while its user may start no process and no thread more."""
    return (
        "import resource\n"
        "limits = resource.getrlimit(resource.RLIMIT_NPROC)\n"
        "resource.setrlimit(resource.RLIMIT_NPROC, (1, limits[1]))\n"
        f"try: {body}\n"
        "finally: resource.setrlimit(resource.RLIMIT_NPROC, limits)"
    )


def close_socket_folder(server: Apache) -> None:
    """Take Apache's children the right to enter the folder of the daemon's socket."""
    (server.folder / "run").chmod(0o700)


def close_folder(server: Apache) -> None:
    """Take everybody else the right to enter the server's folder."""
    server.folder.chmod(0o700)


def lose_socket(server: Apache) -> None:
    """Remove the daemon's socket, as an eager tidying job does."""
    for path in (server.folder / "run").glob("wsgi.*.sock"):
        path.unlink()


def lose_script(server: Apache) -> None:
    """Remove the script file."""
    (server.folder / "apps" / "faulty.wsgi").unlink()


def leave_stale_bytecode(server: Apache) -> None:
    """Put a compiled module of another Python beside the script."""
    (server.folder / "apps" / "stale.pyc").write_bytes(bytes([0, 1, 13, 10]) + bytes(16))


def speak_plainly(server: Apache) -> None:
    """Send plain HTTP to the TLS port."""
    with socket.create_connection(("127.0.0.1", server.configuration.tls_port)) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        plain.recv(100)


def leave_early(server: Apache) -> None:
    """Begin to send a request's body, and go away."""
    with socket.create_connection(("127.0.0.1", server.configuration.port)) as plain:
        plain.sendall(b"POST /faulty HTTP/1.0\r\nContent-Length: 100000\r\n\r\nx")


def limit_memory(server: Apache) -> None:
    """Give Apache a hard limit below that of the daemons, and let it start them anew."""
    resource.prlimit(server.pid, resource.RLIMIT_DATA, (2 << 30, 2 << 30))
    server.graceful()


#: Write to Apache past mod_wsgi, as C code with a descriptor of its own does.
WRITE_BY_HAND = """
import socket, stat
for name in os.listdir("/proc/self/fd"):
    try: status = os.fstat(int(name))
    except OSError: continue
    if not stat.S_ISSOCK(status.st_mode): continue
    with socket.socket(fileno=os.dup(int(name))) as one:
        listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if one.family == socket.AF_UNIX and not listens: one.send(b"hello\\n\\n")
""".strip()
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
    Case("closed-folder", at_request("pass"), {"file-access-denied": 2}, disturb=close_folder),
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
        "exit", at_request("os._exit(7)"), {"daemon-exited": 1, "response-truncated": 1},
        requests=1, until="terminated by signal 7",
    ),
    Case(
        "heap",
        at_request(
            "import ctypes\n"
            "block = ctypes.create_string_buffer(256)\n"
            "ctypes.CDLL(None).free(ctypes.c_void_p(ctypes.addressof(block) + 24))"
        ),
        {"heap-corrupted": 1, "daemon-crashed": 1, "response-truncated": 1}, requests=1,
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
        # A daemon that is stopped while a request sleeps may crash.
        "daemon-timeout",
        at_request("time.sleep(3); print('awake', file=sys.stderr, flush=True)"),
        {"daemon-timeout": 1}, "socket-timeout=1", requests=1, until="awake",
    ),
    Case("load", "import nix_da\n", {"script-load-failed": 2}, guilty="import nix_da"),
    Case("syntax", "def a b\n", {"script-load-failed": 2}),
    Case("no-application", "app = None\n", {"script-load-failed": 2}),
    Case("memory", at_request("bytearray(1 << 60)"), {"memory-exhausted": 2}),
    Case(
        "processes",
        at_request(with_one_process("os.fork()")),
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
    Case(
        "deadlock", at_request("import ctypes\nctypes.PyDLL(None).sleep(20)"),
        {"deadlock": 1, "response-truncated": 1},
        "deadlock-timeout=4 shutdown-timeout=1", requests=1, threads=1,
    ),
    Case(
        "startup-timeout", "raise ValueError('not today')\n",
        {"script-load-failed": 1, "startup-timeout": 1},
        "startup-timeout=1 shutdown-timeout=1", requests=1,
        until="Application startup timer expired",
    ),
    Case(
        "cpu-limit",
        at_request("end = time.process_time() + 1.5\nwhile time.process_time() < end: pass"),
        {"cpu-limit-reached": 1}, "cpu-time-limit=1", requests=1,
        until="Exceeded CPU time limit",
    ),
    Case(
        "stale-bytecode",
        "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport stale\n",
        {"python-version-mismatch": 2}, disturb=leave_stale_bytecode,
    ),
    Case(
        "memory-limit", at_request("bytearray(1 << 30)"), {"memory-exhausted": 2},
        "virtual-memory-limit=900000000",
    ),
    Case(
        "threads",
        at_request(
            "import threading\n" + with_one_process("threading.Thread(target=print).start()")
        ),
        {"thread-limit": 2}, guilty="threading.Thread(",
    ),
    Case(
        "expired",
        at_request(
            "import threading\n"
            "errors = environ['wsgi.errors']\n"
            "threading.Timer(1, lambda: errors.write('late')).start()"
        ),
        {"log-object-expired": 2}, until="RuntimeError: ",
    ),
    Case(
        "no-such-group", at_request("pass"), {"daemon-group-unknown": 2},
        "\nSetEnv GROUP ghosts"
        "\nWSGIScriptAlias /nowhere {folder}/apps/faulty.wsgi process-group=%{ENV:GROUP}",
        path="/nowhere",
    ),
    Case(
        "no-embedded-mode", at_request("pass"), {"embedded-mode-disabled": 2},
        "\nWSGIScriptAlias /inside {folder}/apps/faulty.wsgi", path="/inside",
    ),
    Case("bad-header", at_request(WRITE_BY_HAND), {"bad-response-header": 2}),
    Case(
        "bad-header-name", at_request("start_response('200 OK', [('X Bad', 'a')])"),
        {"bad-response-header": 2}, guilty="start_response(",
    ),
    Case(
        "bad-header-value", at_request("start_response('200 OK', [('X', 'a\\nb')])"),
        {"bad-response-header": 2}, guilty="start_response(",
    ),
    Case("not-started", at_request("return [b'x']"), {"malformed-response": 2}),
    Case(
        "texts", at_request("start_response('200 OK', [])\nreturn ['x']"),
        {"malformed-response": 2},
    ),
    Case(
        "client-gone", at_request("environ['wsgi.input'].read()"), {"client-gone": 1},
        requests=0, until="data read error", disturb=leave_early,
    ),
    Case(  # what a name server or a discovery service does without SO_BROADCAST
        "network",
        at_request(
            "import socket\n"
            "socket.socket(type=socket.SOCK_DGRAM).connect(('127.255.255.255', 9))"
        ),
        {"network-access-denied": 2}, guilty="connect(",
    ),
    Case(
        "identity", at_request("pass"), {"daemon-identity-failed": 1}, "home={folder}/nowhere",
        requests=0, until="Unable to change working directory",
    ),
    Case(
        "python-home", at_request("pass"), {"python-home-invalid": 1},
        "python-home={folder}/nowhere", requests=0, until="filesystem encoding",
    ),
    Case(
        "limit-refused", at_request("pass"), {"memory-limit-refused": 1},
        "memory-limit=4000000000", requests=0, until="memory limit of", disturb=limit_memory,
    ),
    Case("plain-http", at_request("pass"), {"tls-handshake-failed": 1}, disturb=speak_plainly),
]  # fmt: skip
