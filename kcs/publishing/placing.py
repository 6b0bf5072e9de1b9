"""Which section, readers, labels and language an article gets in a target: the most specific rule wins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from kcs.articles.domains import domain_of
from kcs.articles.models import Article
from kcs.database import db, once
from kcs.publishing.models import PublishingRule, Target
from workflow.article import Audience, Confidence


@dataclass(frozen=True)
class Placement:
    """Where an article goes and who reads it there, in the settings of its provider."""

    audience: Audience
    settings: Mapping[str, str]
    labels: tuple[str, ...]

    @property
    def written(self) -> str:
        """The placement as one text: two that read the same place an article alike."""
        return json.dumps([self.audience, sorted(self.settings.items()), self.labels], ensure_ascii=False)


def placement_of(article: Article, target: Target) -> Placement | None:
    """Return where the article's live text goes, None when it must not be there.

    Public articles go where a rule or the target's own settings say. All others go only where a rule for just
    that audience names who may read them: nothing is ever shown to more people. Those for colleagues go only
    where the help centre itself sees to that.
    """
    if text_for(article) is None or (article.audience is Audience.INTERNAL and not guards_readers(target)):
        return None
    rule = _most_specific(rules_of(target), domain_of(article).key, article.audience, article.locale)
    if article.audience is not Audience.PUBLIC and not (rule and names_readers(rule.settings, target)):
        return None
    if rule is None:
        return Placement(article.audience, dict(target.settings or {}), ())
    settings = {**(target.settings or {}), **{key: value for key, value in rule.settings.items() if value}}
    return Placement(article.audience, settings, tuple(rule.labels))


def text_for(article: Article) -> int | None:
    """Return the version that help centres may show: the live one, of a colleagues' article the validated."""
    if article.audience is not Audience.INTERNAL:
        return article.live_version_id
    return article.current_version_id if article.confidence is Confidence.VALIDATED else None


def guards_readers(target: Target) -> bool:
    """Return whether the account refuses what it would show to more people than it is meant for."""
    return bool((target.offered or {}).get("readers_needed"))


def guarded_settings(target: Target) -> list[tuple[Audience, Mapping[str, str]]]:
    """Return for each rule about articles that are not for everybody where they go; the account guards it."""
    if not guards_readers(target):
        return []
    return [
        (rule.audience, {**(target.settings or {}), **rule.settings})
        for rule in rules_of(target)
        if rule.audience is not Audience.PUBLIC
    ]


def names_readers(settings: Mapping[str, str], target: Target) -> bool:
    """Return whether settings limit who may read, as far as the account told us how it does that."""
    readers = (target.offered or {}).get("readers", "")
    return bool(readers and settings.get(readers))


def rules_of(target: Target) -> list[PublishingRule]:
    """Return a target's rules, the most general first."""
    return once(f"publishing rules {target.id}", lambda: _load(target.id))


def locale_there(article: Article, target: Target) -> str | None:
    """Return the language the article is shown under there, None for a translation that has none.

    An article that is no translation falls back to the target's own language, as it always did.
    """
    named = (target.locales or {}).get(article.locale)
    if named:
        return named
    offered = (target.offered or {}).get("locales", [])
    fallback = None if article.translation_of_id is not None else target.locale
    return guess(article.locale, (target.locale, *offered)) or fallback


def guess(locale: str, offered: Iterable[str]) -> str | None:
    """Return the offered language that `locale` means: itself, else the first of the same language."""
    wanted = _written(locale)
    offered = list(offered)
    exact = next((each for each in offered if _written(each) == wanted), None)
    language = wanted.split("-")[0]
    return exact or next((each for each in offered if _written(each).split("-")[0] == language), None)


def _written(locale: str) -> str:
    return locale.replace("_", "-").lower()


def _load(target_id: int) -> list[PublishingRule]:
    query = select(PublishingRule).where(PublishingRule.target_id == target_id)
    rules = db.session.execute(query).scalars().all()
    return sorted(rules, key=lambda rule: (rule.audience, rule.domain, rule.locale))


def _most_specific(
    rules: Iterable[PublishingRule], domain: str, audience: Audience, locale: str
) -> PublishingRule | None:
    """Return the rule that fits best: one for the domain before one for the language before one for all."""
    fitting = [
        rule
        for rule in rules
        if rule.audience is audience
        and rule.domain in ("", domain)
        and (not rule.locale or _written(rule.locale) == _written(locale))
    ]
    return max(fitting, key=lambda rule: (bool(rule.domain), bool(rule.locale)), default=None)
