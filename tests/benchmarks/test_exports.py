"""What the benchmark of files says of memory is true: a peak of whoever started it hides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.exports import apart, fill
from kcs.metrics.files.sheets import FileKind

ROWS = 1_000
pytestmark = pytest.mark.long


def test_memory_is_that_of_the_writing_and_of_nothing_else(tmp_path: Path) -> None:
    fill(tmp_path, ROWS)
    peak = len(b"x" * (300 * 2**20))
    found = {kind: apart(tmp_path, kind, ROWS) for kind in FileKind}
    assert {each["rows"] for each in found.values()} == {ROWS}
    for each in found.values():
        assert each["bytes"] > 0
        assert 0 < each["memory"] < peak / 1024 / 4
