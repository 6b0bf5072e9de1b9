"""The weights in use: the defaults, or what `kcs search tune` learnt from the organisation's own links."""

from __future__ import annotations

from sqlalchemy import select

from kcs.database import db, once
from kcs.search.engine.weights import Weights
from kcs.search.models import SearchWeights


def current_weights() -> Weights:
    """Return the weights the ranking uses now."""
    return once("search weights", _load)


def _load() -> Weights:
    row = db.session.execute(select(SearchWeights).order_by(SearchWeights.id.desc()).limit(1)).scalar()
    if row is None:
        return Weights()
    # A weight that is no more is passed over, one that is new has its default.
    return Weights(**{name: value for name, value in row.values.items() if name in Weights.names()})
