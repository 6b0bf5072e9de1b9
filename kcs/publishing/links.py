"""Links between our articles within one help centre: remembered, and renewed when one leads elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from sqlalchemy import delete, select

from kcs.articles.layout import shown_parts
from kcs.articles.models import Article, Version
from kcs.articles.queries import readable_by_visitors
from kcs.articles.rendering import keys_led_to
from kcs.articles.translations import group_of, root_of
from kcs.database import db
from kcs.publishing.groups import ids_leading_to
from kcs.publishing.models import Publication, PublicationLink, PublicationState
from workflow.article import Audience

BUILT_IN = "/help/articles/"


def linked_articles(version: Version, audience: Audience) -> dict[str, Article]:
    """Return the articles a text names in links, by key: also those its readers may not read (yet)."""
    keys = {key for part in shown_parts(version, audience) for key in keys_led_to(part.text)}
    if not keys:
        return {}
    found = db.session.execute(select(Article).where(Article.key.in_(keys))).scalars()
    return {article.key: article for article in found}


def address_for(article: Article, target_id: int, locale: str) -> str:
    """Return where readers of a target find an article: there, else the path in the built-in help centre.

    Empty for one that is not for everybody: then its title stands as words alone.
    """
    final = article.merged_into or article
    if not _is_public(final):
        return ""
    members = [member.id for member in group_of(root_of(final))]
    urls = db.session.execute(
        select(Publication.article_id, Publication.url)
        .join(Article, Article.id == Publication.article_id)
        .where(
            Publication.article_id.in_(members),
            Publication.target_id == target_id,
            Publication.locale == locale,
            Publication.state == PublicationState.LIVE,
            Publication.url.like("http%"),
            readable_by_visitors(),
        )
    ).all()
    own_first = sorted(urls, key=lambda row: row.article_id != final.id)
    return own_first[0].url if own_first else path_of(article.key)


def web_address(url: str) -> str | None:
    """Return an address that a help centre names when it is one of the web: people are led there."""
    return url if url.startswith(("https://", "http://")) else None


def path_of(key: str) -> str:
    """Return an article's path in the built-in help centre."""
    return BUILT_IN + quote(key, safe="")


def remember_links(publication_id: int, addresses: dict[int, str]) -> None:
    """Note which articles a text just written links to, and the addresses it was given."""
    db.session.execute(delete(PublicationLink).where(PublicationLink.publication_id == publication_id))
    db.session.add_all(
        PublicationLink(publication_id=publication_id, article_id=article_id, address=address)
        for article_id, address in addresses.items()
    )


def outdated_links(article: Article) -> Iterable[Publication]:
    """Return the live publications whose links to this article lead elsewhere by now."""
    rows = db.session.execute(
        select(PublicationLink, Publication)
        .join(Publication, Publication.id == PublicationLink.publication_id)
        .where(
            PublicationLink.article_id.in_(ids_leading_to(article)),
            Publication.state == PublicationState.LIVE,
        )
    ).all()
    for link, publication in rows:
        linked = db.session.get_one(Article, link.article_id)
        if address_for(linked, publication.target_id, publication.locale) != link.address:
            yield publication


def _is_public(article: Article) -> bool:
    query = select(Article.id).where(Article.id == article.id, readable_by_visitors())
    return db.session.execute(query).first() is not None
