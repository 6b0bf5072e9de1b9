"""The index's rows: whatever is put and taken leaves what a build of the rest would have made."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcs.search.engine.postings import BLOCK, changed, pack, unpack
from kcs.search.engine.store import Kind, View
from kcs.search.engine.vocabulary import Vocabulary
from kcs.search.engine.writing import Writer
from kcs.search.entries import Entry
from tests.search.engine.views import built, empty_view, entry, ranked

COUNTS = st.dictionaries(st.integers(0, BLOCK - 1), st.integers(1, 300), max_size=40)
WORDS = st.sampled_from(
    [
        "printer",
        "jams",
        "scanner",
        "paper",
        "tray",
        "offline",
        "0x80070005",
        "v2.3.1",
        "can't",
        "Ärger",
        "打印机",
        "the",
    ]
)
TEXT = st.lists(WORDS | st.just("\n"), max_size=12).map(" ".join)


def arrays(counts: dict[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return ids ascending, and their counts."""
    ids = sorted(counts)
    return np.array(ids, np.int64), np.array([counts[each] for each in ids], np.int64)


@given(COUNTS, st.integers(0, 9))
def test_a_block_reads_as_it_was_packed_with_counts_up_to_255(counts: dict[int, int], block: int) -> None:
    ids, numbers = unpack(block, pack(*arrays(counts)))
    assert dict(zip(ids.tolist(), numbers.tolist(), strict=True)) == {
        block * BLOCK + low: min(255, count) for low, count in counts.items()
    }


@given(COUNTS, COUNTS, st.sets(st.integers(0, BLOCK - 1), max_size=20))
def test_a_changed_block_has_lost_what_is_gone_and_holds_what_is_new(
    before: dict[int, int], new: dict[int, int], gone: set[int]
) -> None:
    # What is written anew is taken out first, as an edited article is.
    taken = np.array(sorted(gone | set(new)), np.int64)
    after = changed(pack(*arrays(before)), taken, *arrays(new))
    assert after == pack(*arrays({low: count for low, count in before.items() if low not in gone} | new))


def test_bytes_that_are_no_block_are_refused() -> None:
    with pytest.raises(ValueError, match="4 bytes are no postings"):
        unpack(0, b"four")


ENTRIES = st.builds(
    lambda number, title, body, tickets: entry(number, title, body, *tickets),
    st.integers(1, 6),
    TEXT,
    TEXT,
    st.lists(TEXT, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), ENTRIES), max_size=10))
def test_following_any_changes_gives_what_building_gives(steps: list[tuple[bool, Entry]]) -> None:
    view, vocabulary, now = empty_view(), Vocabulary(), dict[int, Entry]()
    for put, each in steps:
        writer = Writer(view, vocabulary)
        writer.erase(each.article_id)
        now.pop(each.article_id, None)
        if put:
            writer.put(each)
            now[each.article_id] = each
        writer.flush()
    fresh = built(now.values())
    assert shown(view) == shown(fresh)
    for words in ("printer jams", "the paper tray", "0x80070005 v2.3.1", "prnter"):
        assert ranked(view, words) == ranked(fresh, words)


def shown(view: View) -> dict[str, object]:
    """Return everything a search reads, by word and not by number: numbers come in the order of writing."""
    terms = dict(view.execute("SELECT id, term FROM {v}_terms"))
    totals = {name: value for name, value in view.totals().items() if value and name != "revision"}
    return {
        "postings": {
            (terms[key >> 20], key >> 16 & 15, key & 65535): content
            for key, content in view.execute("SELECT key, content FROM {v}_postings")
        },
        "used": set(view.execute("SELECT word, language, used FROM {v}_words WHERE used > 0")),
        "spread": set(view.execute("SELECT term, used FROM {v}_terms WHERE used > 0")),
        "texts": set(view.execute("SELECT key, article FROM {v}_texts")),
        # Words that were once there stay known, and are found nowhere.
        "totals": {name: value for name, value in totals.items() if not name.startswith("language")},
    }


@pytest.mark.parametrize("length", [0, 1, 140, 150, 5000], ids=lambda length: f"{length} words")
def test_texts_read_as_they_were_put_short_or_packed(length: int) -> None:
    view = built([entry(each, "Printer jams", "paper " * (length + each)) for each in (1, 2)])
    texts = view.texts(Kind.ARTICLE, [2, 3, 1])
    assert (texts.ids.tolist(), texts.articles.tolist()) == ([1, 2], [1, 2])
    for number, start in enumerate(texts.starts.tolist()):
        assert texts.flat[start : start + 4].tolist() == [4, 2, 0, length + number + 1]
    ((kind, identity, sections_of),) = view.texts_of(2)
    assert (kind, identity, len(sections_of[2])) == (Kind.ARTICLE, 2, length + 2)
