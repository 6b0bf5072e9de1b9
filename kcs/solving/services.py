"""The solve loop's acts: link, unlink, draft, discard, improve, exempt.

Each act checks, changes and records in the caller's transaction, and has one effect however often it is
repeated. The ticket's row is locked first; the state moves only by the table in `workflow.solve`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from kcs import database
from kcs.articles import rights
from kcs.articles import services as articles
from kcs.articles.domains import domain_for_tags, general_domain
from kcs.articles.flags import flag_article
from kcs.articles.layout import template_named
from kcs.articles.models import Article
from kcs.articles.queries import open_flags
from kcs.database import db
from kcs.errors import InvalidInput, NotAllowed, WorkflowError
from kcs.improving.demand import follow_demand
from kcs.people.models import Agent
from kcs.sentences import Sentence
from kcs.solving import drafting
from kcs.solving.linking import add_link, answer, confirm, remove_link
from kcs.solving.loop import Record, fire, lock, refuse_unless_possible, write
from kcs.solving.models import Exemption, ExemptionReason, Link, LinkRole, LinkSource
from kcs.solving.prepared import take_prepared
from kcs.solving.queries import count_links, created_link, present_exemption, present_link
from kcs.text import clean
from kcs.tickets.models import Ticket
from kcs.words import ARTICLE_IS
from workflow.article import Confidence, Move
from workflow.permissions import Right
from workflow.solve import Act, Facts, KnowledgeState

UNUSABLE = (Confidence.ARCHIVED, Confidence.DELETED)


def link_article(
    ticket: Ticket,
    article: Article,
    *,
    by: Agent,
    role: LinkRole = LinkRole.RESOLUTION,
    source: LinkSource = LinkSource.PANEL,
) -> Link:
    """Reuse: the article answered this ticket (or, as a reference, helped). Linking twice counts once.

    A reference that turns out to be the answer is linked anew with the other role. Linking one that was
    detected in a reply confirms it. Raises NotAllowed, WorkflowError.
    """
    grant = _grant(by, Right.LINK)
    lock(ticket)
    # Until the end of the transaction: an article that is merged or archived meanwhile gets no link more.
    articles.lock(article)
    if article.confidence in UNUSABLE:
        raise WorkflowError(
            "%(key)s is %(confidence)s: it cannot be linked any more.",
            key=article.key,
            confidence=ARTICLE_IS[article.confidence],
        )
    present = present_link(ticket, article)
    if present is not None:
        if present.role is role:
            confirm(present, by=by, authority=grant)
            return present
        unlink(present, by=by)
    link = add_link(ticket, article, by=by, role=role, source=source, instead_of=present)
    written = Record(grant, by, article_id=article.id, link_id=link.id, role=role)
    if role is LinkRole.REFERENCE:
        write(ticket, Act.LINK, ticket.knowledge_state, written)
        return link
    article.last_used_at = link.created_at
    answer(ticket, Act.LINK, written, came_from=KnowledgeState.REUSE)
    follow_demand(article)
    return link


def unlink(link: Link, *, by: Agent) -> None:
    """Take a link away; its row and the log stay. Again is no error. Raises NotAllowed, WorkflowError."""
    grant = _grant(by, Right.LINK)
    ticket = link.ticket
    lock(ticket)
    db.session.refresh(link)
    if link.removed_at is not None:
        return
    drafted_here = link.source is LinkSource.CREATED and ticket.knowledge_state is KnowledgeState.STRUCTURE
    if drafted_here and link.article.confidence is Confidence.WIP:
        raise WorkflowError("This article is being drafted from this ticket: discard the draft instead.")
    remove_link(link, by)
    written = Record(grant, by, article_id=link.article_id, link_id=link.id, role=link.role)
    if link.role is LinkRole.REFERENCE:
        write(ticket, Act.UNLINK, ticket.knowledge_state, written)
        return
    # A draft that has grown into an article stays; this ticket's part in it ends all the same.
    _take_away(ticket, Act.DISCARD if drafted_here else Act.UNLINK, written)


def draft_article(
    ticket: Ticket,
    *,
    by: Agent,
    title: str = "",
    parts: Mapping[str, str] | None = None,
    template: str | None = None,
    note: str = "created",
) -> Article:
    """Capture and structure: begin an article from this ticket; it is linked as the ticket's resolution.

    A ticket has at most one draft in the making: asking again returns it. The text is the one that was
    prepared at solving, or else the ticket's own; `title` and `parts` replace it. The domain is the one that
    takes the ticket's tags, the template the domain's own unless another is named; `note` is the first
    version's. Raises NotAllowed, WorkflowError, InvalidInput.
    """
    grant = _grant(by, Right.CREATE)
    lock(ticket)
    present = created_link(ticket)
    if present is not None and present.article.confidence is Confidence.WIP:
        return present.article
    refuse_unless_possible(ticket, Act.DRAFT)
    composed_title, composed = take_prepared(ticket) or drafting.compose(ticket, ticket.messages)
    domain = domain_for_tags(ticket.tags)
    chosen = template_named(template or (domain or general_domain()).template)
    article = articles.create_article(
        title or composed_title,
        {**drafting.fitted(composed, chosen), **(parts or {})},
        by=by,
        locale=drafting.locale_of(ticket),
        tags=tuple(drafting.tags_of(ticket)),
        template=chosen.key,
        domain_id=domain.id if domain else None,
        happened_in=ticket.id,
        note=note,
    )
    link = add_link(ticket, article, by=by, role=LinkRole.RESOLUTION, source=LinkSource.CREATED)
    written = Record(grant, by, article_id=article.id, link_id=link.id, role=LinkRole.RESOLUTION)
    answer(ticket, Act.DRAFT, written, came_from=KnowledgeState.STRUCTURE)
    return article


def discard_draft(ticket: Ticket, *, by: Agent) -> None:
    """Throw the ticket's work-in-progress draft away. Raises NotAllowed, WorkflowError."""
    grant = _grant(by, Right.CREATE)
    lock(ticket)
    link = created_link(ticket)
    if link is None:
        raise WorkflowError("No draft was made from this ticket.")
    if link.article.confidence is not Confidence.WIP:
        raise WorkflowError(
            "%(key)s has grown beyond a draft: unlink it, or archive it.", key=link.article.key
        )
    refuse_unless_possible(ticket, Act.DISCARD)
    remove_link(link, by)
    articles.move_article(link.article, Move.DELETE, by=by)
    written = Record(grant, by, article_id=link.article_id, link_id=link.id, role=link.role)
    _take_away(ticket, Act.DISCARD, written)


