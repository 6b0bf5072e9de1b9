"""What looking for duplicates costs: `python -m benchmarks.duplicates [--articles 100000]`.

Articles are made of words drawn as words are in real texts (a few very often, most seldom); two in five end
with the same form of 60 words, two in a hundred are an edited copy of another. Told are seconds of processor
time on one core, the most memory beyond the start, and how many of the copies were found.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator

import numpy as np

from kcs.search.duplicates import near_duplicates

WORDS = 60_000
LENGTHS = (40, 400)
FORM_WORDS = 60
COPY_EVERY = 50
KEPT = 0.95  # of the words of a copy; the others are replaced

Text = tuple[int, str, str]


def made_texts(count: int) -> Iterator[Text]:
    """Return `count` articles by id from 0, some of them a copy of the one before."""
    random = np.random.default_rng(7)
    form = " ".join(_words(random, FORM_WORDS))
    words: list[str] = []
    for number in range(count):
        if is_copy(number):
            other = _words(random, len(words))
            kept = random.random(len(words)) < KEPT
            words = [mine if keep else new for mine, keep, new in zip(words, kept, other, strict=True)]
        else:
            words = _words(random, int(random.integers(*LENGTHS)))
        body = " ".join(words) + (f"\n\n{form}" if number % 5 < 2 else "")
        yield number, " ".join(_words(random, 7)), body


def is_copy(number: int) -> bool:
    """Return whether this article is a copy of the one before it."""
    return number % COPY_EVERY == COPY_EVERY - 1


def _words(random: np.random.Generator, count: int) -> list[str]:
    ranks = np.exp(random.random(count) * np.log(WORDS)).astype(int)
    return [f"w{rank}" for rank in ranks.tolist()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=100_000)
    count: int = parser.parse_args().articles
    begun = time.process_time()
    for _ in made_texts(count):
        pass
    making = time.process_time() - begun
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    pairs = list(near_duplicates(made_texts(count)))
    seconds = time.process_time() - begun - making
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    copies = {(number - 1, number) for number in range(count) if is_copy(number)}
    found = copies & {(pair.first, pair.second) for pair in pairs}
    print(f"{count} articles: {seconds:.0f} s of processor time, {memory:.0f} MB beyond the start")
    print(f"{len(found)} of {len(copies)} copies found, {len(pairs) - len(found)} other pairs")


if __name__ == "__main__":
    main()
