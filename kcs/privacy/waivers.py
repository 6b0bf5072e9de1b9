"""How a waived value is kept: as a digest, so that the list of waivers holds no personal data itself."""

from __future__ import annotations

import hashlib

from kcs.articles.models import Article
from kcs.privacy.finding import Kind
from kcs.privacy.places import canonical


def digest(article: Article, kind: Kind, value: str) -> str:
    """Return what stands for this value of this article: the same for any case, accents and punctuation."""
    return hashlib.sha256(f"{article.id}\n{kind}\n{canonical(value)}".encode()).hexdigest()
