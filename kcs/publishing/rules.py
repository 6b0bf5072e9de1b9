"""Acts on a target and its rules; the articles concerned follow, some at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, or_, select

from kcs import database
from kcs.activity.services import record
from kcs.articles.domains import domains
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.outbox import services as outbox
from kcs.outbox.services import EffectClaim
from kcs.people.models import Agent
from kcs.publishing.models import Publication, PublishingRule, Target
from kcs.publishing.places import Offered, keep_offer
from kcs.publishing.placing import guards_readers, names_readers, rules_of
from kcs.publishing.services import follow_in
from kcs.sentences import Sentence
from kcs.text import clean_line
from kcs.tickets.models import Connection
from workflow.article import Audience, Confidence

FOLLOW = "publication.follow"
AT_ONCE = 200
MOST_LABELS = 20
LONGEST_LABEL = 60


@dataclass(frozen=True)
class TargetSettings:
    """What an administrator says about a target."""

    locale: str
    settings: Mapping[str, str]
    locales: Mapping[str, str] = field(default_factory=dict)
    archives: bool = False
    active: bool = True


@dataclass(frozen=True)
class Rule:
    """What an administrator says about some of a target's articles."""

    domain: str
    audience: Audience
    locale: str
    settings: Mapping[str, str]
    labels: tuple[str, ...] = ()


def save_target(
    connection: Connection, target: Target | None, wanted: TargetSettings, offered: Offered, *, by: Agent
) -> Target:
    """Make or change a target; its articles follow. Raises InvalidInput naming each field at fault."""
    errors = _faults(wanted.settings, offered)
    if not clean_line(wanted.locale):
        errors["locale"] = [Sentence("choose a language")]
    if errors:
        raise InvalidInput("The target was not saved.", errors=errors)
    if target is None:
        target = Target(connection_id=connection.id)
        db.session.add(target)
    keep_offer(target, offered)
    target.locale = clean_line(wanted.locale, limit=35)
    target.settings = {**(target.settings or {}), **_cleaned(wanted.settings)}
    target.locales = {ours: theirs for ours, theirs in wanted.locales.items() if theirs}
    target.archives, target.active = wanted.archives, wanted.active
    db.session.flush()
    _changed("publishing.target_saved", target, by)
    return target


def save_rule(target: Target, rule: Rule, *, by: Agent) -> PublishingRule:
    """Set what holds for some articles: in place of the rule for the same ones. Raises InvalidInput."""
    errors = _faults(rule.settings, None)
    if rule.domain and rule.domain not in {each.key for each in domains()}:
        errors["domain"] = [Sentence("unknown domain")]
    if rule.audience is Audience.INTERNAL and not guards_readers(target):
        errors["audience"] = [Sentence("what is for colleagues stays inside")]
    settings = _cleaned(rule.settings)
    if rule.audience is not Audience.PUBLIC and not names_readers(settings, target):
        readers = (target.offered or {}).get("readers", "") or "audience"
        errors[readers] = [Sentence("say who may read: without that they would be for everybody")]
    if errors:
        raise InvalidInput("The rule was not saved.", errors=errors)
    same = (rule.domain, rule.audience, rule.locale)
    found = next(
        (each for each in rules_of(target) if (each.domain, each.audience, each.locale) == same), None
    )
    if found is None:
        found = PublishingRule(
            target_id=target.id, domain=rule.domain, audience=rule.audience, locale=rule.locale
        )
        db.session.add(found)
    found.settings, found.labels = settings, _labels(rule.labels)
    db.session.flush()
    _changed("publishing.rule_saved", target, by)
    return found


def remove_rule(target: Target, rule_id: int, *, by: Agent) -> None:
    """Take a rule away; one that is gone already is no error."""
    found = next((each for each in rules_of(target) if each.id == rule_id), None)
    if found is not None:
        db.session.delete(found)
        db.session.flush()
        _changed("publishing.rule_removed", target, by)


def follow(claim: EffectClaim) -> None:
    """Ask for some of a target's articles to follow its rules, and for the next. Raises LeaseLostError."""
    target = db.session.get_one(Target, claim.payload["target_id"])
    after = claim.payload.get("after", 0)
    having = select(Publication.article_id).where(Publication.target_id == target.id)
    query = (
        select(Article)
        .where(Article.id > after, or_(_may_be_shown(target), Article.id.in_(having)))
        .order_by(Article.id)
        .limit(AT_ONCE)
    )
    articles = list(db.session.execute(query).scalars())
    for article in articles:
        follow_in(target, article)
    if len(articles) == AT_ONCE:
        _ask(target.id, articles[-1].id)
    claim.finish()
    db.session.commit()


def _may_be_shown(target: Target) -> ColumnElement[bool]:
    """Return what a target's rules may let outside: colleagues' articles too where one is about them."""
    if not any(rule.audience is Audience.INTERNAL for rule in rules_of(target)):
        return Article.live_version_id.is_not(None)
    inside = and_(Article.audience == Audience.INTERNAL, Article.confidence == Confidence.VALIDATED)
    return or_(Article.live_version_id.is_not(None), inside)


def _changed(kind: str, target: Target, by: Agent) -> None:
    database.forget_once(db.session())
    record(
        kind,
        authority="role:admin",
        agent=by,
        connection_id=target.connection_id,
        detail={"target_id": target.id},
    )
    if target.active:
        _ask(target.id, 0)


def _ask(target_id: int, after: int) -> None:
    outbox.write(FOLLOW, subject=f"target:{target_id}", payload={"target_id": target_id, "after": after})


def _faults(settings: Mapping[str, str], offered: Offered | None) -> dict[str, object]:
    """Return what is wrong with chosen settings: a choice the account does not have is none."""
    if offered is None:
        return {}
    return {
        name: [Sentence("the account does not offer this any more")]
        for name, value in settings.items()
        if value and offered.choices.get(name) and value not in {key for key, _ in offered.choices[name]}
    }


def _cleaned(settings: Mapping[str, str]) -> dict[str, str]:
    return {
        clean_line(name, limit=60): clean_line(value, limit=60) for name, value in settings.items() if value
    }


def _labels(labels: tuple[str, ...]) -> list[str]:
    cleaned = (clean_line(label, limit=LONGEST_LABEL) for label in labels)
    return list(dict.fromkeys(label for label in cleaned if label))[:MOST_LABELS]
