"""The return on what knowledge costs: worked out of measured counts and of inputs that people put in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kcs import database
from kcs.config import Settings
from kcs.metrics.counting import Counted
from kcs.metrics.hints import Hint
from kcs.metrics.model import (
    Count,
    ItemPage,
    Kind,
    Metric,
    Number,
    Reader,
    Report,
    Row,
    Scope,
    Segment,
    Shape,
    Unit,
)
from kcs.metrics.reports import known, self_service
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import INPUTS, inputs_as_of
from kcs.metrics.roi.working_out import SAVING, SAVING_DEFLECTED, SAVING_KNOWN, figures
from kcs.metrics.stated import Stated
from kcs.sentences import Sentence

Figures = Mapping[str, Number | None]

KNOWN, DEFLECTED = "known", "deflected"
SAVED_KNOWN, SAVED_DEFLECTED, SAVED, COST = "saved_known", "saved_deflected", "saved", "cost"
RETURNS = ("roi_low", "roi", "roi_high")
INPUTS_PATH = "/reports/roi/inputs"
_SOURCE = Sentence("this project's definition: a return on investment as anywhere, of measured counts")

_WORKED_OUT = Hint(
    "worked_out", Sentence("The return is worked out with figures that people put in."), INPUTS_PATH
)
_OF_DEFLECTION = (DEFLECTED, SAVED_DEFLECTED, SAVED, *RETURNS)
_PART = {
    **dict.fromkeys(SAVING_KNOWN, SAVED_KNOWN),
    **dict.fromkeys(SAVING_DEFLECTED, SAVED_DEFLECTED),
}
_COST_OF_NOUGHT = Sentence("There is no return on a cost of nought: the low cost of the programme is nought.")


@dataclass(frozen=True)
class Returns:
    """Works the return out of what two other reports count, and of the inputs as of the same moment."""

    known: Counted
    self_service: Reader

    def rows(self, scope: Scope, by: Segment) -> list[Row]:
        """Return the figures of each period of the window."""
        inputs = inputs_as_of(scope.as_of)
        helped = self.self_service.rows(scope, by)
        return [
            replace(
                row,
                figures=figures(row.figures.get(KNOWN), beside.figures.get(DEFLECTED), inputs, row.window),
            )
            for row, beside in zip(self.known.rows(scope, by), helped, strict=True)
        ]

    def total(self, scope: Scope) -> Figures:
        """Return the figures of the whole window."""
        solved, helped = self.known.total(scope), self.self_service.total(scope)
        inputs = inputs_as_of(scope.as_of)
        return figures(solved.get(KNOWN), helped.get(DEFLECTED), inputs, scope.window)

    def items(self, scope: Scope, count: str, *, limit: int, offset: int) -> ItemPage:
        """Return the known tickets, as the report they come from lists them."""
        return self.known.items(scope, count, limit=limit, offset=offset)

    def every(self, scope: Scope, count: str, *, block: int) -> Iterator[ItemPage]:
        """Yield all known tickets in pages, of one statement."""
        yield from self.known.every(scope, count, block=block)

    def hints(self, scope: Scope, figures: Figures, settings: Settings) -> tuple[Hint, ...]:
        """Return why what is missing is missing, and the way to the inputs."""
        there, now = inputs_as_of(scope.as_of), inputs_as_of(database.now())
        missing = [_unset(name, later=name in now) for name in Input if name not in there]
        if hint := self_service.not_estimated(figures, settings):
            missing.append(replace(hint, figures=_OF_DEFLECTION))
        if free := _free(there.get(Input.PROGRAMME_COST)):
            missing.append(Hint("cost_of_nought", _COST_OF_NOUGHT, INPUTS_PATH, free))
        leads = any(hint.url for hint in missing)
        return tuple(missing) if leads else (*missing, _WORKED_OUT)

    def stated(self, scope: Scope) -> tuple[Stated, ...]:
        """Return the inputs as of the scope's moment, in the order they are asked for."""
        there = inputs_as_of(scope.as_of)
        return tuple(_stated(there[name]) for name in Input if name in there)


def _stated(row: ReportInput) -> Stated:
    asked = INPUTS[row.name]
    return Stated(
        name=row.name.value,
        title=asked.title,
        low=row.low,
        likely=row.likely,
        high=row.high,
        unit=asked.unit,
        source=row.source,
        stated_by=row.set_by.name,
        since=row.recorded_at,
    )


