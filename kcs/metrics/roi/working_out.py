"""The return on what knowledge costs, with its range. Pure: counts and inputs in, figures out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod
from zoneinfo import ZoneInfo

from kcs.metrics.model import Number, Segment
from kcs.metrics.periods import GRAINS, Period, Window, day_of, moment, periods
from kcs.metrics.roi.models import Input, ReportInput

# What has to be known for a figure of what was saved: on known tickets, and by those that were not sent.
SAVING_KNOWN = (Input.MINUTES_SAVED, Input.COST_PER_MINUTE)
SAVING_DEFLECTED = (Input.COST_PER_TICKET,)
SAVING = (*SAVING_KNOWN, *SAVING_DEFLECTED)


@dataclass(frozen=True)
class Estimate:
    """One reading of the inputs: the low one is the least return there may be, the high one the greatest."""

    minutes_saved: float
    cost_per_minute: float
    cost_per_ticket: float
    programme_cost: float | None

    def benefit(self, known: int, deflected: int) -> float:
        """Return what was saved: known tickets that took less work, and tickets that were not sent."""
        return known * self.minutes_saved * self.cost_per_minute + deflected * self.cost_per_ticket

    def returned(self, known: int, deflected: int, months: float) -> float | None:
        """Return what was saved beyond the cost ÷ the cost; None without a cost, and for one of nothing."""
        cost = (self.programme_cost or 0) * months
        return (self.benefit(known, deflected) - cost) / cost if cost else None


def figures(
    known: Number | None, deflected: Number | None, inputs: Mapping[Input, ReportInput], window: Window
) -> dict[str, Number | None]:
    """Return the counts and what is worked out of them; what a figure is made of lacking, none."""
    months = months_in(window)
    saved_known = _likely(known, inputs, SAVING_KNOWN)
    saved_deflected = _likely(deflected, inputs, SAVING_DEFLECTED)
    found: dict[str, Number | None] = {
        "known": known,
        "deflected": deflected,
        "saved_known": saved_known,
        "saved_deflected": saved_deflected,
        "cost": _likely(months, inputs, (Input.PROGRAMME_COST,)),
        **dict.fromkeys(("saved", "roi_low", "roi", "roi_high")),
    }
    if known is None or deflected is None or saved_known is None or saved_deflected is None:
        return found
    low, likely, high = estimates(inputs)
    counts = int(known), int(deflected)
    return {
        **found,
        "saved": saved_known + saved_deflected,
        "roi_low": low.returned(*counts, months),
        "roi": likely.returned(*counts, months),
        "roi_high": high.returned(*counts, months),
    }


def _likely(
    number: Number | None, inputs: Mapping[Input, ReportInput], names: tuple[Input, ...]
) -> float | None:
    """Return so many times the likely figures of some inputs; None where one of them is not there."""
    if number is None or any(name not in inputs for name in names):
        return None
    return prod((float(number), *(inputs[name].likely for name in names)))


def estimates(inputs: Mapping[Input, ReportInput]) -> tuple[Estimate, Estimate, Estimate]:
    """Return the least, the likely and the greatest: the least saves least and costs most.

    The inputs of SAVING must be there; without the programme's cost the estimates have none.
    """
    programme = inputs.get(Input.PROGRAMME_COST)

    def made(saving: str, costing: str) -> Estimate:
        return Estimate(
            minutes_saved=getattr(inputs[Input.MINUTES_SAVED], saving),
            cost_per_minute=getattr(inputs[Input.COST_PER_MINUTE], saving),
            cost_per_ticket=getattr(inputs[Input.COST_PER_TICKET], saving),
            programme_cost=getattr(programme, costing) if programme else None,
        )

    return made("low", "high"), made("likely", "likely"), made("high", "low")


def months_in(window: Window) -> float:
    """Return how many months a window has, a part of one by its share of that month."""
    months = periods(replace(window, cuts=()), Segment.MONTH)
    return sum(_share_of_month(period, window.zone) for period in months)


def _share_of_month(period: Period, zone: ZoneInfo) -> float:
    month = GRAINS[Segment.MONTH]
    first = month.first(day_of(period.start, zone))
    begins, ends = moment(first, zone), moment(month.next(first), zone)
    return (period.end - period.start) / (ends - begins)
