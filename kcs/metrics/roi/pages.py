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
from kcs.errors import InvalidInput, NotAllowed
from kcs.i18n import ENGLISH, LOCALES, translated
from kcs.metrics.reach import reach_of
from kcs.metrics.roi import numbers, services
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import INPUTS
from kcs.people.access import Permission, current_agent, requires

bp = Blueprint("report_inputs", __name__, url_prefix="/reports/roi/inputs", template_folder="../templates")

FIGURES = ("low", "likely", "high")


@bp.get("")
@requires(Permission.REPORTS)
def index() -> ResponseReturnValue:
    """Show what is set, since when and whence, and the form for each."""
    return _page({})


@bp.post("/<input_name>")
@requires(Permission.REPORTS)
def set_one(input_name: str) -> ResponseReturnValue:
    """Set one input; what was typed stays where it is wrong."""
    try:
        wanted = Input(input_name)
    except ValueError as error:
        raise InvalidInput("There is no such input.") from error
    form = request.form.to_dict()
    try:
        figures = _figures(form)
        services.set_input(wanted, **figures, source=form.get("source", ""), by=current_agent())
    except InvalidInput as error:
        db.session.rollback()
        return _page({wanted: form}, errors={wanted: error.errors}), 422
    db.session.commit()
    said = {figure: numbers.written(value, _reader()) for figure, value in figures.items()}
    flash(
        _(
            "%(input)s is set from now on: low %(low)s, likely %(likely)s, high %(high)s.",
            input=translated(INPUTS[wanted].title),
            **said,
        ),
        "success",
    )
    return redirect(url_for(".index"), code=303)


def _page(
    typed: Mapping[Input, Mapping[str, str]],
    errors: Mapping[Input, Mapping[str, object]] | None = None,
) -> str:
    if not reach_of(current_agent()).everybody:
        raise NotAllowed("The inputs of the return are for managers and administrators.")
    there = services.inputs_as_of(database.now())
    forms = {name: typed.get(name) or _form_of(there.get(name)) for name in Input}
    return render_template(
        "metrics/roi_inputs.html",
        inputs=INPUTS,
        there=there,
        forms=forms,
        errors=errors or {},
        # By the fields' own names, which the four forms of the page do not share.
        summaries={
            name: {f"{name.value}-{field}": texts for field, texts in wrong.items()}
            for name, wrong in (errors or {}).items()
        },
        history=services.history(),
        written=lambda value: numbers.written(value, _reader()),
    )


def _form_of(held: ReportInput | None) -> dict[str, str]:
    if held is None:
        return {}
    figures = {figure: numbers.written(getattr(held, figure), _reader()) for figure in FIGURES}
    return {**figures, "source": held.source}


def _figures(form: Mapping[str, str]) -> dict[str, float]:
    """Read the three figures. Raises InvalidInput with all that is wrong with them."""
    figures: dict[str, float] = {}
    wrong: dict[str, object] = {}
    for figure in FIGURES:
        try:
            figures[figure] = numbers.read(form.get(figure, ""), figure, _reader())
        except InvalidInput as error:
            wrong |= error.errors
    if wrong:
        raise InvalidInput("Please check what you entered", errors=wrong)
    return figures


def _reader() -> Locale:
    """Return the locale of whoever is answered."""
    return get_locale() or Locale.parse(LOCALES[ENGLISH])
