"""Pages about what was changed in help centres, and what an article's page says of where it is published."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs.articles import rights
from kcs.articles.diff import word_diff
from kcs.articles.layout import template_of
from kcs.articles.models import Article
from kcs.articles.queries import get_article
from kcs.authoring.services import keep_unsaved
from kcs.authoring.typed import Typed
from kcs.database import db
from kcs.errors import KcsError, WorkflowError
from kcs.i18n import translated
from kcs.people.access import Permission, current_agent, requires
from kcs.people.models import Agent
from kcs.publishing import deciding, queries, services
from kcs.publishing.comparing import rows_of, woven_parts
from kcs.publishing.drifts import open_drift_of
from kcs.publishing.models import Decision, Drift, DriftKind, PublicationState
from kcs.publishing.settling import LOOKOUT, settle
from kcs.sentences import Sentence
from kcs.views import Listing
from workflow.permissions import Right

bp = Blueprint("drifts", __name__, template_folder="templates")

KINDS = {
    DriftKind.EDITED: Sentence("Edited there"),
    DriftKind.UNPUBLISHED: Sentence("Turned into a draft there"),
    DriftKind.GONE: Sentence("Archived or deleted there"),
}
DECIDED = {
    Decision.TAKE_THEIRS: Sentence("theirs was taken"),
    Decision.KEEP_OURS: Sentence("ours was kept"),
    Decision.BY_HAND: Sentence("merged by hand"),
    Decision.PUBLISH_ANEW: Sentence("published anew"),
    Decision.ARCHIVE_HERE: Sentence("archived here"),
    Decision.BACK_TO_DRAFT: Sentence("taken back to draft"),
}
STATES = {
    PublicationState.PENDING: Sentence("On its way"),
    PublicationState.LIVE: Sentence("Live"),
    PublicationState.DRIFTED: Sentence("Changed there"),
    PublicationState.FAILED: Sentence("Failed"),
    PublicationState.WITHDRAWN: Sentence("Withdrawn"),
}
TONES = {
    PublicationState.PENDING: "",
    PublicationState.LIVE: " tone-green",
    PublicationState.DRIFTED: " tone-amber",
    PublicationState.FAILED: " tone-red",
    PublicationState.WITHDRAWN: "",
}


@bp.get("/publishing/drifts")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List what was changed in help centres and waits for a decision."""
    page = Listing.asked_for(lambda number: queries.page_of_drifts(current_agent(), page=number))
    return render_template("publishing/drifts.html", page=page, kinds=KINDS)


@bp.get("/publishing/drifts/<int:drift_id>")
@requires(Permission.SIGNED_IN)
def show(drift_id: int) -> ResponseReturnValue:
    """Show what we wrote, what we have now and what is there, and what may be decided."""
    return _page(queries.get_drift(drift_id, current_agent()))


@bp.post("/publishing/drifts/<int:drift_id>/decisions")
@requires(Permission.WORK)
def decide(drift_id: int) -> ResponseReturnValue:
    """Decide; refused, show both texts as they are now, with the reason."""
    chosen = request.form.get("decision", "")
    try:
        drift = settle(
            queries.get_drift(drift_id, current_agent()),
            Decision(chosen) if chosen in list(Decision) else None,
            by=current_agent(),
            lookout=current_app.extensions[LOOKOUT],
            seen=request.form.get("seen", ""),
            base=request.form.get("base", type=int),
        )
        article, decision = drift.publication.article, drift.decision
        if decision is Decision.BY_HAND:
            _offer_in_editor(drift)
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        return _page(queries.get_drift(drift_id, current_agent()), error.message), error.status
    if decision is Decision.BY_HAND:
        return redirect(url_for("authoring.edit", key=article.key, unsaved=1), code=303)
    flash(_("Decided: %(what)s.", what=translated(DECIDED[decision]) if decision else ""), "success")
    return redirect(url_for("articles.show", key=article.key), code=303)


@bp.post("/articles/<key>/publications/<int:publication_id>/send")
@requires(Permission.WORK)
def resend(key: str, publication_id: int) -> ResponseReturnValue:
    """Send a text to a help centre once more."""
    article = get_article(key, current_agent())
    try:
        services.resend(queries.get_publication(article, publication_id), by=current_agent())
        db.session.commit()
        flash(_("It is sent again in the background."), "success")
    except WorkflowError as error:
        db.session.rollback()
        flash(translated(error.message), "error")
    return redirect(url_for("articles.show", key=key), code=303)


def panel(article: Article, agent: Agent) -> str:
    """Return what an article's page says about help centres, empty when it is in none."""
    publications = queries.publications_shown(article)
    if not publications:
        return ""
    drifted = [each for each in publications if each.state is PublicationState.DRIFTED]
    return render_template(
        "publishing/_panel.html",
        article=article,
        publications=publications,
        moved=queries.earlier_addresses(article),
        drifts={each.id: drift for each in drifted if (drift := open_drift_of(each.id)) is not None},
        sends=rights.authority_for(agent, article, Right.PUBLISH) is not None,
        states=STATES,
        tones=TONES,
        kinds=KINDS,
    )


def beside_editor(article: Article, agent: Agent) -> str:
    """Return what an editor shows while somebody puts a help centre's text together with ours."""
    merging = [(drift, rows_of(drift, drift.ours)) for drift in queries.drifts_merged_by(agent, article)]
    return render_template("publishing/_merging.html", merging=merging) if merging else ""


def _page(drift: Drift, problem: str = "") -> str:
    return render_template(
        "publishing/drift.html",
        drift=drift,
        rows=rows_of(drift) if drift.kind is DriftKind.EDITED else [],
        decisions=deciding.decisions_open_to(current_agent(), drift),
        settled=drift.state not in queries.WAITING,
        kinds=KINDS,
        decided=DECIDED,
        problem=problem,
        word_diff=word_diff,
    )


def _offer_in_editor(drift: Drift) -> None:
    """Put our text with both changes into the person's editor, as if they had typed it."""
    agent, article = current_agent(), drift.publication.article
    title, parts = woven_parts(drift, agent)
    version = article.current_version
    typed = Typed(title, parts, template=template_of(version).key, base=version.number)
    keep_unsaved(agent, article.key, typed)
