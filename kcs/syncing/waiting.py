"""Going on with a pass while its desk is busy, and waiting for the inbox: what the commands have time for."""

from __future__ import annotations

import time
from collections.abc import Callable

from kcs import worklist
from kcs.errors import RemoteError
from kcs.syncing.services import keep_problem

TRIES = 8
LONGEST_WAIT = 300.0
LOOK_EVERY = 1.0
STANDS_STILL_AFTER = 60.0


def patiently(
    step: Callable[[], bool],
    run_id: int,
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Do one step, trying again while the desk is busy or away, as long as it asks. Raises RemoteError."""
    for attempt in range(1, TRIES + 1):
        try:
            return step()
        except RemoteError as error:
            keep_problem(run_id, error)
            if error.permanent or attempt == TRIES:
                raise
            pause = min(LONGEST_WAIT, worklist.gap(attempt, error.retry_after))
            tell(f"{error.message} Going on in {pause:.0f} s.")
            sleep(pause)
    raise AssertionError("the last try returns or raises")


def until_worked_on(
    left: Callable[[], int],
    counted: Callable[[int], None],
    tell: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until nothing is left, counting what was done; say so when nothing moves."""
    before, still = left(), 0.0
    while before:
        sleep(LOOK_EVERY)
        now = left()
        counted(max(0, before - now))
        still = 0.0 if now != before else still + LOOK_EVERY
        if still == STANDS_STILL_AFTER:
            tell("Nothing moves. Is 'kcs serve' or 'kcs worker' running? See also 'kcs inbox list'.")
        before = now
