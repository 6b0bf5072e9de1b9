"""Articles over HTTP: read, edit, move, flag. Creating one is an act of the solve loop: `kcs.solving.api`."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app, request
from flask_smorest import Blueprint

from kcs.articles import bulk, history, planning, queries, schemas, services
from kcs.articles.flags import flag_article
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article, Flag, PlannedMove, Version
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.access import Permission, current_agent, requires
from kcs.sentences import Sentence

bp = Blueprint("articles_api", __name__, url_prefix="/api/v1", description="Articles and their life")

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


@bp.route("/articles")
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.ArticleListIn, location="query")
@bp.response(200, schemas.ArticlePageOut)
def list_articles(args: dict[str, Any]) -> object:
    """List articles, last changed first."""
    return queries.page_of_articles(current_agent(), **args)


@bp.route("/articles/<key>")
@requires(Permission.SIGNED_IN)
@bp.response(200, schemas.ArticleOut)
def read_article(key: str) -> tuple[Article, int, dict[str, str]]:
    """Read an article. The ETag is what an edit must name."""
    article = queries.get_article(key, current_agent())
    return article, 200, etag(article)


@bp.route("/articles/<key>", methods=["PATCH"])
@requires(Permission.WORK)
@bp.arguments(schemas.ArticlePatchIn)
@bp.response(200, schemas.ArticleOut)
def edit_article(args: dict[str, Any], key: str) -> tuple[Article, int, dict[str, str]]:
    """Write a new version on top of the one named by If-Match: 409 with the present text when it is older."""
    article = queries.get_article(key, current_agent())
    present = article.current_version
    services.save_version(
        article,
        args.get("title", present.title),
        {**readable_parts(present, current_agent()), **args.get("parts", {})},
        by=current_agent(),
        base=named_version(),
        note=args["note"],
        significance=args.get("significance"),
        template=args.get("template"),
    )
    db.session.commit()
    return article, 200, etag(article)


@bp.route("/articles/<key>/transitions", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.TransitionIn)
@bp.response(200, schemas.ArticleOut)
def move(args: dict[str, Any], key: str) -> tuple[Article, int, dict[str, str]]:
    """Validate, publish, archive, …: 403 without the right, 409 in the wrong state."""
    article = queries.get_article(key, current_agent())
    services.move_article(
        article, args["name"], by=current_agent(), audience=args.get("audience"), reason=args["reason"]
    )
    db.session.commit()
    return article, 200, etag(article)


@bp.route("/articles/<key>/versions")
@requires(Permission.SIGNED_IN)
@bp.response(200, schemas.VersionOut(many=True))
def list_versions(key: str) -> list[Version]:
    """List the latest hundred versions, newest first."""
    return queries.versions_of(queries.get_article(key, current_agent()))


@bp.route("/articles/<key>/changes")
@requires(Permission.SIGNED_IN)
@bp.arguments(schemas.ChangesIn, location="query")
@bp.response(200, schemas.FieldChangeOut(many=True))
def changes(args: dict[str, Any], key: str) -> list[history.FieldChange]:
    """Compare two versions by words: by default the present one with the one it was written on."""
    article = queries.get_article(key, current_agent())
    new = history.get_version(article, args["to"]) if "to" in args else article.current_version
    old = history.get_version(article, args["from_"]) if "from_" in args else new.base or new
    return history.changes_between(old, new, current_agent())


@bp.route("/articles/<key>/versions/<int:number>/restore", methods=["POST"])
@requires(Permission.WORK)
@bp.response(200, schemas.ArticleOut)
def restore(key: str, number: int) -> tuple[Article, int, dict[str, str]]:
    """Write an old text as a new version on top of the one named by If-Match."""
    article = queries.get_article(key, current_agent())
    history.restore_version(article, number, by=current_agent(), base=named_version())
    db.session.commit()
    return article, 200, etag(article)


@bp.route("/articles/<key>/flags", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.FlagIn)
@bp.response(201, schemas.FlagOut)
def flag(args: dict[str, Any], key: str) -> Flag:
    """Say that an article needs work, and why."""
    article = queries.get_article(key, current_agent())
    found = flag_article(article, args["reason"], by=current_agent())
    db.session.commit()
    return found


@bp.route("/articles/<key>/plans", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.PlanIn)
@bp.response(201, schemas.PlanOut)
def plan(args: dict[str, Any], key: str) -> PlannedMove:
    """Plan a move of the present text: it is made with the rights its planner has then."""
    article = queries.get_article(key, current_agent())
    planned = planning.plan_move(
        article,
        args["move"],
        args["at"],
        by=current_agent(),
        audience=args.get("audience"),
        reason=args["reason"],
    )
    db.session.commit()
    return planned


@bp.route("/articles/<key>/plans")
@requires(Permission.SIGNED_IN)
@bp.response(200, schemas.PlanOut(many=True))
def list_plans(key: str) -> list[PlannedMove]:
    """List the latest twenty plans, those that wait first."""
    return planning.plans_of(queries.get_article(key, current_agent()))


@bp.route("/articles/<key>/plans/<int:plan_id>", methods=["DELETE"])
@requires(Permission.WORK)
@bp.response(204)
def cancel_plan(key: str, plan_id: int) -> None:
    """Call a planned move off."""
    article = queries.get_article(key, current_agent())
    planning.cancel_plan(planning.get_plan(article, plan_id), by=current_agent())
    db.session.commit()


@bp.route("/articles/bulk", methods=["POST"])
@requires(Permission.WORK)
@bp.arguments(schemas.BulkIn)
@bp.response(200, schemas.BulkOut)
def change_many(args: dict[str, Any]) -> bulk.Outcome:
    """Do one act with up to 200 articles; each refused one is named with its reason."""
    keys = args.pop("articles")
    wish = bulk.Wish(**{**args, "tags": tuple(args["tags"])})
    ask = current_app.extensions["kcs.ask_review"]
    outcome = bulk.change_many(keys, wish, by=current_agent(), ask=ask)
    db.session.commit()
    return outcome


def etag(article: Article) -> dict[str, str]:
    """Return the header that names the present version."""
    return {"ETag": f'"{article.current_version.number}"'}


def named_version() -> int:
    """Return the version number in If-Match. Raises InvalidInput when it is missing or no ETag of ours."""
    match = _ETAG.fullmatch(request.headers.get("If-Match", "").strip())
    if match is None:
        raise InvalidInput(
            'Send the ETag of the text you began from, as in If-Match: "3", so that nobody is overwritten.',
            errors={"If-Match": [Sentence("needed")]},
        )
    return int(match[1])
