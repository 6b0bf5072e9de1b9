"""The weekly digest: at most one mail a person and week, about what waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, contains_eager

from kcs import database
from kcs.articles.models import Article, Flag, Version
from kcs.articles.queries import due_for, readable_by
from kcs.articles.trust import CLOSED
from kcs.database import db
from kcs.improving.models import Digest, Feedback, Subscription
from kcs.improving.queries import OPEN_STATES
from kcs.mail import Mailer
from kcs.outbox import services as outbox
from kcs.outbox.services import EffectClaim
from kcs.people.models import Agent
from kcs.reviews.models import ReviewRequest, ReviewState

MAIL = "mail.digest"
BATCH = 100
MOST_ITEMS = 10
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Section:
    """One kind of thing that waits: how many there are, the first of them by title, where to see all."""

    heading: str
    count: int
    titles: list[str]
    path: str


def plan_digests(*, limit: int = BATCH) -> int:
    """Ask for this week's mail to people who have had none; return how many people were looked at.

    Everybody gets a row for the week, a mail only who has something to read in it.
    """
    now = database.now()
    week = week_of(now)
    had = select(Digest.agent_id).where(Digest.week == week)
    query = select(Agent).where(Agent.active, Agent.id.not_in(had)).order_by(Agent.id).limit(limit)
    agents = list(db.session.execute(query).scalars())
    for agent in agents:
        digest = Digest(agent_id=agent.id, week=week, created_at=now)
        db.session.add(digest)
        db.session.flush()
        if any(section.count for section in sections_for(agent, now)):
            outbox.write(MAIL, subject=f"digest:{digest.id}", payload={"digest_id": digest.id})
    db.session.commit()
    return len(agents)


def week_of(moment: datetime) -> str:
    """Return the Monday of a moment's week, as 2026-03-02."""
    return (moment - timedelta(days=moment.weekday())).date().isoformat()


def sections_for(agent: Agent, now: datetime) -> list[Section]:
    """Return what waits for a person now."""
    readable = (readable_by(agent), Article.confidence.not_in(CLOSED))
    due = select(Article).where(due_for(agent))
    flags = (
        select(Article)
        .join(Flag, Flag.article_id == Article.id)
        .where(Flag.assigned_to_id == agent.id, Flag.closed_at.is_(None), *readable)
    )
    feedback = (
        select(Article)
        .join(Feedback, Feedback.article_id == Article.id)
        .where(Feedback.assigned_to_id == agent.id, Feedback.state.in_(OPEN_STATES), *readable)
    )
    returned = (
        select(Article)
        .join(ReviewRequest, ReviewRequest.article_id == Article.id)
        .where(ReviewRequest.asked_by_id == agent.id, ReviewRequest.state == ReviewState.RETURNED, *readable)
    )
    kinds = (
        ("Flags for you to answer", flags, "/flags?list=mine"),
        ("Feedback for you to answer", feedback, "/feedback?list=mine"),
        ("Reviews that came back to you", returned, "/reviews?list=returned"),
        ("Articles due for a check", due, "/articles?due=1"),
        ("Changes to articles you watch", _changes(agent, now), "/articles"),
    )
    return [_section(heading, query, path) for heading, query, path in kinds]


class Postman:
    """Carries out `mail.digest` effects; without a mail server nothing is planned that it could."""

    def __init__(self, mailer: Mailer, base_url: str) -> None:
        self._mailer = mailer
        self._base_url = base_url

    def send(self, claim: EffectClaim) -> None:
        """Send one digest as things stand now. Raises RemoteError, LeaseLostError."""
        with database.reading():
            digest = db.session.get_one(Digest, claim.payload["digest_id"])
            agent, sent = digest.agent, digest.sent_at is not None
            sections = [each for each in sections_for(agent, database.now()) if each.count]
            wanted = agent.active and not sent and bool(sections)
            to, subject, text = agent.email, _subject(sections), written(agent, sections, self._base_url)
            name = f"digest-{digest.week}-{digest.agent_id}"
        if wanted:
            # Held anew, so that nobody else sends it; the database is let go of while the mail is on its way.
            claim.hold()
            db.session.commit()
            self._mailer.send(to, subject, text, message_id=name)
        claim.finish()
        if wanted:
            db.session.get_one(Digest, claim.payload["digest_id"]).sent_at = database.now()
        db.session.commit()


def written(agent: Agent, sections: list[Section], base_url: str) -> str:
    """Return the text of a mail: counts for everything, at most ten titles in all, a link for each kind."""
    lines = [f"Hello {agent.name},", "", "this waits for you in the knowledge base:"]
    left = MOST_ITEMS
    for section in sections:
        lines += ["", f"{section.heading}: {section.count}"]
        named = section.titles[:left]
        left -= len(named)
        lines += [f"- {title}" for title in named]
        if section.count > len(named):
            lines.append(f"- and {section.count - len(named)} more" if named else "- see the list")
        lines.append(f"  {base_url}{section.path}")
    lines += ["", "You get this at most once a week, and only when something waits."]
    return "\n".join(lines) + "\n"


def _subject(sections: list[Section]) -> str:
    count = sum(section.count for section in sections)
    return f"{count} {'thing waits' if count == 1 else 'things wait'} for you in the knowledge base"


def _section(heading: str, query: Select[Article], path: str) -> Section:
    found = query.join(Version, Version.id == Article.current_version_id)
    found = found.options(contains_eager(Article.current_version))
    rows = db.session.execute(found.order_by(Article.id).limit(MOST_ITEMS)).scalars()
    count = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return Section(heading, count, [f"{article.title} ({article.key})" for article in rows], path)


def _changes(agent: Agent, now: datetime) -> Select[Article]:
    """What somebody else wrote in the last week in articles this person watches."""
    newest = aliased(Version)
    return (
        select(Article)
        .join(Subscription, Subscription.article_id == Article.id)
        .join(newest, newest.id == Article.current_version_id)
        .where(
            Subscription.agent_id == agent.id,
            readable_by(agent),
            newest.created_at > now - WEEK,
            newest.created_at > Subscription.created_at,
            newest.author_id.is_distinct_from(agent.id),
        )
    )
