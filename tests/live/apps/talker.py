"""A WSGI application that talks into the error log in every way an application can."""

from __future__ import annotations

import logging
import os
import select
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger("talker")


def set_zone(zone: str) -> None:
    """Put this process, and with it every stamp that httpd writes in it, into a zone."""
    os.environ["TZ"] = zone
    time.tzset()


class Talker:
    """The application: one path for each way to speak.

    Args:
        zone: The zone to put the process in; none leaves Apache's.
        at_request: Before which request to do it: 0 while loading, 1 before the first.
        always: Do it again before every later request, as applications that fight over TZ do.
        stamps: Whether messages of `logging` begin with a local time of their own.
    """

    def __init__(
        self,
        zone: str | None = None,
        *,
        at_request: int = 0,
        always: bool = False,
        stamps: bool = False,
    ) -> None:
        self.zone, self.at_request, self.always = zone, at_request, always
        self.requests = 0
        said = "%(asctime)s %(levelname)s %(message)s" if stamps else "%(levelname)s %(message)s"
        logging.basicConfig(level=logging.INFO, format=said, stream=sys.stderr, force=True)
        if zone and at_request == 0:
            set_zone(zone)
            log.info("loaded in zone %s", zone)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, after saying something."""
        self.requests += 1
        due = self.requests == self.at_request or (self.always and self.requests > self.at_request)
        if self.zone and due:
            set_zone(self.zone)
        way = str(environ["PATH_INFO"]).rsplit("/", 1)[-1]
        answer = WAYS.get(way, say_nothing)(environ) or "ok"
        body = answer.encode() + b"\n"
        start_response(
            "200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        )
        return [body]


def say_nothing(environ: WSGIEnvironment) -> None:
    """Most requests of most sites say nothing."""


def say_log(environ: WSGIEnvironment) -> None:
    """Say it with logging."""
    log.warning("cart %s is older than its session", environ.get("QUERY_STRING") or "7")


def say_print(environ: WSGIEnvironment) -> None:
    """Say it with print, which mod_wsgi logs as an error."""
    print("rendered", environ["PATH_INFO"])
    print("two lines\nin one call, and an empty one after it")


def say_stderr(environ: WSGIEnvironment) -> None:
    """Say it on sys.stderr."""
    sys.stderr.write("cache miss: front page\n")


def say_errors(environ: WSGIEnvironment) -> None:
    """Say it on wsgi.errors, the stream that carries the request."""
    cast("TextIO", environ["wsgi.errors"]).write("slow query: 1204 ms\n")


def say_unicode(environ: WSGIEnvironment) -> None:
    """Say what httpd has to escape."""
    print('Grüße aus "Ōsaka" \\ ☕ \x1b[31mred\x1b[0m')


def say_torn(environ: WSGIEnvironment) -> None:
    """Leave a line without its end."""
    sys.stderr.write("half a line")


def say_raw(environ: WSGIEnvironment) -> None:
    """Write to the log's file descriptor as a C library does: no stamp at all."""
    os.write(2, b"libdemo: warning: caf\xc3\xa9 profile \xff not found\n")


def say_raw_torn(environ: WSGIEnvironment) -> None:
    """Write there without a newline: the next line is glued to it."""
    os.write(2, b"libdemo: loading")


def say_warning(environ: WSGIEnvironment) -> None:
    """Say it with a warning, which names file and line."""
    warnings.warn(f"deprecated call at {time.time()}", stacklevel=1)


def say_stamp(environ: WSGIEnvironment) -> None:
    """Say a time in UTC inside the message."""
    log.info("token expires %s", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))


def fail(environ: WSGIEnvironment) -> None:
    """Raise: mod_wsgi logs the traceback line by line."""
    try:
        int("twelve")
    except ValueError as wrong:
        msg = "order 12 has no price"
        raise RuntimeError(msg) from wrong


def dawdle(environ: WSGIEnvironment) -> None:
    """Speak at the start and at the end of a slow request."""
    log.info("export started")
    select.select((), (), (), 0.3)  # libfaketime breaks time.sleep
    log.info("export done")


def abort(environ: WSGIEnvironment) -> None:
    """End the process as a crash in C would."""
    print("about to crash")
    os.abort()


WAYS: dict[str, Callable[[WSGIEnvironment], str | None]] = {
    "log": say_log,
    "print": say_print,
    "stderr": say_stderr,
    "errors": say_errors,
    "unicode": say_unicode,
    "torn": say_torn,
    "raw": say_raw,
    "raw-torn": say_raw_torn,
    "warning": say_warning,
    "stamp": say_stamp,
    "fail": fail,
    "slow": dawdle,
    "abort": abort,
}
