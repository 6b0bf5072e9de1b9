"""Pages on which an administrator sets templates, knowledge domains and the table of rights."""

from __future__ import annotations

from collections.abc import Container, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from kcs import database, words
from kcs.admin.domain_form import posted_domain, settings_of
from kcs.articles import policy_acts, rights
from kcs.articles.domains import domain_named, domains
from kcs.articles.layout import offered_templates, templates
from kcs.articles.policy import Expiry
from kcs.articles.policy_acts import DomainSettings
from kcs.articles.structure import READERS, Field, Need, Template
from kcs.database import db
from kcs.errors import InvalidInput, NotFound
from kcs.people.access import Permission, current_agent, requires
from kcs.people.queries import everybody
from kcs.sentences import Sentence
from workflow.article import Audience
from workflow.permissions import WIDEST, Governance, Holder, Licence, Right, Role, Scope

bp = Blueprint("article_settings", __name__, url_prefix="/admin", template_folder="templates")

EMPTY_ROWS = 2
NEED_WORDS = {
    Need.ANSWER: Sentence("The answer: without it, work in progress"),
    Need.REQUIRED: Sentence("Needed before anybody validates"),
    Need.ADVISED: Sentence("Missed by the checklist"),
    Need.OPTIONAL: Sentence("Optional"),
}
AUDIENCE_WORDS = {
    Audience.PUBLIC: Sentence("Everybody who reads the article"),
    Audience.CUSTOMER: Sentence("Customers and nearer"),
    Audience.PARTNER: Sentence("Partners and colleagues"),
    Audience.INTERNAL: Sentence("Colleagues only"),
}
EXPIRY_WORDS = {
    Expiry.ASK_OWNER: Sentence("Ask the owner"),
    Expiry.SHOW_UNCHECKED: Sentence("Show it as unchecked"),
    Expiry.ARCHIVE: Sentence("Archive it"),
}
SCOPE_WORDS = {Scope.ANY: Sentence("any"), Scope.OWN: Sentence("own"), None: Sentence("no")}


@bp.get("/")
@requires(Permission.OPERATE)
def index() -> ResponseReturnValue:
    """Lead to what can be set."""
    return render_template(
        "admin/index.html",
        templates=sorted(templates().values(), key=lambda each: each.name),
        offered={each.key for each in offered_templates()},
        domains=domains(),
    )


@bp.get("/templates/new")
@bp.get("/templates/<key>")
@requires(Permission.OPERATE)
def template(key: str = "") -> ResponseReturnValue:
    """Show a template's fields, or an empty template."""
    found = templates().get(key) if key else Template("", "", "", ())
    if found is None:
        raise NotFound("There is no template '%(key)s'.", key=key)
    offered = not key or key in {each.key for each in offered_templates()}
    return _template_form(found, offered=offered)


@bp.post("/templates/new")
@bp.post("/templates/<key>")
@requires(Permission.OPERATE)
def save_template(key: str = "") -> ResponseReturnValue:
    """Make or change a template."""
    if key and key not in templates():
        raise NotFound("There is no template '%(key)s'.", key=key)
    posted, offered = _posted_template(key), "offered" in request.form
    try:
        if not key:
            _refuse_taken(posted.key, templates())
        policy_acts.save_template(posted, by=current_agent(), offered=offered)
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _template_form(posted, offered=offered, error=error, new=not key), error.status
    flash(_("The template %(name)s is saved; the next author has it.", name=posted.name), "success")
    return redirect(url_for("article_settings.index"), code=303)


@bp.get("/domains/new")
@bp.get("/domains/<key>")
@requires(Permission.OPERATE)
def domain(key: str = "") -> ResponseReturnValue:
    """Show a knowledge domain's settings, or those of a new one."""
    if not key:
        return _domain_form("", DomainSettings(""), new=True)
    try:
        return _domain_form(key, settings_of(domain_named(key)))
    except InvalidInput as error:
        raise NotFound(error.message) from error


