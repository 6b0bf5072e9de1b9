"""The privacy gate: no customer's personal data reaches a text that is about to go outside."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import select

from kcs.articles.layout import readable_parts
from kcs.articles.models import Article
from kcs.database import db
from kcs.errors import InvalidInput
from kcs.markup import to_text
from kcs.solving.models import Link
from kcs.solving.privacy import find_contacts, find_known
from kcs.tickets.models import Requester, Ticket
from workflow.article import Audience

TICKETS_LOOKED_AT = 200


class PrivacyGate:
    """Refuses a text with personal data; `own_contacts` are the organisation's own, fit for the public."""

    def __init__(self, own_contacts: Collection[str]) -> None:
        self._own = {_plain(contact) for contact in own_contacts} - {""}

    def check(self, article: Article) -> None:
        """Raise InvalidInput naming each e-mail, phone and known value of linked tickets' requesters."""
        requesters = _requesters(article)
        errors = {
            name: found
            for name, text in _public_texts(article).items()
            if (found := self._found(text, requesters))
        }
        if errors:
            named = "; ".join(value for values in errors.values() for value in values)
            raise InvalidInput(
                f"{article.key} holds personal data: {named}. Take it out before publishing; "
                "contacts of your own organisation belong into KCS_PUBLIC_CONTACTS.",
                errors=errors,
            )

    def _found(self, text: str, requesters: list[Requester]) -> list[str]:
        contacts = [f for f in find_contacts(text) if not self._is_own(text[f.start : f.end])]
        known = [finding for requester in requesters for finding in find_known(text, requester)]
        return sorted({f"{f.kind} '{text[f.start : f.end]}'" for f in contacts + known})

    def _is_own(self, value: str) -> bool:
        if "@" in value:
            address = value.strip().lower()
            return address in self._own or address.partition("@")[2] in self._own
        return _digits(value) in self._own


def _public_texts(article: Article) -> dict[str, str]:
    """Return everything readers would get: each part as written and, without its markup, as shown."""
    version = article.current_version
    parts = {
        name: f"{text}\n{to_text(text)}" for name, text in readable_parts(version, Audience.PARTNER).items()
    }
    return {"title": version.title, **parts, "tags": "\n".join(article.tags)}


def _plain(contact: str) -> str:
    """Compare addresses and domains without case, numbers without grouping."""
    contact = contact.strip().lower().removeprefix("@")
    return contact if re.search("[a-z]", contact) else _digits(contact)


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _requesters(article: Article) -> list[Requester]:
    query = (
        select(Requester)
        .join(Ticket, Ticket.requester_id == Requester.id)
        .join(Link, Link.ticket_id == Ticket.id)
        .where(Link.article_id == article.id)
        .distinct()
        .limit(TICKETS_LOOKED_AT)
    )
    return list(db.session.execute(query).scalars())
