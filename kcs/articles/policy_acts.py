"""Acts of administrators on what holds for all articles: templates, knowledge domains, the table of rights.

Every change is recorded, and none may show anybody a text that was written for fewer readers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select

from kcs import database
from kcs.activity.services import record
from kcs.articles.layout import templates
from kcs.articles.models import Article, Version
from kcs.articles.policy import Domain, DomainExpert, Expiry, RightRow, TemplateRow
from kcs.articles.signals import article_redrawn, claims_changed
from kcs.articles.structure import DEFAULT, READERS, Field, Need, Template, fields_to_json
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.sentences import Sentence, listed
from kcs.text import clean_line
from workflow.article import Audience, Confidence
from workflow.permissions import RIGHTS, Holder, Licence, Matrix, Right, Role, Scope, fault_of

ADMIN = "role:admin"
LONGEST_KEY = 60
LONGEST_CLAIM = 200
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def save_template(template: Template, *, by: Agent, offered: bool = True) -> Template:
    """Make or change a template; fields that are left out are retired, and their texts stay readable inside.

    Raises InvalidInput, also when a field that holds text would get more readers than it was written for.
    """
    _check_template(template)
    before = templates().get(template.key)
    _refuse_more_readers(template, before)
    retired = _retired(template, before)
    row = db.session.execute(
        select(TemplateRow).where(TemplateRow.key == template.key)
    ).scalar_one_or_none() or TemplateRow(key=template.key)
    row.name, row.description = clean_line(template.name, limit=80), clean_line(template.description)
    row.governance, row.offered, row.changed_at = template.governance, offered, database.now()
    row.fields = [*fields_to_json(template.fields), *fields_to_json(retired, retired=True)]
    db.session.add(row)
    db.session.flush()
    database.forget_once(db.session())
    record("template.saved", authority=ADMIN, agent=by, detail={"template_id": row.id})
    _redraw(template.key)
    return templates()[template.key]


@dataclass(frozen=True)
class DomainSettings:
    """What an administrator sets for a domain; None of days or counts means never."""

    name: str
    template: str = DEFAULT
    tags: tuple[str, ...] = ()
    check_days: int | None = 365
    expiry: Expiry = Expiry.ASK_OWNER
    flag_days: int = 7
    review_days: int = 5
    validate_after: int | None = 3
    publish_after: int | None = 5
    others_validate: bool = False
    experts: tuple[int, ...] = ()
    claims: tuple[str, ...] = ()


def save_domain(key: str, settings: DomainSettings, *, by: Agent) -> Domain:
    """Make or change a knowledge domain. Raises InvalidInput naming each field at fault."""
    _check_key(key)
    name = clean_line(settings.name, limit=80)
    if not name:
        raise InvalidInput("A domain needs a name.", errors={"name": [Sentence("write a name")]})
    if settings.template not in templates():
        raise InvalidInput(
            "There is no template '%(template)s'.",
            template=settings.template,
            errors={"template": [Sentence("unknown template")]},
        )
    for field in ("check_days", "flag_days", "review_days", "validate_after", "publish_after"):
        value = getattr(settings, field)
        if value is not None and not 1 <= value <= 10_000:
            raise InvalidInput(
                "'%(value)s' must be a whole number from 1 to 10000.",
                value=value,
                errors={field: [Sentence("from 1 to 10000")]},
            )
    domain = db.session.execute(select(Domain).where(Domain.key == key)).scalar_one_or_none() or Domain(
        key=key
    )
    domain.name, domain.template = name, settings.template
    domain.tags = [clean_line(tag, limit=60) for tag in settings.tags if tag.strip()]
    claims = [clean_line(word, limit=LONGEST_CLAIM) for word in settings.claims if word.strip()]
    claimed, domain.claims = domain.claims or [], claims
    domain.check_days, domain.expiry = settings.check_days, settings.expiry
    domain.flag_days, domain.review_days = settings.flag_days, settings.review_days
    domain.validate_after, domain.publish_after = settings.validate_after, settings.publish_after
    domain.others_validate = settings.others_validate
    db.session.add(domain)
    db.session.flush()
    _set_experts(domain, settings.experts)
    database.forget_once(db.session())
    record("domain.saved", authority=ADMIN, agent=by, detail={"domain_id": domain.id})
    if claimed != claims:
        claims_changed.send(domain)
    return domain


def save_rights(wanted: Matrix, *, by: Agent) -> None:
    """Set the organisation's table of rights. Raises InvalidInput naming what would be unsafe."""
    fault = fault_of(wanted)
    if fault:
        raise InvalidInput(fault, errors={"rights": [fault]})
    moment = database.now()
    rows = {(row.right, row.holder): row for row in db.session.execute(select(RightRow)).scalars()}
    for right in Right:
        for holder in _holders():
            scope, usual = wanted.get(right, {}).get(holder), RIGHTS[right].get(holder)
            row = rows.get((right.value, holder.value))
            before = row.scope if row else _named(usual)
            if before == _named(scope):
                continue
            row = row or RightRow(right=right.value, holder=holder.value)
            row.scope, row.changed_at, row.changed_by_id = _named(scope), moment, by.id
            db.session.add(row)
            detail = {"right": right.value, "holder": holder.value}
            record("right.changed", authority=ADMIN, agent=by, before=before, after=row.scope, detail=detail)
    db.session.flush()
    database.forget_once(db.session())


