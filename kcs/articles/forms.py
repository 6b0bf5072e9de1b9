"""The form an article is written in: the same on its own page and within a ticket."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from kcs.articles.domains import general_domain
from kcs.articles.layout import readable_parts, template_named, template_of, writable_fields
from kcs.articles.models import Article
from kcs.errors import KcsError, StaleVersion
from kcs.people.access import current_agent


def edited() -> tuple[str, dict[str, str], int]:
    """Return title and parts as posted, and the version number the edit began from."""
    return request.form.get("title", ""), _posted_parts(), request.form.get("base", 0, type=int)


def edit_form(article: Article | None) -> str:
    """Show the form with the present text, or empty for a new article."""
    version = article.current_version if article else None
    parts = readable_parts(version, current_agent()) if version else {}
    return _render(article, version.title if version else request.args.get("title", ""), parts)


def refused_edit(article: Article | None, error: KcsError) -> ResponseReturnValue:
    """Show the form with everything that was typed, and what was wrong with it.

    When somebody else saved in between, their text is shown beside.
    """
    title, parts, _ = edited()
    stale = isinstance(error, StaleVersion)
    page = _render(
        article, title, parts, errors={} if stale else error.errors, problem=error.message if stale else ""
    )
    return page, error.status


def _posted_parts() -> dict[str, str]:
    return {
        name.removeprefix("part-"): text for name, text in request.form.items() if name.startswith("part-")
    }


def _render(
    article: Article | None, title: str, parts: dict[str, str], errors: object = None, problem: str = ""
) -> str:
    version = article.current_version if article else None
    template = template_of(version) if version else template_named(general_domain().template)
    view = request.view_args or {}
    back = url_for("articles.show", key=article.key) if article else url_for("articles.list_articles")
    in_ticket = "ticket_id" in view
    if in_ticket:
        back = url_for("tickets.show", connection=view["connection"], ticket_id=view["ticket_id"])
    return render_template(
        "articles/edit.html",
        article=article,
        title=title,
        parts=parts,
        base=version.number if version else 0,
        fields=writable_fields(template, current_agent()),
        errors=errors or {},
        problem=problem,
        present=version,
        note=request.form.get("note", ""),
        in_ticket=in_ticket,
        back=back,
    )
