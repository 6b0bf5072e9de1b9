"""How well and how fast articles are found, against SQLite's FTS5 and bm25s in the same run."""

from __future__ import annotations

import os

# One thread is what a suggestion may take; said here, before anything brings numpy in.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