@bp.post("/domains/new")
@bp.post("/domains/<key>")
@requires(Permission.OPERATE)
def save_domain(key: str = "") -> ResponseReturnValue:
    """Make or change a knowledge domain."""
    if key and key not in {each.key for each in domains()}:
        raise NotFound("There is no domain '%(key)s'.", key=key)
    named = key or request.form.get("key", "").strip().lower()
    settings = DomainSettings("")
    try:
        settings = posted_domain(request.form)
        if not key:
            _refuse_taken(named, {each.key for each in domains()})
        saved = policy_acts.save_domain(named, settings, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        return _domain_form(named, settings, error=error, new=not key), error.status
    flash(_("The domain %(name)s is saved.", name=saved.name), "success")
    return redirect(url_for("article_settings.index"), code=303)


@bp.get("/rights")
@requires(Permission.OPERATE)
def show_rights() -> ResponseReturnValue:
    """Show who may do what with articles, and what may be changed about it."""
    return _rights_form(rights.matrix())


@bp.post("/rights")
@requires(Permission.OPERATE)
def save_rights() -> ResponseReturnValue:
    """Set the table of rights, within the bounds that keep unvalidated text inside."""
    wanted = {
        right: {
            holder: Scope(value)
            for holder in _holders()
            if (value := request.form.get(f"{right}:{holder}", "")) in list(Scope)
        }
        for right in Right
    }
    try:
        policy_acts.save_rights(wanted, by=current_agent())
        db.session.commit()
    except InvalidInput as error:
        db.session.rollback()
        database.forget_once(db.session())
        return _rights_form(wanted, problem=error.message), error.status
    flash(_("The table of rights is saved and holds from now on."), "success")
    return redirect(url_for("article_settings.show_rights"), code=303)


def _refuse_taken(key: str, known: Container[str]) -> None:
    if key in known:
        raise InvalidInput(
            "'%(key)s' is there already.", key=key, errors={"key": [Sentence("already in use")]}
        )


def _template_form(
    found: Template, *, offered: bool, error: InvalidInput | None = None, new: bool | None = None
) -> str:
    blank = [Field("", "", need=Need.OPTIONAL) for _ in range(EMPTY_ROWS)]
    return render_template(
        "admin/template.html",
        template=found,
        new=not found.key if new is None else new,
        fields=[*found.fields, *blank],
        offered=offered,
        problem=error.message if error else "",
        errors=error.errors if error else {},
        needs=[(each.value, words) for each, words in NEED_WORDS.items()],
        audiences=[(each.value, words) for each, words in AUDIENCE_WORDS.items()],
        governances=[(each.value, words.GOVERNANCE[each]) for each in Governance],
        readers=READERS,
    )


def _posted_template(key: str) -> Template:
    form = request.form
    rows = range(form.get("rows", 0, type=int) if form.get("rows", 0, type=int) < 100 else 0)
    placed = [(form.get(f"place-{row}", row, type=int), _posted_field(row)) for row in rows]
    fields = [field for _, field in sorted(placed, key=lambda each: each[0]) if field is not None]
    governance = form.get("governance", "")
    return Template(
        key or form.get("key", "").strip().lower(),
        form.get("name", ""),
        form.get("description", ""),
        tuple(fields),
        Governance(governance) if governance in list(Governance) else Governance.EXPERIENCE,
    )


def _posted_field(row: int) -> Field | None:
    """Return the field of one row of the form, None for an empty or removed one."""
    form = request.form
    name = form.get(f"name-{row}", "").strip()
    if not name or f"remove-{row}" in form:
        return None
    need, audience = form.get(f"need-{row}", ""), form.get(f"audience-{row}", "")
    return Field(
        name,
        form.get(f"label-{row}", "").strip(),
        form.get(f"help-{row}", "").strip(),
        Need(need) if need in list(Need) else Need.OPTIONAL,
        # What is no audience we know is the narrowest.
        Audience(audience) if audience in list(Audience) else Audience.INTERNAL,
        tuple(form.getlist(f"readers-{row}")),
        max(1, min(form.get(f"height-{row}", 4, type=int), 40)),
    )


def _domain_form(
    key: str, settings: DomainSettings, *, error: InvalidInput | None = None, new: bool = False
) -> str:
    people = [agent for agent in everybody() if agent.active]
    return render_template(
        "admin/domain.html",
        key=key,
        new=new,
        settings=settings,
        typed=request.form if error else {},
        problem=error.message if error else "",
        errors=error.errors if error else {},
        templates=[(each.key, each.name) for each in offered_templates()],
        expiries=[(each.value, words) for each, words in EXPIRY_WORDS.items()],
        people=people,
    )


def _rights_form(matrix: Mapping[Right, Mapping[Holder, Scope]], problem: str = "") -> str:
    rows = [
        (
            right,
            [
                (holder, _options(right, holder), (held.value if (held := matrix[right].get(holder)) else ""))
                for holder in _holders()
            ],
        )
        for right in Right
    ]
    return render_template("admin/rights.html", rows=rows, holders=_holders(), problem=problem)


def _options(right: Right, holder: Holder) -> list[tuple[str, str]]:
    """Return the scopes this holder may be given, narrowest first; one option means that it is fixed."""
    widest = WIDEST[right].get(holder)
    offered = {None: (None,), Scope.OWN: (None, Scope.OWN), Scope.ANY: (None, Scope.OWN, Scope.ANY)}[widest]
    return [(scope.value if scope else "", SCOPE_WORDS[scope]) for scope in offered]


def _holders() -> list[Holder]:
    return [*Licence, Role.COACH, Role.EXPERT]
