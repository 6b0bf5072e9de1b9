"""Rules that cannot apply to a provider are named with the reason, never passed over in silence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest


def applies(item: pytest.Item) -> bool:
    """Return whether a rule can apply to the provider it would be run for."""
    provider = getattr(item, "cls", None)
    name = getattr(item, "originalname", item.name).removeprefix("test_")
    return provider is None or not issubclass(provider, Rules) or name not in provider.EXCEPTIONS


class Rules:
    """A list of rules: each method whose name begins with `test_` is one.

    A provider runs them in a subclass whose `harness` fixture stands for its side. `EXCEPTIONS` maps the name
    of a rule, without `test_`, to why it cannot apply: it is left out there.
    """

    EXCEPTIONS: ClassVar[Mapping[str, str]] = {}

    def test_every_exception_names_a_rule_and_has_a_reason(self) -> None:
        """An exception for a rule that was renamed would hide nothing and say something untrue."""
        assert [name for name in self.EXCEPTIONS if not hasattr(self, f"test_{name}")] == []
        assert all(len(reason.split()) > 3 for reason in self.EXCEPTIONS.values())
