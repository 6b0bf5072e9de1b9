"""Links beside a report's form that show it for the periods people ask for most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from kcs.metrics.asking import organisation_zone
from kcs.metrics.model import Report
from kcs.metrics.periods import DEFAULT_DAYS, LAST_WEEKS, Window, usual
from kcs.metrics.schemas import NARROWING
from kcs.metrics.showing import days_of
from kcs.sentences import Sentence

# A moment that is kept would leave a later period empty.
KEPT = ("by", "compare", *(segment.value for segment in NARROWING))
WORDS = {
    "last_days": Sentence("Last %(number)s days", number=DEFAULT_DAYS),
    "last_weeks": Sentence("Last %(number)s weeks", number=LAST_WEEKS),
    "this_month": Sentence("This month"),
    "last_month": Sentence("Last month"),
    "this_quarter": Sentence("This quarter"),
    "last_quarter": Sentence("Last quarter"),
    "this_year": Sentence("This year"),
    "last_year": Sentence("Last year"),
}


@dataclass(frozen=True)
class Shortcut:
    """A period by its name, the address that shows it, and whether it is the one shown."""

    words: Sentence
    url: str
    shown: bool


def shortcuts_of(
    report: Report, form: Mapping[str, str], shown: Window | None, now: datetime
) -> list[Shortcut]:
    """Return the usual periods of a report asked with these values; at most one of them is the one shown."""
    same: dict[str, Any] = {name: value for name, value in form.items() if name in KEPT and value.strip()}
    windows = usual(now, organisation_zone())
    current = next((name for name, window in windows.items() if window == shown), None)
    return [
        Shortcut(
            WORDS[name],
            url_for("reports.show", name=report.name, **{**same, **days_of(window)}),
            shown=name == current,
        )
        for name, window in windows.items()
    ]
