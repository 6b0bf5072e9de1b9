"""The garbage collector, told what it need not look at."""

from __future__ import annotations

import gc


def keep_what_is_loaded() -> None:
    """Leave what a process has loaded out of every later round of the collector.

    For processes that live long or do the same many times, once they are ready: hundreds of thousands of
    objects of libraries would be looked at again and again, and none of them ever goes.
    """
    gc.collect()
    gc.freeze()
