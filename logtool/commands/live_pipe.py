"""Live pipe: takes standard input as it flows, writes its lines in UTC before it ends.

Apache starts us so: `ErrorLog "|errlog normalize --follow --output-file FILE"`. At every restart
it starts a new logger, ends the old one with SIGTERM and waits for it, while old children still
write into the old pipe (httpd's server/log.c log_child, APR's free_proc_chain: three seconds, then
SIGKILL). So the process that Apache knows ends at once, and a child of it reads the old pipe until
the last writer has gone.
"""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace

from logtool.clocks.evidence.neighbours import find_neighbours
from logtool.commands.appending import LastingOutput, appended_output
from logtool.commands.choosing import chooser
from logtool.commands.default_clocks import default_clock
from logtool.commands.live_files import WINDOW
from logtool.commands.live_options import Task
from logtool.commands.output import Output, open_output
from logtool.commands.summary import clock_lines
from logtool.commands.waiting import PATIENCE_S, Waiting
from logtool.errors import ReadError, UsageError
from logtool.following.arrivals import ArrivalClocks
from logtool.following.coming import (
    Coming,
    LiveLog,
    coming_log,
    written_in_utc,
)
from logtool.following.merging import Merger
from logtool.following.pacing import TICK, Paced
from logtool.following.parts import whole_lines
from logtool.following.solving import EngineApart
from logtool.following.streaming import StreamClocks
from logtool.following.tails import Arrived, now_us
from logtool.passes.logs import Log, StampedBlock
from logtool.people.terminal import say
from logtool.sources import compression
from logtool.sources.paths import STDIN_NAME
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import likely_layouts

_STDIN = 0
#: Bytes read at once, and bytes that the pipe may hold while we are busy.
_MOST, _ROOM = 1 << 20, 1 << 20
#: Seconds by which lines that a stream begins with count as come earlier than they were read.
_MOST_EARLY = 0.3
#: Seconds for which who outlives Apache's logger tries to tell what a full disk did not take; and
#: between two tries.
_LAST, _AGAIN = 3600.0, 1.0


class _Pipe:
    """Standard input, given in whole lines."""

    def __init__(self) -> None:
        if stat.S_ISREG(os.fstat(_STDIN).st_mode):
            raise UsageError("standard input is a file; name it instead")
        with suppress(OSError, AttributeError):  # Linux has it; an unprivileged limit may forbid it
            fcntl.fcntl(_STDIN, fcntl.F_SETPIPE_SZ, _ROOM)
        self._room = _ROOM
        with suppress(OSError, AttributeError):
            self._room = fcntl.fcntl(_STDIN, fcntl.F_GETPIPE_SZ)
        self._held = b""
        self._read = 0
        self.is_open = True

    def read(self) -> bytes:
        """Whole lines of what is there; waits if nothing is."""
        try:
            data = os.read(_STDIN, _MOST)
        except OSError as fault:
            raise ReadError(f"{STDIN_NAME}: {fault.strerror}") from fault
        if not self._read and (kind := compression.compression_of(data)):
            raise UsageError(f"{STDIN_NAME} is {kind.name} data; unpack it before it comes here")
        if not self._read and (foreign := compression.foreign_kind(data, lambda size: data[:size])):
            raise UsageError(f"{STDIN_NAME} is {foreign}")
        self._read += len(data)
        if not data:
            self.is_open = False
            rest, self._held = self._held, b""
            return rest
        text, self._held = whole_lines(self._held, data)
        return text

    def left(self, waiting: Waiting) -> Iterator[None]:
        """Each time that there is more to read of what is there now.

        That is no more than a pipe can hold: of a quick writer there is always more.
        """
        end = self._read + self._room
        while self.is_open and self._read < end and waiting.wait(0):
            yield


def follow_pipe(task: Task) -> int:
    """Write lines as they come through standard input; gives the exit status."""
    with appended_output(task.output_file) as output:
        lasting = LastingOutput(output)
        status = _Followed(task, lasting).run()
        lasting.tell_missing()
        return lasting.end() or status


def stream_pipe(task: Task) -> int:
    """Write lines soon after they came, by the best clocks known; gives the exit status."""
    with open_output(task.output_file, of_log=True) as output:
        return _Streamed(task, output).run()


