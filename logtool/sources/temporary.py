"""Temporary: takes bytes that are read once but needed again, keeps them where TMPDIR says."""

from __future__ import annotations

import os

from logtool.errors import ReadError, WriteError


class TemporaryBytes:
    """A file without a name in the folder for temporary files.

    Attributes:
        fd: its descriptor.
    """

    def __init__(self, what: str) -> None:
        """Make it.

        Args:
            what: whose bytes they are, for people.

        Raises:
            WriteError: there is no place for it.
        """
        import tempfile  # seldom needed, and slow to import

        self._what = what
        try:
            self._file = tempfile.TemporaryFile(prefix="errlog-", buffering=0)  # noqa: SIM115 - see close
        except OSError as fault:
            raise self._unkept(fault) from fault
        self.fd = self._file.fileno()

    def write_at(self, data: memoryview, place: int) -> None:
        """Put all of the data there.

        Raises:
            WriteError: disk full and the like.
        """
        rest = data.cast("B")
        try:
            while rest:
                written = os.pwrite(self.fd, rest, place)
                rest, place = rest[written:], place + written
        except OSError as fault:
            raise self._unkept(fault) from fault

    def read_at(self, view: memoryview, place: int) -> int:
        """Fill `view` from there on; gives how many bytes came, 0 at the end.

        Raises:
            ReadError: a faulty disk.
        """
        try:
            return os.preadv(self.fd, [view], place)
        except OSError as fault:
            kept = f"what is kept in {self._where()} cannot be read"
            raise ReadError(f"{self._what}: {kept}: {fault.strerror}") from fault

    def _unkept(self, fault: OSError) -> WriteError:
        where = self._where()
        kept = f"cannot be kept in {where}" if where else "cannot be kept"
        return WriteError(
            f"{self._what}: {kept}: {fault.strerror}; name a folder with more room in TMPDIR"
        )

    @staticmethod
    def _where() -> str:
        from tempfile import gettempdir

        try:
            return gettempdir()
        except OSError:  # there is none
            return ""

    def close(self) -> None:
        """Drop it."""
        self._file.close()
