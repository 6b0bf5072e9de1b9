"""The page on which a manager says what the return is worked out with."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed
from kcs.i18n import translated
from kcs.metrics.reach import reach_of
from kcs.metrics.roi import services
from kcs.metrics.roi.models import Input, ReportInput
from kcs.metrics.roi.services import INPUTS
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence

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
        figures = {figure: _number(form.get(figure, ""), figure) for figure in FIGURES}
        services.set_input(wanted, **figures, source=form.get("source", ""), by=current_agent())
    except InvalidInput as error:
        db.session.rollback()
        return _page({wanted: form}, errors={wanted: error.errors}), 422
    db.session.commit()
    flash(_("%(input)s is set from now on.", input=translated(INPUTS[wanted].title)), "success")
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
        history=services.history(),
    )


def _form_of(held: ReportInput | None) -> dict[str, str]:
    if held is None:
        return {}
    return {**{figure: f"{getattr(held, figure):g}" for figure in FIGURES}, "source": held.source}


def _number(text: str, field: str) -> float:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError as error:
        message = Sentence("'%(text)s' is no number. Write 4.5, for example.", text=text)
        raise InvalidInput(message, errors={field: [message]}) from error
