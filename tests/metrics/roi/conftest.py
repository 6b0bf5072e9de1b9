"""People, and the log written by hand."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.metrics import golden


@pytest.fixture
def people(app: Flask) -> None:
    """Add them."""
    golden.people()
    golden.tickets()
    golden.write(golden.rows())
