"""Saying what the return is worked out with, and reading what was said as of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed
from kcs.metrics.reach import reach_of
from kcs.metrics.roi.models import Input, ReportInput
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.text import clean

SET = "report.input"
FIGURES = ("low", "likely", "high")
LARGEST = 1e12
LONGEST_SOURCE = 500
INPUTS_LOCK = 7408


@dataclass(frozen=True)
class Asked:
    """An input in words: what it is, where its figures usually come from, in what it is counted."""

    title: Sentence
    words: Sentence
    unit: Sentence


_MONEY = Sentence("money, in the organisation's currency")

INPUTS: Mapping[Input, Asked] = {
    Input.MINUTES_SAVED: Asked(
        Sentence("Minutes saved per known ticket"),
        Sentence(
            "How much sooner a ticket is solved whose answer was there before it: compare the two in the "
            "report on handling, or time a sample."
        ),
        Sentence("minutes"),
    ),
    Input.COST_PER_MINUTE: Asked(
        Sentence("Cost of a minute of work"),
        Sentence("What a minute of an agent's work costs, everything included. Finance knows."),
        _MONEY,
    ),
    Input.COST_PER_TICKET: Asked(
        Sentence("Cost of a ticket"),
        Sentence("What a ticket costs that customers would have sent had they not helped themselves."),
        _MONEY,
    ),
    Input.PROGRAMME_COST: Asked(
        Sentence("Cost of the programme a month"),
        Sentence("What knowledge costs a month: coaching, training, licences, the time of whoever runs it."),
        _MONEY,
    ),
}


@dataclass(frozen=True)
class Given:
    """What somebody says an input is: its range, and where it comes from."""

    low: float
    likely: float
    high: float
    source: str


def hold() -> None:
    """Let nobody else set an input until the end of the transaction."""
    database.advisory_lock(INPUTS_LOCK)


def set_inputs(given: Mapping[Input, Given], *, by: Agent) -> list[ReportInput]:
    """Say what some inputs are from now on, all or none; what they were before stays for reports as of then.

    Commits nothing. Raises NotAllowed for whoever does not see everybody's figures, InvalidInput naming each
    field, as `field_of` does, with what `faults` finds.
    """
    if not reach_of(by).everybody:
        raise NotAllowed("The inputs of the return are for managers and administrators to set.")
    wrong = {
        field_of(name, field): said
        for name, each in given.items()
        for field, said in faults(_figures(each), each.source).items()
    }
    if wrong:
        raise InvalidInput("Please check what you entered", errors=wrong)
    return [_set(name, each, by) for name, each in given.items()]


def field_of(name: Input, field: str) -> str:
    """Return by which name a field of an input goes among those of all inputs."""
    return f"{name.value}-{field}"


def faults(figures: Mapping[str, float], source: str) -> dict[str, list[Sentence]]:
    """Return what is wrong with an input, by field: figures out of bounds or out of order, no source.

    A figure that could not be read is left out of `figures`; the order is then not judged.
    """
    wrong: dict[str, list[Sentence]] = {}
    for field, figure in figures.items():
        if not 0 <= figure <= LARGEST:
            wrong[field] = [Sentence("Give a figure from 0 to %(most)s.", most=f"{LARGEST:.0f}")]
    if not wrong and len(figures) == len(FIGURES):
        low, likely, high = (figures[field] for field in FIGURES)
        if not low <= likely <= high:
            wrong["likely"] = [
                Sentence("The low figure is the smallest, the high one the greatest: put them in order.")
            ]
    if not cleaned(source):
        wrong["source"] = [Sentence("Say where the figures come from: others will ask.")]
    return wrong


def _set(name: Input, given: Given, by: Agent) -> ReportInput:
    # Recorded first: what holds the settling of reports back must be held before the moment is taken.
    logged = record(SET, authority="report_inputs", agent=by, detail={"name": name.value})
    row = ReportInput(
        name=name,
        **_figures(given),
        source=cleaned(given.source),
        set_by_id=by.id,
        recorded_at=logged.recorded_at,
    )
    db.session.add(row)
    return row


def _figures(given: Given) -> dict[str, float]:
    return {field: getattr(given, field) for field in FIGURES}


def cleaned(source: str) -> str:
    """Return what is kept of the words that say where figures come from."""
    return clean(source, limit=LONGEST_SOURCE).strip()


def inputs_as_of(moment: datetime) -> dict[Input, ReportInput]:
    """Return what each input was said to be last before a moment; none that nobody has set."""
    rows = db.session.execute(
        select(ReportInput).where(ReportInput.recorded_at < moment).order_by(ReportInput.id)
    ).scalars()
    return {row.name: row for row in rows}


def history() -> list[ReportInput]:
    """Return everything that was ever said, the latest first."""
    return list(db.session.execute(select(ReportInput).order_by(ReportInput.id.desc())).scalars())
