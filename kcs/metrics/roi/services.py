"""Saying what the return is worked out with, and reading what was said as of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed
from kcs.metrics.reach import reach_of
from kcs.metrics.roi.models import Input, ReportInput
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean

SET = "report.input"
LARGEST = 1e12
LONGEST_SOURCE = 500


@dataclass(frozen=True)
class Asked:
    """An input in words: what it is, in what it is counted, where its figures usually come from."""

    title: Sentence
    words: Sentence


INPUTS: Mapping[Input, Asked] = {
    Input.MINUTES_SAVED: Asked(
        Sentence("Minutes saved per known ticket"),
        Sentence(
            "How much sooner a ticket is solved whose answer was there before it: compare the two in the "
            "report on handling, or time a sample."
        ),
    ),
    Input.COST_PER_MINUTE: Asked(
        Sentence("Cost of a minute of work"),
        Sentence("What a minute of an agent's work costs, everything included. Finance knows."),
    ),
    Input.COST_PER_TICKET: Asked(
        Sentence("Cost of a ticket"),
        Sentence("What a ticket costs that customers would have sent had they not helped themselves."),
    ),
    Input.PROGRAMME_COST: Asked(
        Sentence("Cost of the programme a month"),
        Sentence("What knowledge costs a month: coaching, training, licences, the time of whoever runs it."),
    ),
}


def set_input(name: Input, *, low: float, likely: float, high: float, source: str, by: Agent) -> ReportInput:
    """Say what an input is from now on; what it was before stays for reports as of then.

    Commits nothing. Raises NotAllowed for whoever does not see everybody's figures, InvalidInput naming the
    field when the three are not in order, below nought, or nothing says where they come from.
    """
    if not reach_of(by).everybody:
        raise NotAllowed("The inputs of the return are for managers and administrators to set.")
    words = clean(source, limit=LONGEST_SOURCE).strip()
    if not words:
        raise _wrong("source", Sentence("Say where the figures come from: others will ask."))
    for field, figure in (("low", low), ("likely", likely), ("high", high)):
        if not 0 <= figure <= LARGEST:
            raise _wrong(field, Sentence("Give a figure from 0 to %(most)s.", most=f"{LARGEST:.0f}"))
    if not low <= likely <= high:
        raise _wrong(
            "likely",
            Sentence("The low figure is the smallest, the high one the greatest: put them in order."),
        )
    # Recorded first: what holds the settling of reports back must be held before the moment is taken.
    logged = record(SET, authority="report_inputs", agent=by, detail={"name": name.value})
    row = ReportInput(
        name=name,
        low=low,
        likely=likely,
        high=high,
        source=words,
        set_by_id=by.id,
        recorded_at=logged.recorded_at,
    )
    db.session.add(row)
    return row


def inputs_as_of(moment: datetime) -> dict[Input, ReportInput]:
    """Return what each input was said to be last before a moment; none that nobody has set."""
    rows = db.session.execute(
        select(ReportInput).where(ReportInput.recorded_at < moment).order_by(ReportInput.id)
    ).scalars()
    return {row.name: row for row in rows}


def history() -> list[ReportInput]:
    """Return everything that was ever said, the latest first."""
    return list(db.session.execute(select(ReportInput).order_by(ReportInput.id.desc())).scalars())


def _wrong(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, errors={field: [message]})
