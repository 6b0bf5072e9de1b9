"""The files of an index: whether one is whole, and where the next one is built beside it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

# Where the file says how many pages it has, of which size: what was cut off is noticed before it is read.
_HEAD = 100


def is_whole(path: Path) -> bool:
    """Return whether a file is there with every page that it says it has."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        return False
    page = int.from_bytes(head[16:18], "big") or 1
    return len(head) == _HEAD and size >= int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page)


def new_beside(path: Path) -> Path:
    """Return where this thread of this process builds the next file."""
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")


def clear_leftovers(path: Path) -> None:
    """Remove what builds left behind that were killed: their process is no more, or is this thread."""
    for left in path.parent.glob(f"{path.name}.*-*.new"):
        process = left.name.removeprefix(f"{path.name}.").partition("-")[0]
        if left == new_beside(path) or not (process.isdecimal() and _is_alive(int(process))):
            left.unlink(missing_ok=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
