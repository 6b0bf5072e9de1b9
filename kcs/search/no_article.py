"""How likely it is that no article answers: one probability, from what a ranking says about itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kcs.search.engine.ranking import Facts

# Learnt on questions to six bases of very different texts in three languages, each asked once more with its
# article left out, and on questions nobody there could answer. Learnt without those last, it catches as many
# of them, so it is no knowledge of one base.
INTERCEPT = 5.0
WEIGHTS = {"strength": -1.74, "margin": -0.9, "covered": -1.3, "unknown": 0.7, "agreed": -0.8}
# Above this the panel leads with "draft" unless KCS_NO_ARTICLE_ABOVE says otherwise.
LIKELY = 0.5


@dataclass(frozen=True)
class Signs:
    """The facts as the formula takes them: none grows with the base or with the text."""

    strength: float
    margin: float
    covered: float
    unknown: float
    agreed: float
    cosine: float


def signs(facts: Facts) -> Signs:
    """Return the signs in a ranking's facts."""
    return Signs(
        strength=math.log1p(max(0.0, facts.best)),
        margin=facts.margin,
        covered=facts.covered,
        unknown=facts.unknown,
        agreed=facts.agreed,
        cosine=facts.cosine or 0.0,
    )


# With a model: how near its nearest article is says more than any word.
MODEL_INTERCEPT = 8.0
MODEL_WEIGHTS = {"strength": -0.8, "covered": -0.6, "unknown": 0.3, "agreed": -0.4, "cosine": -10.0}


def no_article(facts: Facts) -> float:
    """Return the probability, 0 to 1, that none of the articles answers; 1 when nothing was found."""
    if facts.best <= 0:
        return 1.0
    seen = signs(facts)
    known = facts.cosine is not None
    start, weights = (MODEL_INTERCEPT, MODEL_WEIGHTS) if known else (INTERCEPT, WEIGHTS)
    sum_ = start + sum(weight * getattr(seen, name) for name, weight in weights.items())
    return round(1 / (1 + math.exp(-max(-60.0, min(60.0, sum_)))), 4)
