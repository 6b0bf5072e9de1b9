"""Mentions sorted piece by piece come out in order, counted, however many are merged at a time."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.search.engine import runs
from kcs.search.engine.postings import MOST
from kcs.search.engine.runs import PLACE_BITS, Runs

# Of each text its terms: a text is in one run alone, as each is put once.
TEXTS = st.lists(st.lists(st.integers(1, 6), max_size=8), max_size=6)


def mentions_of(texts: list[list[int]]) -> list[list[int]]:
    """Return the mentions of each text, as numbers."""
    return [[term << PLACE_BITS | place for term in terms] for place, terms in enumerate(texts)]


@pytest.mark.parametrize("at_a_time", [1, 4, 1000])
@settings(deadline=None, max_examples=40)
@given(texts=TEXTS, together=st.integers(1, 3))
def test_runs_merge_into_distinct_mentions_with_their_counts(
    at_a_time: int, texts: list[list[int]], together: int
) -> None:
    held = mentions_of(texts)
    sizes = np.zeros(7, np.int64)
    with pytest.MonkeyPatch.context() as patched, closing(Runs(None)) as kept:
        patched.setattr(runs, "MERGED", at_a_time)
        for start in range(0, len(held), together):
            some = [each for mentions in held[start : start + together] for each in mentions]
            sizes += np.bincount(kept.add(np.array(some, np.int64)), minlength=7)
        parts = [(keys.tolist(), counts.tolist()) for keys, counts in kept.merged(sizes)]
    merged = [pair for keys, counts in parts for pair in zip(keys, counts, strict=True)]
    assert merged == sorted(Counter(each for mentions in held for each in mentions).items())
    terms = [{key >> PLACE_BITS for key in keys} for keys, _ in parts]
    assert not any(one & other for one, other in pairwise(terms)), "a term was given out in two parts"


def test_counts_end_where_a_posting_can_hold_no_more() -> None:
    with closing(Runs(None)) as kept:
        kept.add(np.full(1000, 1 << PLACE_BITS, np.int64))
        ((_, counts),) = kept.merged(np.array([0, 1]))
    assert counts.tolist() == [MOST]