def _unset(name: Input, *, later: bool) -> Hint:
    """Say which figures an input that was not set leaves out."""
    title = INPUTS[name].title
    figures = (_PART[name], SAVED, *RETURNS) if name in SAVING else (COST, *RETURNS)
    if later:
        words = Sentence("%(input)s was set only after the moment this report is as of.", input=title)
        return Hint(f"{name.value}_set_later", words, INPUTS_PATH, figures)
    if name in SAVING:
        words = Sentence(
            "Without %(input)s there is no figure of all that was saved, nor a return: a manager sets it, "
            "with where it comes from.",
            input=title,
        )
    else:
        words = Sentence(
            "Without %(input)s there is neither a cost nor a return: a manager sets it, with where it comes "
            "from.",
            input=title,
        )
    return Hint(f"{name.value}_not_set", words, INPUTS_PATH, figures)


def _free(programme: ReportInput | None) -> tuple[str, ...]:
    """Return the returns that are on a cost of nought: the least return has the high cost."""
    if programme is None:
        return ()
    costs = zip(RETURNS, (programme.high, programme.likely, programme.low), strict=True)
    return tuple(name for name, cost in costs if not cost)


def _metric(name: str, title: Sentence, unit: Unit, formula: Sentence, symbols: str) -> Metric:
    return Metric(name, title, Kind.OUTCOME, unit, formula, symbols, _SOURCE)


_COUNTS = (
    Count(
        KNOWN,
        Sentence("Known"),
        Sentence("solved tickets linked to an article that was there before the ticket was opened"),
    ),
    Count(
        DEFLECTED,
        Sentence("Deflected, estimated"),
        Sentence("tickets that were not opened, as the report on self-service estimates them"),
        items=None,
    ),
)
_RETURN = Sentence(
    "(known tickets × minutes saved × cost of a minute + deflected × cost of a ticket − programme cost) "
    "÷ programme cost"
)

REPORT = Report(
    name="roi",
    title=Sentence("Return on investment"),
    words=Sentence(
        "What knowledge saved for what it cost, as a range, of measured counts and stated inputs."
    ),
    counts=_COUNTS,
    metrics=(
        _metric(
            SAVED_KNOWN,
            Sentence("Saved on known tickets"),
            Unit.MONEY,
            Sentence("known tickets × minutes saved × cost of a minute"),
            "K × M × C",
        ),
        _metric(
            SAVED_DEFLECTED,
            Sentence("Saved by deflection"),
            Unit.MONEY,
            Sentence("deflected × cost of a ticket"),
            "D × T",
        ),
        _metric(
            SAVED,
            Sentence("Saved"),
            Unit.MONEY,
            Sentence("known tickets × minutes saved × cost of a minute + deflected × cost of a ticket"),
            "S = K × M × C + D × T",
        ),
        _metric(
            COST,
            Sentence("Cost"),
            Unit.MONEY,
            Sentence("programme cost of a month × months of the period, parts of a month by their share"),
            "P = p × months",
        ),
        _metric(
            "roi_low",
            Sentence("Return, low"),
            Unit.RATIO,
            Sentence("the return with the low inputs and the high programme cost: the least it may be"),
            "(S − P) ÷ P, low",
        ),
        _metric("roi", Sentence("Return, likely"), Unit.RATIO, _RETURN, "(S − P) ÷ P"),
        _metric(
            "roi_high",
            Sentence("Return, high"),
            Unit.RATIO,
            Sentence("the return with the high inputs and the low programme cost: the greatest it may be"),
            "(S − P) ÷ P, high",
        ),
    ),
    segments=(Segment.MONTH, Segment.QUARTER, Segment.WEEK),
    reader=Returns(known.READER, self_service.REPORT.reader),
    shape=Shape.TREND,
    drawn=RETURNS,
    notes=(
        Sentence("0 is break-even, 1 is twice what was spent, −1 is nothing saved."),
        Sentence(
            "A figure is left out while an input it needs is not set, or deflection cannot be estimated: "
            "nothing is made up. What was saved on known tickets needs no deflection."
        ),
        self_service.NO_SUM,
        Sentence(
            "Inputs hold from the moment they are set: a report as of an earlier moment uses those of then."
        ),
        Sentence("Show the range, not the likely figure alone: the inputs are estimates."),
    ),
    everybody_only=True,
)
