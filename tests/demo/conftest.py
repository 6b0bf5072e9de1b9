"""A stand-in desk whose questions are played against a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes import DATA


@pytest.fixture
def banking() -> Path:
    """Real questions to a bank, each with the article that answers it."""
    folder = DATA / "banking77"
    if not (folder / "dev" / "queries.jsonl").exists():
        pytest.skip(f"{folder} is not there: set KCS_TEST_DATA to a folder with the data sets")
    return folder
