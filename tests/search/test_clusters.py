"""Groups of texts by what they share."""

from __future__ import annotations

import json
import random
import tracemalloc
import zlib
from collections import Counter

import pytest

from kcs.search.clusters import Compared, Group, clusters
from tests.processes import DATA

EXPORT = (
    "The export of my report ends with a blank page",
    "Exporting reports gives me a blank page",
    "Blank page after the export of reports",
    "My report export shows only one blank page, Maria",
)
LOGIN = ("Cannot log in with my password", "Login refuses the password", "The password is refused at login")
ALONE = ("Do you ship to Norway?",)
TEXTS = [*enumerate((*EXPORT, *LOGIN, *ALONE), start=1)]


def test_texts_about_the_same_are_one_group_and_the_largest_comes_first() -> None:
    groups = clusters(TEXTS)
    assert [set(group.ids) for group in groups] == [{1, 2, 3, 4}, {5, 6, 7}]
    assert {"export", "blank", "page"} <= set(groups[0].words)
    assert {"password"} <= set(groups[1].words)


def test_a_word_is_told_as_it_is_written_with_the_texts_it_stands_in() -> None:
    shared = dict(zip(clusters(TEXTS)[0].words, clusters(TEXTS)[0].shared, strict=True))
    assert set(shared["blank"]) == {1, 2, 3, 4}
    assert not {"maria", "the", "my", "norway"} & set(shared)


def test_texts_are_told_apart_in_parts_that_are_not_close_the_largest_first() -> None:
    """A chain is one part: each of its texts is close to the next."""
    chain = ["red green blue", "green blue white", "blue white black", "white black brown"]
    other = ["quick fox jumps", "quick fox sleeps"]
    compared = Compared(enumerate([*chain, *other, "nothing like them", ""]))
    assert compared.apart(range(9)) == [(0, 1, 2, 3), (4, 5), (6,), (7,)]
    assert compared.apart([5, 0]) == [(0,), (5,)]
    assert compared.apart([3, 0, 1]) == [(0, 1), (3,)]


def test_of_whole_texts_words_of_their_own_tell_them_apart() -> None:
    texts = [(1, "set country billing account"), (2, "set popup browser address"), (3, "other")]
    assert [group.ids for group in Compared(texts).groups()] == [(1, 2)]
    assert Compared(texts, whole=True).groups() == []
    same = [(1, "set country billing account"), (2, "set country billing again"), (3, "other")]
    assert [group.ids for group in Compared(same, whole=True).groups()] == [(1, 2)]


def test_hidden_words_neither_group_nor_label() -> None:
    texts = [(1, "Quantum Maria wants thing"), (2, "Maria Quantum asks other")]
    assert [group.ids for group in clusters(texts)] == [(1, 2)]
    names = frozenset({"maria", "quantum"})
    assert clusters(texts, hidden={1: names, 2: names}) == []


@pytest.mark.parametrize("texts", [[], [(1, "")], [(1, "alone here")], [(1, ""), (2, "")]])
def test_what_shares_nothing_makes_no_group(texts: list[tuple[int, str]]) -> None:
    assert clusters(texts) == []


def test_no_chain_of_neighbours_drifts_away() -> None:
    """Each text shares half of its words with the next, the first and the last none."""
    words = [f"topic{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    texts = [(number, " ".join(words[number : number + 4])) for number in range(23)]
    assert max(len(group.ids) for group in clusters(texts)) <= 7


def test_the_order_of_the_texts_decides_nothing_but_ties() -> None:
    assert clusters(TEXTS) == clusters(list(TEXTS))
    assert [set(group.ids) for group in clusters(TEXTS[::-1])] == [
        set(group.ids) for group in clusters(TEXTS)
    ]


def test_groups_of_real_questions_ask_the_same() -> None:
    folder = DATA / "stackfaq_articles" / "dev"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there: set KCS_TEST_DATA to a folder with the data sets")
    asked = [json.loads(line) for line in (folder / "queries.jsonl").read_text("utf-8").splitlines()]
    about = dict(line.split("\t")[:2] for line in (folder / "qrels.tsv").read_text("utf-8").splitlines())
    groups = clusters((number, row["title"]) for number, row in enumerate(asked))
    grouped = sum(len(group.ids) for group in groups)
    same = sum(_largest(group, [about[row["id"]] for row in asked]) for group in groups)
    assert grouped > 0.9 * len(asked)
    assert same > 0.88 * grouped


def _largest(group: Group, about: list[str]) -> int:
    return Counter(about[number] for number in group.ids).most_common(1)[0][1]


def test_ten_thousand_texts_stay_far_below_all_pairs() -> None:
    chance = random.Random(2)
    words = [f"word{number}" for number in range(3000)]
    texts = [(number, " ".join(chance.choices(words, k=12))) for number in range(3000)]
    assert len(clusters(texts)) < 1500


def drawn(texts: int, words: int) -> list[tuple[int, str]]:
    """Texts of words drawn as in real ones, a few often; every third is most of the one before it."""
    chance = random.Random(11)
    made: list[tuple[int, str]] = []
    for number in range(texts):
        said = [f"word{int(1500 ** chance.random())}" for _ in range(words)]
        if number % 3 == 2:
            said[: words * 3 // 4] = made[-1][1].split()[: words * 3 // 4]
        made.append((number, " ".join(said)))
    return made


# whole; groups of these texts, how many are in one, and a checksum of all that is told of them
@pytest.mark.parametrize(
    ("whole", "groups", "grouped", "all_of_it"), [(False, 200, 400, 1011053585), (True, 200, 400, 3926111092)]
)
def test_the_same_texts_give_the_same_groups_for_ever(
    whole: bool, groups: int, grouped: int, all_of_it: int
) -> None:
    compared = Compared(drawn(600, 60), hidden={0: frozenset({"word1", "word9"})}, whole=whole)
    found = compared.groups()
    told = repr([(each.ids, each.words, each.shared, compared.apart(each.ids, 0.6)) for each in found])
    assert (len(found), sum(len(each.ids) for each in found), zlib.crc32(told.encode())) == (
        groups,
        grouped,
        all_of_it,
    )
    assert compared.ids() == [each.ids for each in found]


def test_what_is_kept_of_a_long_text_is_small() -> None:
    texts = drawn(500, 400)
    Compared(texts)  # what is loaded and remembered once
    tracemalloc.start()
    compared = Compared(texts, whole=True)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(compared.ids()) > 100
    assert kept / len(texts) < 4_000
