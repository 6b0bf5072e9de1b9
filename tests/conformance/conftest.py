"""The rules that cannot apply to a provider are left out for it; its list of them is checked."""

from __future__ import annotations

import pytest

from tests.conformance.exceptions import applies


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the exceptions of each provider."""
    left_out = [item for item in items if not applies(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if applies(item)]
