"""World: takes a spec, gives the script of who does what when, in true time."""

from __future__ import annotations

from . import messages
from .processes import Act, Connection, Finish, Process, Request, Say, SetZone, Spill
from .rhythms import arrivals
from .server import Server
from .spec import Group
from .zones import MINUTE, MS, SECOND

#: The part of the log after which late groups speak too.
_LATE = 0.95


class World(Server):
    """An Apache and its clients; `script` runs it once through the spec's span."""

    def connect(self, at_us: int) -> None:
        """A client connects, asks one to three times, and leaves."""
        alive = [c for c in self.children if c.alive(at_us)]
        if not alive:
            return
        rng = self.rng
        child = rng.choice(alive)
        self.connections += 1
        connection = Connection(
            child, rng.randint(1, 25) if self.spec.threaded else 0, self.connections, self._client()
        )
        tls = rng.random() < self.spec.tls
        at_us = max(at_us, child.ready_us)
        if tls:
            self._say_tls(at_us, connection, messages.ESTABLISHED)
            at_us += rng.randint(800, 60_000)
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            at_us = self.ask(at_us, connection)
            at_us += rng.randint(1, 4000) * MS
        if tls and rng.random() < 0.8:
            at_us += rng.choice((2 * MS, 5 * SECOND))
            if rng.random() < 0.1:
                status = "(70007)The timeout specified has expired"
                self._say_tls(at_us - 90, connection, messages.SSL_READ, status)
            self._say_tls(at_us, connection, messages.CLOSED)

    def _say_tls(self, at_us: int, connection: Connection, text: str, status: str = "") -> None:
        words = text.format(n=connection.number)
        child, thread = connection.child, connection.thread
        self.say(
            at_us, child, "info", "ssl", words, thread=thread, connection=connection, status=status
        )

    def _client(self) -> str:
        host = self.rng.choice(("203.0.113.{}", "198.51.100.{}", "2001:db8::{:x}", "10.0.0.{}"))
        return f"{host.format(self.rng.randint(1, 254))}:{self.rng.randint(1024, 65535)}"

    def ask(self, at_us: int, connection: Connection) -> int:
        """One request; when it is answered."""
        rng, spec = self.rng, self.spec
        request = Request(
            connection, at_us, rng.choice(messages.PATHS), rng.choice(messages.REFERERS)
        )
        if spec.level == "debug" and rng.random() < 0.6:
            self.say(
                at_us + 150, connection.child, "debug", "authz_core", messages.AUTHORIZED,
                thread=connection.thread, request=request, source="mod_authz_core.c(815)",
            )  # fmt: skip
        group = self._group(at_us)
        if rng.random() < spec.plain or not (group or spec.embedded):
            at_us = self._serve_plain(at_us + rng.randint(80, 900), request)
        elif spec.embedded and (not group or rng.random() < 0.5):
            app = Group("", spec.embedded, flips=spec.embedded_flips)
            at_us = self.serve(at_us, connection.child, app, request)
        elif group:
            at_us = self._hand_over(at_us + rng.randint(200, 3000), request, group)
        at_us += rng.randint(30, 2000)
        self.acts.append(Finish(at_us, connection.child, request, 200, rng.randint(0, 90_000)))
        return at_us

    def _group(self, at_us: int) -> Group | None:
        late = at_us > self.spec.start_us + _LATE * self.spec.span_us
        groups = [g for g in self.spec.groups if late or not g.late]
        return self.rng.choice(groups) if groups else None

    def _serve_plain(self, at_us: int, request: Request) -> int:
        level, module, status, text = self.rng.choice(messages.PLAIN)
        connection = request.connection
        self.say(
            at_us, connection.child, level, module, text.format(path=request.path),
            thread=connection.thread, request=request, status=status,
        )  # fmt: skip
        return at_us

    def _hand_over(self, at_us: int, request: Request, group: Group) -> int:
        """A child proxies a request to a daemon, and now and then waits in vain."""
        alive = [d for d in self.daemons.get(group.name, ()) if d.alive(at_us)]
        if not alive:
            return self._serve_plain(at_us, request)
        daemon = self.rng.choice(alive)
        at_us = self.serve(at_us, daemon, group, request)
        daemon.served += 1
        if group.maximum_requests and daemon.served >= group.maximum_requests:
            self._retire(at_us, daemon, group)
        elif self.rng.random() < 0.02:
            at_us += MINUTE
            text = messages.TIMEOUT[self.spec.mod_wsgi].format(g=group.name)
            child = request.connection.child
            thread = request.connection.thread
            self.say(at_us, child, "error", "wsgi", text, thread=thread, request=request)
        return at_us

    def _retire(self, at_us: int, daemon: Process, group: Group) -> None:
        text = messages.RETIRE[self.spec.mod_wsgi].format(p=daemon.pid, g=group.name)
        self.say(at_us + 40, daemon, "info", "wsgi", text)
        self.stop_daemon(at_us + MS, daemon)
        ended_us = daemon.died_us + self.rng.randint(1, 900) * MS
        words = messages.DIED[self.spec.mod_wsgi]
        born_us = self.say_all(ended_us, self.parent, words, about=daemon, gap_us=MS)
        self.birth_daemon(born_us, group)

    def serve(self, at_us: int, process: Process, group: Group, request: Request) -> int:
        """An application answers a request in a process; when it is done."""
        rng, zones, layout = self.rng, group.zones, group.layout
        thread = rng.randint(1, 5) if process.role == "daemon" else request.connection.thread
        app = rng.randrange(len(zones))
        at_us = max(at_us, process.ready_us) + rng.randint(100, 3000)
        if app not in process.apps:
            lazy = group.lazy > 0
            at_us = self.load(at_us, process, zones, app, request, thread, lazy=lazy)
        elif zones[app] and (group.flips or process.served + 1 == group.lazy):
            self.acts.append(SetZone(at_us, process, zones[app]))
            at_us += rng.randint(20, 2500)
        if self.spec.slow and rng.random() < self.spec.slow:
            self.remark(at_us, process, request, thread, "begins to export", layout)
            at_us += rng.randrange(self.spec.linger_us)
        if rng.random() < 0.15:
            return self._traceback(at_us, process, request, thread, layout)
        for _ in range(rng.choice((0, 1, 1, 2, 4))):
            text = rng.choice(messages.REMARKS).format(path=request.path)
            self.remark(at_us, process, request, thread, text, layout)
            at_us += rng.choice((200, 5000, 300 * MS)) + rng.randint(0, 900)
        return at_us

    def _traceback(
        self, at_us: int, process: Process, request: Request, thread: int, layout: str
    ) -> int:
        for text in messages.TRACEBACK:
            words = text.format(path=request.path)
            self.say(
                at_us, process, "error", "wsgi", words,
                thread=thread, request=request, layout=layout,
            )  # fmt: skip
            at_us += self.rng.choice((8, 40, 900)) + self.rng.randint(0, 30)
        return at_us

    def _spill_somewhere(self) -> None:
        """Raw standard error after some messages."""
        spec, rng = self.spec, self.rng
        shares = {"raw": spec.spills, "glued": spec.glued, "forged": spec.forged}
        for said in [act for act in self.acts if isinstance(act, Say)]:
            for kind, share in shares.items():
                if share and rng.random() < share:
                    at_us = said.at_us + rng.randint(1, 400)
                    self.acts.append(Spill(at_us, said.process, kind, rng.choice(messages.RAW)))

    def _restarts(self) -> list[int]:
        """When Apache is restarted."""
        rng, spec = self.rng, self.spec
        if not spec.every_us:
            return sorted(spec.start_us + int(spec.span_us * rng.random()) for _ in spec.restarts)
        first_us = (spec.start_us // spec.every_us + 1) * spec.every_us
        late_us = [rng.randint(200, 3000) * MS for _ in spec.restarts]
        return [first_us + nth * spec.every_us + late for nth, late in enumerate(late_us)]

    def script(self) -> list[Act]:
        """Everything that happens, in order of time."""
        spec, rng = self.spec, self.rng
        moments: list[tuple[int, str]] = [(t, "connect") for t in arrivals(rng, spec)]
        restarts = self._restarts()
        moments += zip(restarts, spec.restarts, strict=True)
        moments += [
            (spec.start_us + int(spec.span_us * rng.random()), "renew")
            for _ in range(spec.turnover)
        ]
        if spec.fresh:
            self.start(spec.start_us + rng.randrange(SECOND))
        else:
            self.run_already(spec.start_us)
        for at_us, what in sorted(moments):
            if what == "connect":
                self.connect(at_us)
            elif what == "renew":
                self.renew_child(at_us)
            else:
                self.restart(at_us, what)
        self._spill_somewhere()
        self.acts.sort(key=lambda act: act.at_us)
        return self.acts
