"""Server: Apache's processes, born, loading applications, restarted and ended, in true time."""

from __future__ import annotations

from random import Random

from . import messages
from .processes import Act, Connection, Process, Request, Say, SetZone, Spill
from .spec import Group, Spec
from .zones import MS, SECOND

#: Threads of a child or daemon; Linux numbers them like processes.
_THREADS = 27


class Server:
    """One Apache and its processes; what they do goes into `acts`."""

    def __init__(self, rng: Random, spec: Spec) -> None:
        self.rng = rng
        self.spec = spec
        self.acts: list[Act] = []
        self.processes: list[Process] = []
        self.next_pid = rng.choice((300, 1200, 14_000, 98_000, 3_900_000)) + rng.randrange(200)
        self.first_pid = self.next_pid
        self.clients = 0
        self.connections = 0
        self.restarts = 0
        self.layout = spec.layouts[0]
        self.server_zone = spec.server_zone
        self.parent: Process
        self.children: list[Process] = []
        self.daemons: dict[str, list[Process]] = {}

    # Words

    def say(
        self,
        at_us: int,
        process: Process,
        level: str,
        module: str,
        text: str,
        *,
        thread: int = 0,
        connection: Connection | None = None,
        request: Request | None = None,
        source: str = "",
        status: str = "",
        inner: str = "",
        layout: str = "",
    ) -> None:
        """A process logs a message."""
        if request is not None:
            connection = request.connection
        self.acts.append(
            Say(
                at_us, process, level, module, text, thread, connection, request,
                source, status, inner, layout,
            )
        )  # fmt: skip

    def say_all(
        self,
        at_us: int,
        process: Process,
        texts: tuple[str, ...],
        *,
        about: Process,
        gap_us: int = 20 * MS,
        thread: int = 0,
    ) -> int:
        """A process logs mod_wsgi's messages about a process; the instant after the last."""
        for text in texts:
            words = text.format(p=about.pid, g=about.group)
            self.say(at_us, process, "info", "wsgi", words, thread=thread)
            at_us += self.rng.randint(30, gap_us)
        return at_us

    def remark(
        self,
        at_us: int,
        process: Process,
        request: Request | None,
        thread: int,
        text: str,
        layout: str = "",
    ) -> None:
        """An application prints a line."""
        inner = self.spec.inner if self.rng.random() < 0.3 else ""
        self.say(
            at_us, process, "error", "wsgi", text,
            thread=thread, request=request, inner=inner, layout=layout,
        )  # fmt: skip

    def _spill(self, at_us: int, process: Process, text: str, chance: float) -> None:
        if self.rng.random() < chance:
            self.acts.append(Spill(at_us, process, "raw", text))

    # Births and deaths

    def birth(self, at_us: int, role: str, group: str = "") -> Process:
        """A process forked by the parent: it begins in the server's zone."""
        process = Process(
            self._pid(at_us),
            role,
            self.server_zone,
            self.layout,
            at_us,
            group,
            threaded=self.spec.threaded,
            handle=(0x7F << 40 | self.rng.getrandbits(40)) & ~0xFF,
        )
        self.processes.append(process)
        return process

    def _pid(self, at_us: int) -> int:
        if self.spec.pid_reuse and self.rng.random() < 0.8:
            living = {p.pid for p in self.processes if p.died_us + SECOND >= at_us}
            dead = [p.pid for p in self.processes if p.pid not in living]
            if dead:
                return self.rng.choice(dead)
        self.next_pid += 1 if self.spec.container else self.rng.randint(1, 9)
        pid = self.next_pid
        self.next_pid += _THREADS
        return pid

    def birth_child(self, at_us: int) -> None:
        """A new child, which starts Python where applications run inside it."""
        child = self.birth(at_us, "child")
        self.children.append(child)
        if self.spec.embedded:
            words = messages.EMBEDDED_BIRTH[self.spec.mod_wsgi]
            child.ready_us = self.say_all(at_us + MS, child, words, about=child)

    def birth_daemon(self, at_us: int, group: Group) -> None:
        """A new daemon of a group: its first lines bear the server's clock."""
        daemon = self.birth(at_us, "daemon", group.name)
        self.daemons.setdefault(group.name, []).append(daemon)
        words = messages.BIRTH[self.spec.mod_wsgi]
        at_us = daemon.ready_us = self.say_all(at_us + 2 * MS, daemon, words, about=daemon)
        if group.preload:
            for app in range(len(group.zones)):
                at_us = self.load(at_us, daemon, group.zones, app, None, thread=0)

    def load(
        self,
        at_us: int,
        process: Process,
        zones: tuple[str, ...],
        app: int,
        request: Request | None,
        thread: int,
        *,
        lazy: bool = False,
    ) -> int:
        """A process loads an application, which sets TZ while it loads; when it is done.

        One that is lazy sets it later.
        """
        version = self.spec.mod_wsgi
        name = f"app{app}"
        words = {
            "p": process.pid,
            "g": process.group,
            "s": process.group or name,
            "a": f"www.example.com|/{name}" if app else "",
            "into": f"sub-interpreter 'www.example.com|/{name}'" if app else "main interpreter",
            "place": f"in daemon process '{process.group}'"
            if process.group
            else "in embedded mode",
            "where": f"of daemon process '{process.group}'"
            if process.group
            else "in embedded mode",
        }
        if app:
            text = messages.CREATE[version].format(**words)
            self.say(at_us, process, "info", "wsgi", text, thread=thread)
            at_us += self.rng.randint(5, 40) * MS
        text = messages.LOAD[version].format(**words)
        addressed = request if version == 4 else None
        self.say(at_us, process, "info", "wsgi", text, thread=thread, request=addressed)
        at_us += self._load_time()
        if self.rng.random() < 0.15:
            self.remark(at_us, process, request, thread, "loading settings")
            at_us += self.rng.randint(1, 900) * MS
        if zones[app] and not lazy:
            self.acts.append(SetZone(at_us, process, zones[app]))
        process.apps.add(app)
        process.ready_us = at_us + self._load_time()
        return process.ready_us

    def _load_time(self) -> int:
        return int(self.rng.choice((3, 40, 400, 1500)) * MS * (0.5 + self.rng.random()))

    def stop_daemon(self, at_us: int, daemon: Process) -> None:
        """A daemon shuts down; its last words are in its application's zone."""
        words = messages.STOP[self.spec.mod_wsgi]
        self._end(daemon, self.say_all(at_us, daemon, words, about=daemon, gap_us=3 * MS))

    def _end(self, process: Process, at_us: int) -> None:
        process.died_us = min(process.died_us, at_us)

    # The server

    def start(self, at_us: int) -> None:
        """Apache is started: the launching process checks the configuration, then detaches."""
        launcher = self.birth(at_us, "parent")
        self.say(at_us, launcher, "warn", "ssl", messages.CERTIFICATE)
        self._end(launcher, at_us + 20 * MS)
        self.parent = self.birth(at_us + 60 * MS, "parent")
        self.configure(at_us + 80 * MS)

    def configure(self, at_us: int) -> None:
        """The parent has read its configuration and forks daemons and children."""
        mpm = "mpm_event" if self.spec.threaded else "mpm_prefork"
        self.parent.layout = self.layout
        self.say(at_us, self.parent, "warn", "ssl", messages.CERTIFICATE)
        ready_us = at_us + self.rng.randint(5, 60) * MS
        for group in self.spec.groups:
            for _ in range(group.processes):
                self.birth_daemon(at_us + self.rng.randint(1, 70) * MS, group)
        text = messages.CONFIGURED[self.spec.threaded]
        self.say(ready_us, self.parent, "notice", mpm, text)
        self.say(ready_us + 90, self.parent, "notice", "core", messages.COMMAND_LINE)
        for _ in range(self.spec.children):
            self.birth_child(ready_us + self.rng.randint(1, 30) * MS)

    def run_already(self, at_us: int) -> None:
        """Everything was started long before the log begins, and most applications are loaded."""
        before_us = at_us - 3600 * SECOND
        self.parent = self.birth(before_us, "parent")
        for _ in range(self.spec.children):
            child = self.birth(before_us, "child")
            self.children.append(child)
            self._settle(child, self.spec.embedded)
        for group in self.spec.groups:
            for _ in range(group.processes):
                daemon = self.birth(before_us, "daemon", group.name)
                self.daemons.setdefault(group.name, []).append(daemon)
                self._settle(daemon, group.zones)

    def _settle(self, process: Process, zones: tuple[str, ...]) -> None:
        """Applications that were loaded before the log began."""
        for app, zone in enumerate(zones):
            if self.rng.random() < 0.8:
                process.apps.add(app)
                process.zone = zone or process.zone

    def restart(self, at_us: int, kind: str) -> None:
        """The parent ends its children and daemons, and starts new ones under the next layout."""
        mpm = "mpm_event" if self.spec.threaded else "mpm_prefork"
        self.say(at_us, self.parent, "notice", mpm, messages.SIGNALS[kind, self.spec.threaded])
        ended_us = self._end_all(at_us + MS, gracefully=kind == "graceful")
        self.restarts += 1
        self.layout = self.spec.layouts[min(self.restarts, len(self.spec.layouts) - 1)]
        if kind != "stop":
            self._spill(ended_us, self.parent, messages.STARTUP_WORDS, chance=0.5)
            self.configure(ended_us + 30 * MS)
            return
        self._end(self.parent, ended_us)
        self.server_zone = self.spec.moved_zone or self.server_zone
        if self.spec.container:
            self.next_pid = self.first_pid
        self.start(ended_us + self.rng.randint(1, 300) * SECOND)

    def _end_all(self, at_us: int, *, gracefully: bool) -> int:
        """Daemons stop at once, children at once or when their connections are done."""
        last_us = at_us
        linger = self.spec.linger_us // SECOND
        words = messages.ENDED[self.spec.mod_wsgi]
        for daemons in self.daemons.values():
            for daemon in daemons:
                if not daemon.alive(at_us):
                    self._end(daemon, at_us)
                    continue
                self.stop_daemon(at_us + self.rng.randint(1, 40) * MS, daemon)
                last_us = max(last_us, daemon.died_us)
                self.say_all(at_us + 9 * MS, self.parent, words, about=daemon, gap_us=MS)
            daemons.clear()
        for child in self.children:
            wait_us = self.rng.randint(1, linger) * SECOND if gracefully else MS
            self._end(child, at_us + wait_us)
        self.children.clear()
        return last_us + self.rng.randint(1, 400) * MS

    def renew_child(self, at_us: int) -> None:
        """A child ends, sometimes by a crash that the parent tells, and another is born."""
        alive = [c for c in self.children if c.alive(at_us)]
        if not alive:
            return
        child = self.rng.choice(alive)
        self.children.remove(child)
        self._end(child, at_us)
        if self.rng.random() < 0.4:
            text = messages.SEGFAULT.format(p=child.pid)
            self.say(at_us + MS, self.parent, "notice", "core", text)
        self.birth_child(at_us + self.rng.randint(10, 900) * MS)
