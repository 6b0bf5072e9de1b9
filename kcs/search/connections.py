"""Open connections to the index file, used again: opening one costs more than many a search."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

PATIENCE = 15.0
# As many as ask at the same time are kept; each holds a few megabytes of the file.
_KEPT = 16
_CACHE = "PRAGMA cache_size = -4000"

# Which file, opened by which process: a fork must not use what its parent opened.
_Identity = tuple[int, int, int]


class _Connection(sqlite3.Connection):
    """A connection that knows which file it was opened on."""

    file: _Identity | None = None


class Connections:
    """Connections to whatever file is at `path` now; those to a file that was replaced are closed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._free: list[_Connection] = []

    def take(self) -> sqlite3.Connection:
        """Return a connection to the present file, outside a transaction; a missing file is made."""
        file = self._present()
        with self._lock:
            while self._free:
                connection = self._free.pop()
                if connection.file == file:
                    return connection
                connection.close()
        opened = sqlite3.connect(
            self._path, PATIENCE, isolation_level=None, check_same_thread=False, factory=_Connection
        )
        opened.execute(_CACHE)
        opened.file = self._present()
        return opened

    def give(self, connection: sqlite3.Connection) -> None:
        """Take a connection back and end its transaction; close it when its file was replaced."""
        connection.rollback()
        with self._lock:
            fit = isinstance(connection, _Connection) and connection.file == self._present()
            if fit and len(self._free) < _KEPT:
                self._free.append(connection)  # type: ignore[arg-type]
                return
        connection.close()

    def _present(self) -> _Identity | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return os.getpid(), found.st_dev, found.st_ino