class _Followed:
    """Standard input, dated by arrival."""

    def __init__(self, task: Task, output: LastingOutput) -> None:
        self._task, self._output = task, output
        self._to_stdout = task.output_file in (None, "-")
        self._pipe = _Pipe()
        layouts = tuple(task.read.layouts())
        clocks = ArrivalClocks(default_clock(task), self._tell)
        self._live = LiveLog(coming_log(0, Coming("-", STDIN_NAME), layouts), clocks, layouts)
        self._choose = chooser(task.selection)
        self._merger = Merger(WINDOW) if task.sort else None
        self._read_us = now_us()

    def _tell(self, note: str) -> None:
        with suppress(OSError):  # standard error may be on a full disk, too
            self._task.read.tell(note)

    def run(self) -> int:
        """Read until the pipe closes or a signal comes."""
        with Waiting(input_fd=_STDIN, to_stdout=self._to_stdout) as waiting:
            self._copy(waiting)
            if waiting.signal == signal.SIGTERM and self._pipe.is_open:
                self._leave_to_child(waiting)
                self._copy(waiting)
                self._end(waiting)
                self._tell_missing(waiting)
            else:
                self._end(waiting)
                if waiting.signal in (None, signal.SIGTERM):
                    self._outlive(waiting)
            return waiting.exit_status

    def _leave_to_child(self, waiting: Waiting) -> None:
        """End, but go on in a child, which alone comes back from here.

        Who waits until its output and errors are closed waits no longer, unless it writes there.
        """
        if os.fork():
            os._exit(self._output.end())
        waiting.go_on()
        needed = {_STDIN} if self._pipe.is_open else set()
        needed |= {1, 2} if self._to_stdout else set()
        nobody = os.open(os.devnull, os.O_RDWR)
        for fd in {0, 1, 2} - needed:
            os.dup2(nobody, fd)
        os.close(nobody)

    def _end(self, waiting: Waiting) -> None:
        """Write what is still in the pipe, and what was held back."""
        for _ in self._pipe.left(waiting):
            self._take()
        if self._merger is not None:
            self._output.write(self._merger.all().data)

    def _outlive(self, waiting: Waiting) -> None:
        """End, but leave a child that tells what is missing, if anything is and can be told later.

        Apache closes the pipe before it asks its logger to end where no old child holds it open.
        """
        if self._output.tell_missing() or not self._output.may_have_room_later:
            return
        self._leave_to_child(waiting)
        self._tell_missing(waiting)

    def _tell_missing(self, waiting: Waiting) -> None:
        """Write what is missing once the disk takes it, or until a signal: nobody waits for us."""
        end = time.monotonic() + _LAST
        while not self._output.tell_missing():
            if waiting.signal is not None or time.monotonic() > end:
                return
            time.sleep(_AGAIN)

    def _copy(self, waiting: Waiting) -> None:
        """Write what comes, until the pipe closes or a signal comes."""
        while self._pipe.is_open and waiting.signal is None:
            if not waiting.wait(0):
                ready = waiting.wait(PATIENCE_S if self._merger is None else WINDOW / 4)
                self._read_us = now_us()  # whatever is there has come just now
                if not ready:
                    self._write_ripe()
                    continue
            self._take()
            self._write_ripe()

    def _take(self) -> None:
        since_us, text = self._read_us, self._pipe.read()
        self._read_us = now_us()
        if not text:
            return
        arrived = Arrived(text, since_us, self._read_us)
        for stamped in self._live.stamped(arrived):
            written, _ = written_in_utc(stamped, self._task.style, self._choose)
            if self._merger is None:
                self._output.write(written.text.data)
            else:
                self._merger.add(0, written.text, written.utc_us, time.monotonic())

    def _write_ripe(self) -> None:
        if self._merger is not None:
            self._output.write(self._merger.ripe(time.monotonic()).data)


class _Streamed:
    """Standard input, dated by what has come so far."""

    def __init__(self, task: Task, output: Output) -> None:
        self._task, self._output = task, output
        self._pipe = _Pipe()
        read = task.read
        options = read.clock_options()
        beside = find_neighbours(
            [],
            access_logs=read.access_log,
            audit_logs=read.audit_log,
            search=False,
            access_formats=options.access_formats,
        )
        self._clocks = StreamClocks(STDIN_NAME, options, beside, read.tell)
        self._engine = EngineApart()
        self._paced = Paced(self._clocks, self._engine, self._stamped, read.tell)
        self._choose = chooser(task.selection)
        self._log: Log | None = None

    def run(self) -> int:
        """Read until the pipe closes or a signal comes."""
        self._task.read.tell(
            "--stream: lines are written before all have come, by the best clock known then: "
            "likely at most, if they do not write it themselves"
        )
        to_stdout = self._task.output_file in (None, "-")
        with Waiting(input_fd=_STDIN, to_stdout=to_stdout) as waiting:
            # What is there already may have waited since we were started.
            early = min(time.process_time(), _MOST_EARLY) if waiting.wait(0) else 0.0
            while self._pipe.is_open and waiting.signal is None:
                self._step(waiting, early)
                early = 0.0
            for _ in self._pipe.left(waiting):
                self._take(time.monotonic())
            self._write(self._paced.rest())
            self._engine.end()
            for line in () if self._task.read.quiet else self._summary():
                say(line)
            return waiting.exit_status

    def _step(self, waiting: Waiting, early: float) -> None:
        wait_s = self._paced.wait_s(time.monotonic())
        if self._paced.is_full:
            time.sleep(TICK)
        elif waiting.wait(PATIENCE_S if wait_s is None else wait_s):
            self._take(time.monotonic() - early)
        self._write(self._paced.due(time.monotonic()))

    def _take(self, now: float) -> None:
        if text := self._pipe.read():
            self._paced.came(text, now)

    def _stamped(self, block: Block) -> StampedBlock:
        if self._log is None:
            layouts = self._task.read.layouts()
            log = coming_log(0, Coming("-", STDIN_NAME))
            decoder = Decoder((*layouts, *likely_layouts([block])))
            self._log = replace(log, decoder=decoder)
        return StampedBlock(self._log, block, self._log.decoder.stamps(block))

    def _write(self, told: Iterable[StampedBlock]) -> None:
        for stamped in told:
            written, _ = written_in_utc(stamped, self._task.style, self._choose)
            self._output.write(written.text.data)

    def _summary(self) -> Iterator[str]:
        return clock_lines(self._clocks.summary(), [STDIN_NAME], verbose=self._task.read.verbose)
