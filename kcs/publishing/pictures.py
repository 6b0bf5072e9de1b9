"""Our pictures in a help centre: copied there once, or shown from here where none are kept there."""

from __future__ import annotations

from kcs import database
from kcs.articles.images import get_image
from kcs.errors import NotFound, RemoteError
from kcs.outbox.services import EffectClaim
from kcs.ports import Document, HelpCentre
from kcs.publishing import storing
from kcs.publishing.plan import Plan
from kcs.sentences import Sentence
from workflow.article import Audience

OWN_PICTURES = Sentence(
    "This help centre keeps no pictures, and ours are shown to everybody or to nobody: take them out of the "
    "text."
)


def keep(claim: EffectClaim, plan: Plan, centre: HelpCentre, name: str, remote_id: str | None) -> str:
    """Return where the help centre keeps a picture from now on, empty where it keeps none.

    Raises RemoteError, LeaseLostError.
    """
    with database.reading():
        try:
            image = get_image(name)
        except NotFound as error:
            raise RemoteError(
                f"The text shows a picture that is not here: {name}. Take it out of the text.",
                permanent=True,
            ) from error
        data, media_type = image.data, image.media_type
    url = centre.keep_image(name, data, media_type, remote_id=remote_id)
    if url:
        storing.keep_image(claim, plan.target_id, name, url)
    return url


def shown_here(document: Document, address: str) -> str:
    """Return where we show a picture: to everybody or to nobody. Raises RemoteError for other readers."""
    if document.audience is not Audience.PUBLIC:
        raise RemoteError(OWN_PICTURES, permanent=True)
    return address
