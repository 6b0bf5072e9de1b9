"""What a rule of the content standard says of a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """Where a rule is not met: the field, and what stands there."""

    field: str
    words: str = ""
