"""The pictures of articles that are taken over: fetched while nothing is locked, kept with the article."""

from __future__ import annotations

from urllib.parse import urljoin

import structlog

from kcs.articles.images import import_image
from kcs.database import db
from kcs.errors import InvalidInput, RemoteError
from kcs.markup import IMAGE_LINK
from kcs.ports import HelpCentre

log = structlog.get_logger()

# Stands in the text for a picture until that is kept: its name is made of its bytes.
_WAITING = "waiting-picture-"


class Pictures:
    """The pictures of one text, which stands at `base`."""

    def __init__(self, help_centre: HelpCentre, *, base: str) -> None:
        self._help_centre = help_centre
        self._base = base
        self._fetched: list[tuple[str, str, bytes]] = []

    def fetch(self, address: str) -> str | None:
        """Fetch a picture of this help centre; return what stands for it, None for one we cannot have."""
        whole = urljoin(self._base, address)
        try:
            content = self._help_centre.read_image(whole)
        except RemoteError as error:
            # The text is worth more than its picture, which stays where it is, as a link.
            log.warning("picture_not_fetched", reason=str(error.message))
            return None
        if content is None:
            return None
        stand_in = f"{_WAITING}{len(self._fetched)}-"
        self._fetched.append((stand_in, whole, content))
        return stand_in

    def placed(self, markdown: str) -> str:
        """Keep what was fetched, in the present transaction; return the text that shows it."""
        for stand_in, address, content in self._fetched:
            markdown = markdown.replace(f"]({stand_in})", f"]({_kept(content) or address})")
        return markdown


def _kept(content: bytes) -> str | None:
    """Return where the picture stands here, None for one that is no picture, or too large."""
    try:
        with db.session.begin_nested():
            return IMAGE_LINK + import_image(content).name
    except InvalidInput as error:
        log.warning("picture_not_kept", reason=str(error.message))
        return None
