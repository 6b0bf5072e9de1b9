"""The built-in help centre: what anybody may read, only its live text, and what readers say of it."""

from __future__ import annotations

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs import database, i18n
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Version
from kcs.articles.queries import get_public_article, page_of_public_articles
from kcs.articles.rendering import reader_markup
from kcs.articles.trust import trust_of
from kcs.database import db
from kcs.errors import BadRequest, KcsError, MergedAway, NotFound
from kcs.extensions import csrf, limiter
from kcs.help_centre import feedback as forms
from kcs.improving.queries import feedback_of_secret
from kcs.improving.services import give_feedback
from kcs.improving.visiting import note
from kcs.improving.visits import Did
from kcs.markup import to_markup
from kcs.people.access import Permission, requires
from kcs.search import answers, narrowing
from kcs.search.following import FROM, asking_after, log_after, opened, sealed, searched_now
from kcs.search.models import Place
from kcs.text import clean
from kcs.views import Listing
from workflow.article import Audience

bp = Blueprint("help", __name__, url_prefix="/help", template_folder="templates")

RESULTS = 20


@bp.get("/")
@requires(Permission.PUBLIC)
@limiter.limit("120 per minute")
def index() -> ResponseReturnValue:
    """Show the latest articles and a search."""
    words = request.args.get("q", "").strip()[:1000]
    search = current_app.extensions["kcs.search"]
    answer = answers.answer(search, words, reader=None, limit=RESULTS)
    page = Listing.asked_for(lambda number: page_of_public_articles(page=number))
    articles = [each.article for each in answer.found]
    searched = searched_now(Place.HELP_CENTRE, words, [each.key for each in articles], len(articles))
    response = make_response(
        render_template(
            "help/index.html",
            page=page,
            words=words,
            answer=answer,
            found=articles,
            token=sealed(searched),
            narrowed=narrowing.chosen(answer.typed),
            tags=narrowing.by_tag(answer, answers.FOR_VISITORS),
            issue_of=_issue_of,
            trust=trust_of({*articles, *page.items}, now=database.now()),
            shown=_shown(),
            asks=_asks(),
        )
    )
    if answer.typed.is_empty:
        return response
    did = Did.SEARCHED if articles else Did.FOUND_NOTHING
    return log_after(note(response, did), searched)


@bp.get("/articles/<key>")
@requires(Permission.PUBLIC)
def article(key: str) -> ResponseReturnValue:
    """Show the live text of an article; one that was merged leads to where its text went."""
    try:
        found = get_public_article(key)
    except MergedAway as error:
        return redirect(url_for("help.article", key=error.into), code=301)
    return note(make_response(_article_page(found)), Did.VIEWED, key)


@bp.get("/contact")
@requires(Permission.PUBLIC)
@limiter.limit("30 per minute")
def contact() -> ResponseReturnValue:
    """Lead on to the page where one asks a person; with the search it was asked from, if any."""
    address = current_app.config["KCS"].help_centre_contact
    if address is None:
        raise NotFound("This help centre names no page where one asks a person.")
    response = note(make_response(redirect(address)), Did.ASKED)
    searched = opened(request.args.get(FROM, ""))
    return response if searched is None else asking_after(response, searched)


@bp.post("/articles/<key>/feedback")
@csrf.exempt
@requires(Permission.PUBLIC)
@limiter.limit("10 per minute; 60 per hour")
def give(key: str) -> ResponseReturnValue:
    """Take a visitor's rating and words; lead them to the page that shows what becomes of it."""
    found = get_public_article(key)
    if request.form.get("website"):
        # A field no person sees: whoever fills it in is a machine, and need not learn that it was noticed.
        return redirect(url_for("help.article", key=key), code=303)
    helpful = {"yes": True, "no": False}.get(request.form.get("helpful", ""))
    comment = clean(request.form.get("comment", ""), limit=2000).strip()
    try:
        ticket = forms.read(request.form.get("form", ""))
        if ticket.article_id != found.id:
            raise BadRequest("This form belongs to another article. Load the article again.")
        secret = forms.secret_of(ticket, helpful, comment)
        version = db.session.get_one(Version, ticket.version_id)
        give_feedback(found, version, helpful=helpful, comment=comment, secret=secret)
        db.session.commit()
    except KcsError as error:
        db.session.rollback()
        return _article_page(get_public_article(key), comment, error.message), error.status
    response = make_response(redirect(url_for("help.feedback", secret=secret), code=303))
    if helpful is None:
        return response
    return note(response, Did.FOUND_HELPFUL if helpful else Did.FOUND_UNHELPFUL)


@bp.get("/feedback/<secret>")
@requires(Permission.PUBLIC)
@limiter.limit("60 per minute")
def feedback(secret: str) -> ResponseReturnValue:
    """Show whoever holds the secret what became of their feedback."""
    found = feedback_of_secret(secret)
    public = _still_public(found.article)
    return render_template(
        "help/feedback.html",
        feedback=found,
        article=public,
        changed=public is not None and public.live_version_id != found.version_id,
        address=current_app.config["KCS"].base_url + url_for("help.feedback", secret=secret),
    )


def _article_page(found: Article, comment: str = "", problem: str = "") -> str:
    version = found.live_version
    if version is None:
        raise NotFound("There is no such article.")
    i18n.fall_back_to(found.locale)
    return render_template(
        "help/article.html",
        article=found,
        version=version,
        html=reader_markup(version, Audience.PUBLIC),
        trust=trust_of([found], now=database.now())[found.id],
        shown=_shown(),
        asks=_asks(),
        form=forms.issue(version),
        comment=comment,
        problem=problem,
    )


def _still_public(found: Article) -> Article | None:
    try:
        return get_public_article(found.key)
    except NotFound:
        return None


def _shown() -> frozenset[str]:
    shown: frozenset[str] = current_app.config["KCS"].help_centre_trust
    return shown


def _asks() -> bool:
    return current_app.config["KCS"].help_centre_contact is not None


def _issue_of(version: Version) -> str:
    """Return what customers said they saw, as plain words."""
    return to_markup(readable_parts(version, Audience.PUBLIC).get("issue", "")).striptags()