def confirm_in_ticket(ticket: Ticket, article: Article, *, by: Agent) -> None:
    """Say in a ticket that the article it uses is still right. Raises as confirming and linking do."""
    lock(ticket)
    if present_link(ticket, article) is None:
        raise WorkflowError("%(key)s is not linked to this ticket: link it first.", key=article.key)
    articles.confirm_article(article, by=by, happened_in=ticket.id)


def replace_draft(ticket: Ticket, article: Article, *, by: Agent) -> Link:
    """The draft turned out to be known already: throw it away and link `article` in its place.

    Again is no error. Raises NotAllowed, WorkflowError.
    """
    lock(ticket)
    draft, present = created_link(ticket), present_link(ticket, article)
    if draft is not None and draft.article_id == article.id:
        raise WorkflowError("%(key)s is this ticket's own draft: choose another article.", key=article.key)
    if present is None or draft is not None:
        discard_draft(ticket, by=by)
    return link_article(ticket, article, by=by)


def refuse_linked(article: Article) -> None:
    """Raise WorkflowError when a ticket rests on this article: a draft is discarded from its ticket."""
    query = select(Link.id).where(Link.article_id == article.id, Link.removed_at.is_(None)).limit(1)
    if db.session.execute(query).first():
        raise WorkflowError(
            "A ticket is linked to %(key)s: discard the draft there, or unlink it first.", key=article.key
        )


def flag_in_ticket(ticket: Ticket, article: Article, reason: str, *, by: Agent) -> None:
    """Improve: flag a linked article from within the ticket. Raises as linking and flagging do.

    The same flag again changes nothing.
    """
    grant = _grant_improving(ticket, article, by)
    known = {flag.id for flag in open_flags(article)}
    flag = flag_article(article, reason, by=by, ticket_id=ticket.id)
    if flag.id not in known or flag.ticket_id != ticket.id:
        fire(ticket, Act.IMPROVE, Facts(), Record(grant, by, article_id=article.id))


def fix_in_ticket(
    ticket: Ticket, article: Article, title: str, parts: Mapping[str, str], *, by: Agent, base: int
) -> None:
    """Improve: fix a linked article from within the ticket; rights and errors as for any edit.

    The same text again changes nothing.
    """
    grant = _grant_improving(ticket, article, by)
    before = article.current_version_id
    version = articles.save_version(
        article, title, parts, by=by, base=base, happened_in=ticket.id, note="fixed in a ticket"
    )
    if version.id != before:
        fire(ticket, Act.IMPROVE, Facts(), Record(grant, by, article_id=article.id))


def exempt(ticket: Ticket, reason: ExemptionReason, *, by: Agent, note: str = "") -> Exemption:
    """Say that this ticket needs no article, and why. Again with the same reason is one exemption.

    Raises NotAllowed, WorkflowError, InvalidInput (the reason 'other' needs words).
    """
    grant = _grant(by, Right.LINK)
    note = clean(note, limit=2000).strip()
    if reason is ExemptionReason.OTHER and not note:
        raise InvalidInput(
            "Say in a few words why no article is needed.", errors={"note": [Sentence("say why")]}
        )
    lock(ticket)
    present = present_exemption(ticket)
    if present is not None and (present.reason, present.note) == (reason, note):
        return present
    fire(ticket, Act.EXEMPT, Facts(), Record(grant, by, reason=reason.value))
    exemption = Exemption(
        ticket_id=ticket.id, reason=reason, note=note, agent_id=by.id, created_at=database.now()
    )
    db.session.add(exemption)
    db.session.flush()
    return exemption


def _take_away(ticket: Ticket, act: Act, written: Record) -> None:
    """Unlink or discard; a reopened ticket must not come back to a draft that is gone."""
    left = count_links(ticket)
    fire(ticket, act, Facts(links_left=left), written)
    if not left:
        ticket.came_from = None
    elif ticket.came_from is KnowledgeState.STRUCTURE and created_link(ticket) is None:
        ticket.came_from = KnowledgeState.REUSE


def _grant_improving(ticket: Ticket, article: Article, by: Agent) -> str:
    grant = _grant(by, Right.FLAG)
    lock(ticket)
    if present_link(ticket, article) is None:
        raise WorkflowError("%(key)s is not linked to this ticket: link it first.", key=article.key)
    refuse_unless_possible(ticket, Act.IMPROVE)
    return grant


def _grant(by: Agent, right: Right) -> str:
    grant = rights.grant_for(by, right)
    if grant is None:
        raise NotAllowed("You may not work on a ticket's knowledge: a licence is needed.")
    return grant