def _holders() -> Sequence[Holder]:
    return [*Licence, *Role]


def _named(scope: Scope | None) -> str:
    return scope.value if scope else "none"


def _check_template(template: Template) -> None:
    _check_key(template.key)
    names = [field.name for field in template.fields]
    faults = {
        "name": "" if template.name.strip() else Sentence("Write a name."),
        "fields": _fault_of_fields(template, names),
    }
    errors = {name: [text] for name, text in faults.items() if text}
    if errors:
        raise InvalidInput(listed(" ", [text for [text] in errors.values()]), errors=errors)


def _fault_of_fields(template: Template, names: list[str]) -> str:
    """Return the first thing that is wrong with the fields, empty when nothing is."""
    bad = [name for name in names if not _FIELD_NAME.fullmatch(name)]
    unknown = [reader for field in template.fields for reader in field.readers if reader not in READERS]
    rules = (
        (
            bool(bad),
            Sentence(
                "'%(name)s' cannot be a field's name: use small letters, digits and _.",
                name=bad[0] if bad else "",
            ),
        ),
        (len(set(names)) < len(names), Sentence("Two fields have the same name.")),
        (any(not field.label.strip() for field in template.fields), Sentence("Every field needs a label.")),
        (
            bool(unknown),
            Sentence("There is no licence or role '%(name)s'.", name=unknown[0] if unknown else ""),
        ),
        (
            not any(field.need is Need.ANSWER for field in template.fields),
            Sentence("One field at least must be the answer, without which an article is work in progress."),
        ),
    )
    return next((text for holds, text in rules if holds), "")


def _check_key(key: str) -> None:
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise InvalidInput(
            "'%(key)s' cannot be a key: use small letters, digits and hyphens, as in 'how-to'.",
            key=key,
            errors={"key": [Sentence("small letters, digits and hyphens")]},
        )


def _refuse_more_readers(template: Template, before: Template | None) -> None:
    """A text was written for the readers its field had then: it must not reach others unasked."""
    if before is None:
        return
    order = list(Audience)
    known = {field.name: field for field in (*before.retired, *before.fields)}
    for field in template.fields:
        old = known.get(field.name) or Field(field.name, "", audience=Audience.INTERNAL)
        if old in before.retired:
            old = replace(old, audience=Audience.INTERNAL)
        wider = order.index(field.audience) > order.index(old.audience)
        more = bool(old.readers) and not (field.readers and set(field.readers) <= set(old.readers))
        if (wider or more) and _holds_text(template.key, field.name):
            raise InvalidInput(
                "Articles hold text in '%(label)s' that was written for fewer readers. Make a new field, "
                "and move what may be shown there by hand.",
                label=field.label,
                errors={"fields": [Sentence("%(name)s: cannot get more readers", name=field.name)]},
            )


def _holds_text(key: str, name: str) -> bool:
    written = Version.template == key
    if key == DEFAULT:
        written = or_(written, Version.template.is_(None))
    query = select(Version.id).where(written, Version.parts[name].as_string() != "").limit(1)
    return db.session.execute(query).first() is not None


def _retired(template: Template, before: Template | None) -> tuple[Field, ...]:
    kept = {field.name for field in template.fields}
    earlier = (*before.fields, *before.retired) if before else ()
    return tuple({field.name: field for field in earlier if field.name not in kept}.values())


def _redraw(key: str) -> None:
    """Whatever shows articles of this template elsewhere has to look again."""
    written = Version.template == key
    if key == DEFAULT:
        written = or_(written, Version.template.is_(None))
    shown = (Article.current_version_id, Article.live_version_id)
    query = select(Article.id).where(
        or_(*(column.in_(select(Version.id).where(written)) for column in shown)),
        Article.confidence != Confidence.DELETED,
    )
    for article_id in db.session.execute(query).scalars().all():
        article_redrawn.send(db.session.get_one(Article, article_id))


def _set_experts(domain: Domain, ids: Sequence[int]) -> None:
    known = select(Agent.id).where(Agent.id.in_(ids), Agent.active)
    wanted = set(db.session.execute(known).scalars()) if ids else set()
    rows = {
        row.agent_id: row
        for row in db.session.execute(
            select(DomainExpert).where(DomainExpert.domain_id == domain.id)
        ).scalars()
    }
    for agent_id, row in rows.items():
        if agent_id not in wanted:
            db.session.delete(row)
    db.session.add_all(DomainExpert(domain_id=domain.id, agent_id=each) for each in wanted - rows.keys())
    db.session.flush()
    db.session.expire(domain, ["experts"])
