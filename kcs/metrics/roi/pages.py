"""The page on which a manager says what the return is worked out with."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from kcs import database
from kcs.database import db
from kcs.errors import NotAllowed
from kcs.i18n import ENGLISH, LOCALES, translated
from kcs.metrics.reach import reach_of
from kcs.metrics.roi import forms, numbers, services
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import FIGURES, INPUTS
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("report_inputs", __name__, url_prefix="/reports/roi/inputs", template_folder="../templates")

NOTHING_SENT = forms.Read()


@bp.get("")
@requires(Permission.REPORTS)
def index() -> ResponseReturnValue:
    """Show what is set, since when and whence, in one form."""
    _refuse()
    held = services.inputs_as_of(database.now())
    return _page(held, {name: forms.filled(held.get(name), _reader()) for name in Input})


@bp.post("")
@requires(Permission.REPORTS)
def save() -> ResponseReturnValue:
    """Set what was changed in the form, all of it or nothing; what was typed stays where it is wrong."""
    _refuse()
    services.hold()
    said = {str(row.id): row for row in services.history()}
    held = services.inputs_as_of(database.now())
    typed = forms.typed_in(request.form)
    found = forms.read(typed, said, held, _reader())
    if found.wrong:
        db.session.rollback()
        return _page(held, forms.filled_again(found, typed, held, _reader()), found), 422
    rows = services.set_inputs(found.given, by=current_agent())
    db.session.commit()
    for row in rows:
        flash(_set_words(row), "success")
    if not rows:
        flash(_("Nothing was changed."), "info")
    return redirect(url_for(".index"), code=303)


def _refuse() -> None:
    if not reach_of(current_agent()).everybody:
        raise NotAllowed("The inputs of the return are for managers and administrators.")


def _page(
    held: Mapping[Input, ReportInput],
    fields: Mapping[Input, forms.Typed],
    found: forms.Read = NOTHING_SENT,
) -> str:
    return render_template(
        "metrics/roi_inputs.html",
        inputs=INPUTS,
        there=held,
        forms=fields,
        field_of=services.field_of,
        figures=FIGURES,
        labels=forms.LABELS,
        errors=found.wrong,
        summary=found.summary,
        history=services.history(),
        written=lambda value: numbers.written(value, _reader()),
    )


def _set_words(row: ReportInput) -> str:
    return _(
        "%(input)s is set from now on: low %(low)s, likely %(likely)s, high %(high)s.",
        input=translated(INPUTS[row.name].title),
        **{figure: numbers.written(getattr(row, figure), _reader()) for figure in FIGURES},
    )


def _reader() -> Locale:
    """Return the locale of whoever is answered."""
    return get_locale() or Locale.parse(LOCALES[ENGLISH])
