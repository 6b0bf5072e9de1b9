"""Acts on personal data in an article: mask it, or answer for a value that only looks personal."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select

from kcs import database
from kcs.activity.services import record
from kcs.articles import rights
from kcs.articles.layout import readable_parts
from kcs.articles.models import Article
from kcs.articles.services import lock, save_version
from kcs.database import db
from kcs.errors import InvalidInput, StaleVersion
from kcs.people.models import Agent
from kcs.privacy.finding import Finding, Kind, PlacedFinding, Severity
from kcs.privacy.gate import TITLE, check_text, replaced
from kcs.privacy.models import Waiver
from kcs.privacy.places import canonical
from kcs.privacy.waivers import digest
from kcs.sentences import Sentence
from kcs.text import clean
from workflow.permissions import Right

LONGEST_REASON = 500
# Taking a value out can bring two halves of another together.
ROUNDS = 5


def findings_for(
    article: Article, reader: Agent, *, own_contacts: Collection[str] = ()
) -> list[PlacedFinding]:
    """Return the personal values in the fields of the present text that `reader` may see."""
    version = article.current_version
    parts = readable_parts(version, reader)
    return check_text(article, version.title, parts, article.tags, own_contacts=own_contacts)


def mask_article(
    article: Article,
    *,
    by: Agent,
    base: int,
    value: str | None = None,
    own_contacts: Collection[str] = (),
) -> int:
    """Write a new version with personal values replaced by their kinds; return how many places that were.

    `value` None masks every hard value, else that value wherever it stands. Needs the right to
    edit. Raises StaleVersion when the text is not version number `base` any more, and what saving raises.
    """
    lock(article)
    present = article.current_version
    if present.number != base:
        raise StaleVersion(
            "%(key)s has changed since you looked: nothing was masked. Look at the present text first.",
            key=article.key,
        )
    title, parts, masked = present.title, readable_parts(present, by), 0
    for _ in range(ROUNDS):
        found = check_text(article, title, parts, own_contacts=own_contacts)
        chosen = [each for each in found if each.start is not None and _is_meant(each, value)]
        if not chosen:
            break
        masked += len(chosen)
        title = replaced(title, _in_field(chosen, TITLE))
        parts = {name: replaced(text, _in_field(chosen, name)) for name, text in parts.items()}
    if masked:
        save_version(article, title, parts, by=by, base=base, note="personal data masked")
    return masked


def waive(
    article: Article, kind: str, value: str, reason: str, *, by: Agent, own_contacts: Collection[str] = ()
) -> Waiver:
    """Let a value that only looks personal go outside with this article, on the word of `by`.

    Waiving it again changes nothing. Raises NotAllowed, and InvalidInput without a reason, for a value that
    is not found in the present text, and for a hard one: nobody can waive those.
    """
    lock(article)
    grant = rights.require(by, article, Right.WAIVE)
    reason = clean(reason, limit=LONGEST_REASON).strip()
    if not reason:
        raise InvalidInput("Say why this value may go outside.", errors={"reason": [Sentence("needed")]})
    found = [
        each
        for each in findings_for(article, by, own_contacts=own_contacts)
        if each.kind == kind and canonical(each.value) == canonical(value)
    ]
    _refuse_unwaivable(found, kind)
    return _present_waiver(article, found[0]) or _add_waiver(article, found[0], reason, by, grant)


def _refuse_unwaivable(found: list[PlacedFinding], kind: str) -> None:
    if not found:
        raise InvalidInput(
            "The present text holds no such %(kind)s. Reload the page to see what there is.",
            kind=kind,
            errors={"value": [Sentence("not found")]},
        )
    if any(each.severity is Severity.HARD for each in found):
        raise InvalidInput(
            "A finding of the kind '%(kind)s' can be waived by nobody here: mask it or take it out.",
            kind=kind,
            errors={"value": [Sentence("cannot be waived")]},
        )


def _present_waiver(article: Article, finding: PlacedFinding) -> Waiver | None:
    query = select(Waiver).where(
        Waiver.article_id == article.id,
        Waiver.kind == finding.kind.value,
        Waiver.value_hash == digest(article, finding.kind, finding.value),
    )
    return db.session.execute(query).scalar_one_or_none()


def _add_waiver(article: Article, finding: PlacedFinding, reason: str, by: Agent, grant: str) -> Waiver:
    waiver = Waiver(
        article_id=article.id,
        kind=finding.kind.value,
        value_hash=digest(article, finding.kind, finding.value),
        reason=reason,
        agent_id=by.id,
        created_at=database.now(),
    )
    db.session.add(waiver)
    db.session.flush()
    record(
        "article.waived",
        authority=grant,
        agent=by,
        article_id=article.id,
        detail={"waiver_id": waiver.id, "kind": finding.kind.value},
        remark=reason,
    )
    return waiver


def _is_meant(finding: PlacedFinding, value: str | None) -> bool:
    return (
        finding.severity is Severity.HARD if value is None else canonical(finding.value) == canonical(value)
    )


def _in_field(found: Iterable[PlacedFinding], name: str) -> list[Finding]:
    return [
        Finding(each.start, each.end, Kind(each.kind), each.severity)
        for each in found
        if each.field == name and each.start is not None and each.end is not None
    ]
