"""The part of taking over that runs by itself: a few pages at a time, for whoever began it on a page."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select

from kcs import database
from kcs.adopting.models import Adoption
from kcs.adopting.services import Adopter
from kcs.database import db
from kcs.errors import ConfigError, RemoteError
from kcs.ports import HelpCentre
from kcs.publishing.models import Target
from kcs.text import clean_line

SECONDS = 20.0
LONGEST_REASON = 500


def go_on(help_centre_of: Callable[[Target], HelpCentre]) -> int:
    """Take pages over for a while; return how many. A help centre that is away is tried next time."""
    until, pages = time.monotonic() + SECONDS, 0
    with database.reading():
        query = select(Adoption.id).where(Adoption.in_background, Adoption.finished_at.is_(None))
        waiting = list(db.session.execute(query.order_by(Adoption.id)).scalars())
    for adoption_id in waiting:
        pages += _some_pages(adoption_id, help_centre_of, until)
    return pages


def _some_pages(adoption_id: int, help_centre_of: Callable[[Target], HelpCentre], until: float) -> int:
    pages = 0
    try:
        with database.reading():
            adopter = Adopter(adoption_id, help_centre_of(db.session.get_one(Adoption, adoption_id).target))
        while time.monotonic() < until:
            pages += 1
            if adopter.next_page():
                break
    except (RemoteError, ConfigError) as error:
        db.session.rollback()
        db.session.get_one(Adoption, adoption_id).problem = clean_line(
            str(error.message), limit=LONGEST_REASON
        )
        db.session.commit()
    return pages
