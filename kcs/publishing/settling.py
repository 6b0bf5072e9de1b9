"""Deciding about a drift: the help centre is asked once more before."""

from __future__ import annotations

from kcs.articles import rights
from kcs.errors import InvalidInput
from kcs.people.models import Agent
from kcs.publishing import deciding, queries
from kcs.publishing.looking import Lookout
from kcs.publishing.models import Decision, Drift
from kcs.sentences import Sentence

LOOKOUT = "kcs.lookout"


def settle(
    drift: Drift, decision: Decision | None, *, by: Agent, lookout: Lookout, seen: str, base: int | None
) -> Drift:
    """Read the text there once more, then decide about it. Raises as deciding does, and InvalidInput."""
    if decision is None:
        raise InvalidInput(
            "Say what is to be done.", errors={"decision": [Sentence("choose one of those offered")]}
        )
    rights.require(by, drift.publication.article, deciding.NEEDS[decision])
    drift_id = drift.id
    lookout.refresh(drift)
    return deciding.decide(queries.get_drift(drift_id, by), decision, by=by, seen=seen, base=base)
