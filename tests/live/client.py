"""A browser on loopback."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from .processes import PATIENCE


class Client:
    """One browser: a connection to Apache that is kept alive between requests."""

    def __init__(self, port: int, *, tls: bool) -> None:
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", port, timeout=PATIENCE, context=context
            )
        else:
            self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> int:
        """Ask for a path; the HTTP status, or 0 when the connection broke."""
        try:
            self._connection.request("GET", path, headers=dict(headers or {}))
            answer = self._connection.getresponse()
            answer.read()
        except (http.client.HTTPException, OSError):
            self._connection.close()  # the next request opens another
            return 0
        return answer.status

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        self._connection.close()
