"""Preparing batches of articles for a build, in processes beside the one that builds where that is quicker.

A process beside is a new interpreter that gets texts and gives back numbers: it opens no database, inherits
no connection and no lock, so it may be started from any thread. Whatever becomes of it, the build goes on: a
batch that comes back from nowhere is prepared here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue

import structlog

from kcs.collecting import keep_what_is_loaded
from kcs.search.engine.preparing import Prepared, Preparer
from kcs.search.entries import Document, entry_of

# More would wait for the one that writes.
MOST = 4
# Starting a process takes as long as preparing about as many articles.
_WORTH_IT = 3

Batch = list[Document]
Views = dict[str, Prepared]

log = structlog.get_logger()


def processors() -> int:
    """Return how many processors this process may use."""
    # Not every system tells which are this process's own.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepared(batches: Iterable[Batch], processes: int) -> Generator[tuple[Views, int]]:
    """Yield the batches prepared, in their order, each with its number of documents.

    With fewer than two `processes`, or where there are few batches, everything is done here. No more batches
    are in memory than two for each process.
    """
    waiting = iter(batches)
    first = list(islice(waiting, _WORTH_IT))
    if processes < 2 or len(first) < _WORTH_IT:
        preparer = Preparer()
        for batch in chain(first, waiting):
            yield _prepared(batch, preparer), len(batch)
        return
    with _Beside(min(processes, MOST)) as beside:
        yield from beside.prepared(chain(first, waiting))


def serve(number: int) -> None:
    """Prepare what comes through the pipe with this file number until it is closed."""
    # Whoever interrupts the command interrupts this process too: it ends with the pipe, without a word.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = Connection(number)
    keep_what_is_loaded()
    preparer = Preparer()
    while True:
        try:
            batch: Batch = pipe.recv()
        except EOFError:
            return
        pipe.send(_prepared(batch, preparer))


class _Beside:
    """Processes beside this one; those that are at leisure are in a queue."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._started: list[tuple[subprocess.Popen[bytes], Connection]] = []
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="search-preparer")

    def __enter__(self) -> _Beside:
        for _ in range(self._number):
            process, pipe = _started()
            self._started.append((process, pipe))
            self._free.put(pipe)
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for process, pipe in self._started:
            pipe.close()
            process.wait()

    def prepared(self, batches: Iterable[Batch]) -> Iterator[tuple[Views, int]]:
        asked: deque[tuple[Future[Views], int]] = deque()
        for batch in batches:
            asked.append((self._threads.submit(self._ask, batch), len(batch)))
            if len(asked) >= 2 * self._number:
                answer, size = asked.popleft()
                yield answer.result(), size
        for answer, size in asked:
            yield answer.result(), size

    def _ask(self, batch: Batch) -> Views:
        pipe = self._free.get()
        try:
            pipe.send(batch)
            answer: Views = pipe.recv()
        except (EOFError, OSError) as error:
            log.warning("search_preparer_lost", problem=str(error) or type(error).__name__)
            return _prepared(batch, Preparer())
        finally:
            self._free.put(pipe)
        return answer


def _started() -> tuple[subprocess.Popen[bytes], Connection]:
    ours, theirs = Pipe()
    # As `multiprocessing` does it, but for the command's own module, which a process beside has no use for.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    call = f"from {__name__} import serve; serve({theirs.fileno()})"
    with theirs:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            [sys.executable, "-P", "-c", call],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
        )
    return process, ours


def _prepared(batch: Batch, preparer: Preparer) -> Views:
    return preparer.prepare(map(entry_of, batch))
