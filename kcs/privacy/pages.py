"""Personal data on an article's page: where it stands, masking it, waiving what only looks so."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from kcs.articles import rights
from kcs.articles.layout import readable_parts, template_of
from kcs.articles.models import Article
from kcs.articles.queries import get_article
from kcs.database import db
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.people.models import Agent
from kcs.privacy import services
from kcs.privacy.finding import PlacedFinding, Severity
from kcs.privacy.gate import AROUND, TAGS, TITLE
from kcs.privacy.places import bare
from kcs.words import PERSONAL_DATA
from workflow.article import Audience
from workflow.permissions import Right

MOST_SHOWN = 50

bp = Blueprint("privacy", __name__, template_folder="templates")


def panel(article: Article, agent: Agent) -> str:
    """Show the personal values of the present text to whoever reads the article; nothing when it is clean."""
    found = services.findings_for(article, agent, own_contacts=_contacts())
    if not found:
        return ""
    version = article.current_version
    outside = {TITLE, TAGS, *readable_parts(version, Audience.PARTNER)}
    labels = {field.name: field.label for field in template_of(version).fields}
    blocking = [each for each in found if each.blocks and each.field in outside]
    return render_template(
        "privacy/panel.html",
        article=article,
        blocking=[_row(each, labels) for each in blocking],
        inside=[_row(each, labels) for each in found if each.blocks and each.field not in outside],
        waived=[_row(each, labels) for each in found if each.waived],
        shown=MOST_SHOWN,
        may_mask=rights.may_edit(agent, article),
        may_waive=rights.authority_for(agent, article, Right.WAIVE) is not None,
    )


@bp.post("/articles/<key>/privacy/mask")
@requires(Permission.WORK)
def mask(key: str) -> ResponseReturnValue:
    """Write a new version without one value, or without any that blocks publishing."""
    article = get_article(key, current_agent())
    base = request.form.get("base", 0, type=int)
    value = request.form.get("value") or None
    masked = services.mask_article(
        article, by=current_agent(), base=base, value=value, own_contacts=_contacts()
    )
    db.session.commit()
    if masked:
        flash(ngettext("Masked in %(num)s place.", "Masked in %(num)s places.", masked), "success")
    else:
        flash(_("There was nothing to mask: the text holds this value no more."), "warning")
    return redirect(url_for("articles.show", key=key), code=303)


@bp.post("/articles/<key>/privacy/waive")
@requires(Permission.WORK)
def waive(key: str) -> ResponseReturnValue:
    """Answer for a value that only looks personal."""
    article = get_article(key, current_agent())
    form = request.form
    given = {name: form.get(name, "") for name in ("kind", "value", "reason")}
    services.waive(article, **given, by=current_agent(), own_contacts=_contacts())
    db.session.commit()
    flash(_("It may go outside with this article: your name and reason are kept."), "success")
    return redirect(url_for("articles.show", key=key), code=303)


def _contacts() -> tuple[str, ...]:
    contacts: tuple[str, ...] = current_app.config["KCS"].public_contacts
    return contacts


def _row(finding: PlacedFinding, labels: dict[str, str]) -> dict[str, object]:
    before, value, after = finding.snippet.partition(finding.value)
    return {
        "finding": finding,
        "place": labels.get(finding.field, finding.field.replace("_", " ").capitalize()),
        "kind": _upper_first(translated(PERSONAL_DATA[finding.kind])),
        "before": f"…{before}" if len(before) == AROUND else before,
        "value": value,
        "after": f"{after}…" if len(after) == AROUND else after,
        "reads": bare(finding.value) if bare(finding.value) != finding.value else "",
        "soft": finding.severity is Severity.SOFT,
    }


def _upper_first(words: str) -> str:
    return words[:1].upper() + words[1:]
