"""Rules that cannot apply to a provider are named with the reason, never passed over in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest


class Rules:
    """A list of rules: each method whose name begins with `test_` is one.

    A provider runs them in a subclass whose `harness` fixture stands for its side. `EXCEPTIONS` maps the name
    of a rule, without `test_`, to why it cannot apply.
    """

    EXCEPTIONS: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture(autouse=True)
    def rule_applies(self, request: pytest.FixtureRequest) -> None:
        """Skip a rule that cannot apply here, and say why."""
        name = request.node.originalname.removeprefix("test_")
        if name in self.EXCEPTIONS:
            pytest.skip(f"cannot apply: {self.EXCEPTIONS[name]}")

    def test_every_exception_names_a_rule_and_has_a_reason(self) -> None:
        """An exception for a rule that was renamed would hide nothing and say something untrue."""
        assert [name for name in self.EXCEPTIONS if not hasattr(self, f"test_{name}")] == []
        assert all(len(reason.split()) > 3 for reason in self.EXCEPTIONS.values())
