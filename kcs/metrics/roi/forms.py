"""The form of all inputs: filled from what is held, read back with what was changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from babel import Locale

from kcs.errors import InvalidInput
from kcs.metrics.roi import numbers
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import FIGURES, INPUTS, Given, cleaned, faults, field_of
from kcs.sentences import Sentence, listed

SOURCE = "source"
# Which row an input was filled from: what somebody else sets meanwhile is then neither undone nor hidden.
SHOWN = "shown"
FIELDS = (*FIGURES, SOURCE, SHOWN)
_EMPTY: Mapping[str, str] = dict.fromkeys(FIELDS, "")

LABELS: Mapping[str, Sentence] = {
    "low": Sentence("Low"),
    "likely": Sentence("Likely"),
    "high": Sentence("High"),
    SOURCE: Sentence("Where it comes from"),
}

Typed = Mapping[str, str]


@dataclass(frozen=True)
class Read:
    """What a form says: which inputs were changed in it, what to, and by field what is wrong with them."""

    changed: set[Input] = field(default_factory=set)
    given: dict[Input, Given] = field(default_factory=dict)
    wrong: dict[str, list[Sentence]] = field(default_factory=dict)

    @property
    def summary(self) -> dict[str, list[Sentence]]:
        """What is wrong, each naming its input and field: read away from them."""
        titles = {name.value: asked.title for name, asked in INPUTS.items()} | {
            field_of(name, each): Sentence("%(input)s, %(field)s", input=asked.title, field=label)
            for name, asked in INPUTS.items()
            for each, label in LABELS.items()
        }
        return {name: [listed(": ", (titles[name], *texts))] for name, texts in self.wrong.items()}


def filled(held: ReportInput | None, locale: Locale) -> dict[str, str]:
    """Return the fields of an input as they stand before anybody types."""
    if held is None:
        return dict(_EMPTY)
    figures = {figure: numbers.written(getattr(held, figure), locale) for figure in FIGURES}
    return {**figures, SOURCE: held.source, SHOWN: str(held.id)}


def typed_in(form: Mapping[str, str]) -> dict[Input, dict[str, str]]:
    """Return what was sent, by input; none of an input of which nothing was."""
    sent = {
        name: {each: form[field_of(name, each)] for each in FIELDS if field_of(name, each) in form}
        for name in Input
    }
    return {name: fields for name, fields in sent.items() if fields}


def filled_again(
    found: Read, typed: Mapping[Input, Typed], held: Mapping[Input, ReportInput], locale: Locale
) -> dict[Input, dict[str, str]]:
    """Return the fields of all inputs: what was changed as it was typed, the others as they stand now."""
    now = {name: filled(held.get(name), locale) for name in Input}
    return {
        name: {**_EMPTY, **typed[name], SHOWN: now[name][SHOWN]} if name in found.changed else now[name]
        for name in Input
    }


def read(
    typed: Mapping[Input, Typed],
    said: Mapping[str, ReportInput],
    held: Mapping[Input, ReportInput],
    locale: Locale,
) -> Read:
    """Return the inputs that say something else than what they were filled from.

    `said` is everything that was ever said, by its id as forms have it, `held` what holds now. An input that
    was changed here and, meanwhile, by somebody else is wrong until it is sent again with that in sight; one
    that does not say what it was filled from was filled from what holds now.
    """
    found = Read()
    for name, fields in typed.items():
        now = held.get(name)
        before = said.get(fields[SHOWN]) if SHOWN in fields else now
        given, wrong = _changed({**_EMPTY, **fields}, before, locale)
        if given is None and not wrong:
            continue
        found.changed.add(name)
        if now is not None and now != before:
            found.wrong[name.value] = [_meanwhile(now, locale)]
        found.wrong.update({field_of(name, each): texts for each, texts in wrong.items()})
        if given is not None:
            found.given[name] = given
    return found


def _changed(
    fields: Typed, before: ReportInput | None, locale: Locale
) -> tuple[Given | None, dict[str, list[Sentence]]]:
    """Return what an input is to be, None for what it was filled from; and what is wrong with it."""
    shown = filled(before, locale)
    if all(fields[each].strip() == shown[each] for each in (*FIGURES, SOURCE)):
        return None, {}
    figures: dict[str, float] = {}
    wrong: dict[str, list[Sentence]] = {}
    for each in FIGURES:
        try:
            figures[each] = numbers.read(fields[each], each, locale)
        except InvalidInput as error:
            wrong[each] = [error.message]
    wrong |= faults(figures, fields[SOURCE])
    if wrong:
        return None, wrong
    given = Given(**figures, source=cleaned(fields[SOURCE]))
    return (None if before is not None and given == _given(before) else given), {}


def _given(row: ReportInput) -> Given:
    return Given(row.low, row.likely, row.high, row.source)


def _meanwhile(now: ReportInput, locale: Locale) -> Sentence:
    return Sentence(
        "%(name)s set this meanwhile: low %(low)s, likely %(likely)s, high %(high)s. Save again to set what "
        "you typed.",
        name=now.set_by.name,
        **{figure: numbers.written(getattr(now, figure), locale) for figure in FIGURES},
    )
